import { Group, Instance, LaunchTemplate } from "./group";

/** Where an instance is launched. */
export interface Place {
  readonly AvailabilityZone: string;
  readonly SubnetId?: string | undefined;
}

/** A place, and the zones in which the launch failed before. */
export interface Attempt {
  /** `undefined` if it fails everywhere that the group tries. */
  readonly place: Place | undefined;
  readonly failed: readonly string[];
}

/**
 * Where a group launches its next instance: in its zone with the fewest, and there in a subnet (AWS draws one, the model
 * takes the one with the fewest). If that zone can't launch, in the next, unless the group is `balanced-only`.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/auto-scaling-benefits.html#AutoScalingBehavior.Rebalancing
 * @param counted the instances by which zones are compared
 * @param first among zones with as many, those with the fewest of these come first
 */
export function placeOfLaunch(
  group: Group,
  counted: readonly Instance[],
  unavailableZones: readonly string[] = [],
  first: readonly Instance[] = counted,
): Attempt {
  const zones = [...group.zones.keys()]
    .map((zone) => ({ zone, all: countIn(zone, counted), first: countIn(zone, first) }))
    .sort((a, b) => a.all - b.all || a.first - b.first)
    .map(({ zone }) => zone);
  const tried = group.bestEffort ? zones : zones.slice(0, 1);
  const zone = tried.find((one) => !unavailableZones.includes(one));
  const failed = zone === undefined ? tried : tried.slice(0, tried.indexOf(zone));
  return { place: zone === undefined ? undefined : placeIn(group, zone, counted), failed };
}

function placeIn(group: Group, zone: string, counted: readonly Instance[]): Place {
  const subnets = [...(group.zones.get(zone) ?? [])].map((id) => ({
    id,
    count: counted.filter((i) => i.SubnetId === id).length,
  }));
  return { AvailabilityZone: zone, SubnetId: subnets.sort((a, b) => a.count - b.count)[0]?.id };
}

const countIn = (zone: string, instances: readonly Instance[]) =>
  instances.filter((i) => i.AvailabilityZone === zone).length;

/**
 * Which instance a group gives up: in the zone with the most, by the default termination policy the one with the oldest
 * template, and of these the oldest (AWS: the one closest to its next billing hour).
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-termination-policies.html
 * @param counted the instances by which zones are compared
 */
export function givenUp(candidates: readonly Instance[], counted: readonly Instance[]): Instance | undefined {
  return [...candidates].sort(
    (a, b) =>
      countIn(b.AvailabilityZone, counted) - countIn(a.AvailabilityZone, counted) ||
      versionOf(a.LaunchTemplate) - versionOf(b.LaunchTemplate) ||
      (a.since === b.since ? 0 : a.since - b.since),
  )[0];
}

const versionOf = ({ Version }: LaunchTemplate) => Number(Version) || 0;

/** By how many the fullest and the emptiest of these zones differ. */
export function imbalance(zones: readonly string[], instances: readonly Instance[]): number {
  const counts = zones.map((zone) => countIn(zone, instances));
  return counts.length === 0 ? 0 : Math.max(...counts) - Math.min(...counts);
}
