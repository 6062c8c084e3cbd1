import { MetricAlarm } from "../../../model/alarm";
import { clock } from "../clock";
import { Drill, DrillContext } from "../drill";
import { bastionDrills } from "./bastion";
import { Play, Scene } from "./play";
import { Serving, Tier } from "./tier";
import { versionDrills } from "./versions";
import { webDrill } from "./watch";

/** The alarms of the tier's scaling policies, and loads as these see them: each is always the same. */
async function loadOf(tier: Tier) {
  const { alarms = [], policies = [] } = await tier.described();
  const names = policies.flatMap((policy) => policy.Alarms ?? []).map((alarm) => alarm.AlarmName);
  const scaling = alarms.filter((alarm) => names.includes(alarm.AlarmName));
  const above = scaling.filter((a) => a.ComparisonOperator?.startsWith("Greater"));
  const below = scaling.filter((a) => a.ComparisonOperator?.startsWith("Less"));
  const [high, low] = [
    Math.max(...above.map((a) => a.Threshold ?? 0)),
    Math.min(...below.map((a) => a.Threshold ?? 0)),
  ];
  const seen = (value: number) => (alarm: MetricAlarm) => (names.includes(alarm.AlarmName) ? value : undefined);
  // Well below: target tracking would keep four instances for what three could just bear.
  return { high: seen(high + 5), usual: seen((high + low) / 2), low: seen(low / 2), above };
}

/** Expects that people have been told of an alarm, if telling them is among its actions. */
async function expectTold(context: DrillContext, tier: Tier, [alarm]: readonly MetricAlarm[]): Promise<void> {
  const deployed = (await tier.alarms()).find((one) => one.AlarmName === alarm?.AlarmName);
  if (deployed?.AlarmActions?.some((action) => action.includes(":sns:"))) {
    const name = deployed.AlarmName ?? "";
    const told = (await context.messages()).filter((m) => `${m.subject} ${m.body}`.includes(name));
    context.expect(`people are told of ${name}`, told.length > 0, "nothing");
  }
}

const scaledUp = async (play: Play, tier: Tier, scene: Scene) => {
  const { high, usual } = await loadOf(tier);
  const before = play.desired;
  await play.untilDesired((desired) => desired > before, { ...scene, statistic: high });
  await play.untilSettled({ ...scene, statistic: usual });
};

/** Nobody needs what is above the minimum. */
const scaledDown = async (play: Play, tier: Tier, scene: Scene) => {
  const { low, usual } = await loadOf(tier);
  const { MinSize = 0 } = await tier.describedGroup();
  await play.untilDesired((desired) => desired <= MinSize, { ...scene, statistic: low });
  await play.untilSettled({ ...scene, statistic: usual });
};

/** The drills of web tiers. */
export const webDrills: readonly Drill[] = [
  webDrill(
    "web-instance-lost",
    "An instance fails. The drill plays the balancer and Auto Scaling in virtual time, by the deployed resources' own numbers.",
    async (context, tier, watch) => {
      const [lost] = watch.start as [Serving];
      const play = await Play.of(tier);
      await context.inject(`${lost.id} in ${lost.availabilityZone} fails`);
      await tier.fail(lost.id);
      await play.untilSettled({ ...watch.scene, notRunning: [lost.id] });
      context.note(`${clock(play.elapsed)}: all is as it was`);
      watch.expectAtLeast(tier.required, "which is what the load needs");
      watch.expectAtLeast(watch.start.length - 1, "all but the lost one");
      watch.expectRestored();
      context.expect("the lost one is replaced", !watch.last.some((s) => s.id === lost.id));
    },
  ),
  webDrill(
    "web-zone-lost",
    "A zone is lost, and comes back. The drill plays the balancer and Auto Scaling in virtual time, by the deployed resources' own numbers.",
    async (context, tier, watch) => {
      const zone = fullest(watch.zones);
      const lost = watch.start.filter((s) => s.availabilityZone === zone).map((s) => s.id);
      const play = await Play.of(tier);
      await context.inject(`${zone} is lost, with ${lost.length} of ${watch.start.length} instances`);
      await tier.cutOff(lost);
      await play.untilSettled({ ...watch.scene, lostZones: [zone] });
      context.note(`${clock(play.elapsed)}: the other zones have as many instances as all had`);
      watch.expectAtLeast(tier.required, "which is what the load needs");
      const meanwhile = watch.last.length === watch.start.length && watch.zones.get(zone) === 0;
      context.expect(`${watch.start.length} instances serve in the other zones`, meanwhile, watch.last.length);
      context.note(`${zone} is back`);
      await play.untilSettled(watch.scene);
      watch.expectRestored();
    },
  ),
  webDrill(
    "web-cpu-high",
    "The load is above what the tier's policies bear. The drill says what the metric is, and plays alarms and policies in virtual time.",
    async (context, tier, watch) => {
      const play = await Play.of(tier);
      const { above } = await loadOf(tier);
      await context.inject("the load rises above the threshold");
      await scaledUp(play, tier, watch.scene);
      context.note(`${clock(play.elapsed)}: ${watch.last.length} instances carry the load`);
      context.expect("more instances serve", watch.last.length > watch.start.length, watch.last.length);
      context.expect("as many as are desired", watch.last.length === play.desired, play.desired);
      watch.expectAtLeast(watch.start.length, "none of them is taken away");
      await expectTold(context, tier, above);
      await scaledDown(play, tier, {});
    },
  ),
  webDrill(
    "web-cpu-low",
    "A tier that has scaled out has nothing to do. The drill says what the metric is, and plays alarms and policies in virtual time.",
    async (context, tier, watch) => {
      const play = await Play.of(tier);
      await scaledUp(play, tier, {});
      await context.inject("the load falls below the threshold");
      await scaledDown(play, tier, watch.scene);
      const { MinSize } = await tier.describedGroup();
      context.note(`${clock(play.elapsed)}: ${watch.last.length} instances are left`);
      context.expect(
        `${MinSize} instances serve, the group's minimum`,
        watch.last.length === MinSize,
        watch.last.length,
      );
      watch.expectAtLeast(MinSize ?? 0, "which is enough when a zone is lost");
      watch.expectRestored();
    },
  ),
  ...versionDrills,
  ...bastionDrills,
];

const fullest = (zones: ReadonlyMap<string, number>) => [...zones].sort(([, a], [, b]) => b - a)[0]?.[0] ?? "";
