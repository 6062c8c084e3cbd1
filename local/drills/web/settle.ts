import { AutoScalingClient, DescribeInstanceRefreshesCommand, InstanceRefresh } from "@aws-sdk/client-auto-scaling";
import { Clients } from "../../endpoint/clients";
import { Play } from "./play";
import { Tier } from "./tier";

/** Does what AWS does when tiers have come up: their groups span all zones, and what is to be rolled out is. */
export async function settleTiers(region: string, clients: Clients): Promise<void> {
  for (const tier of await Tier.all(region, clients)) {
    await spread(tier);
    const refresh = await activeRefresh(tier);
    if (refresh !== undefined) {
      const play = await Play.of(tier);
      play.begin(refresh);
      await play.untilSettled({});
    }
  }
}

/** The group's instance refresh that goes on, if there is one. */
export async function activeRefresh({ clients, group, region }: Tier): Promise<InstanceRefresh | undefined> {
  const { InstanceRefreshes: [newest] = [] } = await clients
    .make(AutoScalingClient, region)
    .send(new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: group }));
  return newest?.EndTime === undefined ? newest : undefined;
}

/**
 * moto launches a group's first instances into one subnet: those that belong to other zones are exchanged. So are those
 * that a drill has left dead.
 */
async function spread(tier: Tier): Promise<void> {
  const { DesiredCapacity = 0, Instances = [], LaunchTemplate = {} } = await tier.describedGroup();
  const { subnets } = await tier.described();
  const live = await tier.serving();
  const leaving = Instances.map((i) => i.InstanceId ?? "").filter((id) => !live.some((s) => s.id === id));
  const zones = subnets.map((s) => s.AvailabilityZone ?? "");
  const { launched, left } = exchange(
    zones,
    live.map((s) => s.availabilityZone),
    DesiredCapacity,
  );
  for (const zone of left) {
    leaving.push(
      live.splice(
        live.findIndex((s) => s.availabilityZone === zone),
        1,
      )[0]?.id ?? "",
    );
  }
  for (const id of leaving) {
    await tier.takeOut(id);
    await tier.terminate(id);
  }
  for (const zone of launched) {
    const SubnetId = subnets.find((s) => s.AvailabilityZone === zone)?.SubnetId;
    await tier.takeIn(await tier.launch({ SubnetId, LaunchTemplate }));
  }
}

/** The zones in which instances are to be launched and given up, so that as many as desired are spread evenly. */
export function exchange(
  zones: readonly string[],
  instances: readonly string[],
  desired: number,
): { launched: string[]; left: string[] } {
  const counts = new Map(zones.map((zone) => [zone, instances.filter((one) => one === zone).length]));
  const [launched, left]: [string[], string[]] = [[], []];
  const change = (zone: string, by: 1 | -1) => {
    counts.set(zone, (counts.get(zone) ?? 0) + by);
    (by > 0 ? launched : left).push(zone);
  };
  for (let missing = desired - instances.length; missing > 0; missing--) {
    change(extremes(counts).emptiest, 1);
  }
  for (let { emptiest, fullest, difference } = extremes(counts); difference > 1;) {
    change(emptiest, 1);
    change(fullest, -1);
    ({ emptiest, fullest, difference } = extremes(counts));
  }
  return { launched, left };
}

function extremes(counts: ReadonlyMap<string, number>) {
  const sorted = [...counts].sort(([, a], [, b]) => a - b);
  const [[emptiest, fewest] = ["", 0], [fullest, most] = ["", 0]] = [sorted[0], sorted.at(-1)];
  return { emptiest, fullest, difference: most - fewest };
}
