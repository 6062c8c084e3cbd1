import { alive, DescribedGroup, Group, Instance, Percentages } from "../../../model/autoScaling/group";
import { GroupState, readyInstances, stateOf } from "../../../model/autoScaling/state";
import { GroupDecision, GroupInputs, step } from "../../../model/autoScaling/step";

/** What a test's group is like. */
export interface Wanted {
  readonly desired: number;
  /** @default 3 */
  readonly zones?: number;
  /** @default none: AWS's default */
  readonly maintenance?: Percentages;
  /** @default 60 */
  readonly warmup?: number;
  /** @default 0 */
  readonly grace?: number;
  /** @default ten times as many as desired */
  readonly max?: number;
}

export const OLD = { LaunchTemplateId: "lt-1", Version: "1" };
export const NEW = { LaunchTemplateId: "lt-1", Version: "2" };

/** A group as DescribeAutoScalingGroups would have it, with all its instances in service, evenly spread. */
export function described(wanted: Wanted): DescribedGroup {
  const zones = Array.from({ length: wanted.zones ?? 3 }, (_, i) => `zone-${i + 1}`);
  return {
    AutoScalingGroupName: "web",
    MinSize: 0,
    MaxSize: wanted.max ?? wanted.desired * 10,
    DesiredCapacity: wanted.desired,
    AvailabilityZones: zones,
    VPCZoneIdentifier: zones.map((zone) => `subnet-${zone}`).join(","),
    LaunchTemplate: OLD,
    HealthCheckType: "ELB",
    HealthCheckGracePeriod: wanted.grace ?? 0,
    DefaultInstanceWarmup: wanted.warmup ?? 60,
    InstanceMaintenancePolicy: wanted.maintenance,
    Instances: Array.from({ length: wanted.desired }, (_, i) => ({
      InstanceId: `i-${i + 1}`,
      AvailabilityZone: zones[i % zones.length],
      LifecycleState: "InService",
      HealthStatus: "Healthy",
      LaunchTemplate: OLD,
    })),
  };
}

export function group(wanted: Wanted): GroupState {
  const zones = Array.from({ length: wanted.zones ?? 3 }, (_, i) => `zone-${i + 1}`);
  return stateOf(
    described(wanted),
    zones.map((zone) => ({ SubnetId: `subnet-${zone}`, AvailabilityZone: zone })),
  );
}

/** A group at a moment of a run. */
export interface Seen {
  readonly now: number;
  readonly state: GroupState;
  readonly ready: readonly Instance[];
  readonly decisions: readonly GroupDecision[];
  readonly notes: readonly string[];
}

const LIFECYCLE = { launchSeconds: 45, terminateSeconds: 30 };

/**
 * Steps a group until a moment, and hands back all that was seen.
 * @param inputs what the group finds, by what is there
 */
export function run(
  state: GroupState,
  from: number,
  to: number,
  inputs: (instances: readonly Instance[], now: number) => Omit<GroupInputs, "lifecycle"> = () => ({}),
  every = 10,
): Seen[] {
  const seen: Seen[] = [];
  for (let now = from, current = state; now <= to; now += every) {
    const {
      state: after,
      decisions,
      notes,
    } = step(current, { lifecycle: LIFECYCLE, ...inputs(current.instances, now) }, now);
    current = after;
    seen.push({ now, state: after, ready: readyInstances(after, now), decisions, notes });
  }
  return seen;
}

export function last(seen: readonly Seen[]): Seen {
  return seen.at(-1) as Seen;
}

/** How many instances each zone of a group has, in their order. */
export function perZone({ zones }: Group, instances: readonly Instance[]): number[] {
  return [...zones.keys()].map((zone) => alive(instances).filter((i) => i.AvailabilityZone === zone).length);
}

export const spread = (counts: readonly number[]) => Math.max(...counts) - Math.min(...counts);

/** The ids of the instances in a zone. */
export const idsIn = (zone: string, instances: readonly Instance[]) =>
  instances.filter((i) => i.AvailabilityZone === zone).map((i) => i.InstanceId);
