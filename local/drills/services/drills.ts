import { MetricAlarm } from "../../../model/alarm";
import { clock } from "../clock";
import { Drill } from "../drill";
import { agentLost } from "./agents";
import { targetId } from "./cluster";
import { deploymentDrills } from "./deployments";
import { Play, Scene } from "./play";
import { ServicePlay } from "./servicePlay";
import { serviceDrill, Watch } from "./watch";

/** Loads of a service as its scaling alarms see them: each is always the same. */
function loadOf({ alarmsOfScaling: scaling }: ServicePlay) {
  const names = scaling.map((alarm) => alarm.AlarmName);
  const above = scaling.filter((alarm) => alarm.ComparisonOperator?.startsWith("Greater"));
  const below = scaling.filter((alarm) => alarm.ComparisonOperator?.startsWith("Less"));
  const [high, low] = [
    Math.max(...above.map((alarm) => alarm.Threshold ?? 0)),
    Math.min(...below.map((alarm) => alarm.Threshold ?? 0)),
  ];
  const seen = (value: number) => (alarm: MetricAlarm) => (names.includes(alarm.AlarmName) ? value : undefined);
  return { high: seen(high + 5), usual: seen((high + low) / 2), low: seen(low / 2) };
}

const scaledUp = async (play: Play, one: ServicePlay, scene: Scene) => {
  const { high, usual } = loadOf(one);
  const before = one.state.desiredCount;
  await play.until(() => one.state.desiredCount > before, { ...scene, statistic: high });
  await play.untilSettled({ ...scene, statistic: usual });
};

/** Nobody needs what is above the minimum. */
const scaledDown = async (play: Play, one: ServicePlay, scene: Scene) => {
  const { low, usual } = loadOf(one);
  await play.until(() => one.state.desiredCount <= (one.bounds.MinCapacity ?? 0), { ...scene, statistic: low });
  await play.untilSettled({ ...scene, statistic: usual });
};

const before = (watch: Watch) => (name: string) => watch.start.get(name)?.length ?? 0;

/** The drills of services on ECS. */
export const serviceDrills: readonly Drill[] = [
  serviceDrill(
    "service-task-lost",
    "A task ends. The drill plays the balancer and ECS in virtual time, by the deployed resources' own numbers.",
    async (context, cluster, watch) => {
      const play = await Play.of(cluster);
      const [one] = play.services as [ServicePlay];
      const [task] = watch.start.get(one.name) ?? [];
      if (task === undefined) {
        context.expect("there is a task to lose", false);
        return;
      }
      await context.inject(`a task of ${one.name} on ${task.ec2InstanceId} exits`);
      await cluster.exit(task.arn);
      await cluster.deregister(one.service, [targetId(task)]);
      one.lose(task);
      await play.untilSettled(watch.scene);
      watch.expectAtLeast((name) => before(watch)(name) - (name === one.name ? 1 : 0), "all but the lost one");
      await watch.expectRestored();
      const isBack = watch.last.get(one.name)?.some((other) => other.arn === task.arn);
      context.expect("the lost one is replaced", isBack === false);
    },
  ),
  serviceDrill(
    "service-zone-lost",
    "All hosts of a zone are lost, and the zone comes back. The drill plays Auto Scaling, ECS and the balancers in virtual time, by the deployed resources' own numbers.",
    async (context, cluster, watch) => {
      const play = await Play.of(cluster);
      const hosts = await cluster.hosts();
      const zone = fullest(hosts.map((host) => host.availabilityZone));
      const lost = hosts.filter((host) => host.availabilityZone === zone);
      const inZone = (name: string) => watch.start.get(name)?.filter((t) => t.availabilityZone === zone).length ?? 0;
      await context.inject(`${zone} is lost, with ${lost.length} of ${hosts.length} hosts`);
      const ids = lost.map((host) => host.ec2InstanceId);
      const all = <T extends string>(value: T) => Object.fromEntries(ids.map((id) => [id, value]));
      await context.change({
        world: { agents: all("disconnected"), systemChecks: all("impaired"), targetHealth: all("unhealthy") },
      });
      const restored = { at: 0, obstacles: 0 };
      const scene: Scene = {
        ...watch.scene,
        lostZones: [zone],
        watch: (serving, at) => {
          watch.scene.watch(serving, at);
          if (
            restored.at === 0 &&
            at > 0 &&
            [...serving].every(([name, tasks]) => tasks.length >= before(watch)(name))
          ) {
            Object.assign(restored, { at, obstacles: play.obstacles.length });
          }
        },
      };
      await play.untilSettled(scene);
      context.note(`${clock(restored.at)}: every service has as many tasks in the other zones as it had in all`);
      watch.expectAtLeast((name) => before(watch)(name) - inZone(name), "all that were not in the lost zone");
      context.expect(
        "the hosts that are left have room for every task at once",
        restored.at > 0 && restored.obstacles === 0,
        play.obstacles[0] ?? "some never ran again",
      );
      const meanwhile = [...watch.last].every(
        ([name, tasks]) => tasks.length >= before(watch)(name) && tasks.every((t) => t.availabilityZone !== zone),
      );
      context.expect(`every service has its minimum outside ${zone}`, meanwhile);
      context.note(`${zone} is back`);
      await play.untilSettled(watch.scene);
      await watch.expectRestored();
      await watch.expectRoomWithoutAnyZone();
    },
  ),
  serviceDrill(
    "service-cpu-high",
    "The load is above what a service's policies bear. The drill says what the metric is, and plays alarms, policies and ECS in virtual time.",
    async (context, cluster, watch) => {
      const play = await Play.of(cluster);
      const [one] = play.services as [ServicePlay];
      await context.inject(`the load of ${one.name} rises above the threshold`);
      await scaledUp(play, one, watch.scene);
      const serving = watch.last.get(one.name)?.length ?? 0;
      context.note(`${clock(play.elapsed)}: ${serving} tasks of ${one.name} carry the load`);
      context.expect("more tasks serve", serving > before(watch)(one.name), serving);
      context.expect("as many as are desired", serving === one.state.desiredCount, one.state.desiredCount);
      watch.expectAtLeast(before(watch), "none of them is taken away");
      await watch.expectSpread((name) => (name === one.name ? serving : before(watch)(name)), "under load");
      await scaledDown(play, one, {});
    },
  ),
  serviceDrill(
    "service-cpu-low",
    "A service that has scaled out has nothing to do. The drill says what the metric is, and plays alarms, policies and ECS in virtual time.",
    async (context, cluster, watch) => {
      const play = await Play.of(cluster);
      const [one] = play.services as [ServicePlay];
      await scaledUp(play, one, {});
      await context.inject(`the load of ${one.name} falls below the threshold`);
      await scaledDown(play, one, watch.scene);
      const least = one.bounds.MinCapacity ?? 0;
      const serving = watch.last.get(one.name)?.length ?? 0;
      context.expect(`${least} tasks of ${one.name} serve, its minimum`, serving === least, serving);
      watch.expectAtLeast((name) => (name === one.name ? least : before(watch)(name)), "the minimum");
      await watch.expectRestored();
    },
  ),
  ...deploymentDrills,
  agentLost,
];

function fullest(zones: readonly string[]): string {
  const count = (zone: string) => zones.filter((one) => one === zone).length;
  return [...zones].sort((a, b) => count(b) - count(a))[0] ?? "";
}
