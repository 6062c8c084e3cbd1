import { alarmOf, AlarmDecision, AlarmState, MetricAlarm, stepAlarm } from "./alarm";
import { DescribedGroup, Instance, Lifecycle, Subnet } from "./autoScaling/group";
import { scale, ScalingDecision, ScalingPolicy, ScalingState, UNSCALED } from "./autoScaling/scalingPolicy";
import { GroupState, stateOf, withDesiredCapacity } from "./autoScaling/state";
import { GroupDecision, step } from "./autoScaling/step";
import {
  Attribute,
  DescribedTargetGroup,
  stepTargets,
  TargetDecision,
  targetGroupOf,
  TargetGroupState,
  withHealthyTargets,
} from "./targetHealth";

/** An Auto Scaling group behind a load balancer, with its alarms and scaling policies, in virtual time. */
export interface BalancedGroup {
  readonly group: GroupState;
  readonly targets: TargetGroupState;
  readonly alarms: readonly AlarmState[];
  readonly policies: readonly ScalingPolicy[];
  readonly scaling: ScalingState;
}

/** What AWS says of such a group: the answers to Describe calls. */
export interface DescribedBalancedGroup {
  readonly group: DescribedGroup;
  readonly subnets: readonly Subnet[];
  readonly targetGroup: DescribedTargetGroup;
  readonly targetGroupAttributes?: readonly Attribute[];
  readonly alarms?: readonly MetricAlarm[];
  readonly policies?: readonly ScalingPolicy[];
}

/** What such a group finds at a step. */
export interface BalancedGroupInputs {
  readonly lifecycle: Lifecycle;
  /** Zones in which nothing answers, passes EC2's checks or can be launched. @default none */
  readonly lostZones?: readonly string[];
  /** Instances that EC2 says are not running. @default none */
  readonly notRunning?: readonly string[];
  /** Whether an instance's application answers the health check. @default it does */
  readonly answers?: (instance: Instance, at: number) => boolean;
  /** The statistic of an alarm's metric over a period, `to` not included. @default there are no data */
  readonly statistic?: (alarm: MetricAlarm, from: number, to: number) => number | undefined;
}

/** What AWS does, in the order in which it does it. */
export type BalancedGroupDecision = TargetDecision | AlarmDecision | ScalingDecision | GroupDecision;

/** What a step comes to. */
export interface BalancedGroupStep {
  readonly state: BalancedGroup;
  readonly decisions: readonly BalancedGroupDecision[];
  readonly notes: readonly string[];
}

/** A group as AWS describes it, from now on: what is in service is healthy behind the balancer. */
export function balancedGroupOf(described: DescribedBalancedGroup, now: number): BalancedGroup {
  const group = stateOf(described.group, described.subnets);
  const targets = targetGroupOf(described.targetGroup, described.targetGroupAttributes);
  return {
    group,
    targets: withHealthyTargets(targets, registered(group), now),
    alarms: (described.alarms ?? []).map((alarm) => alarmOf(alarm, now)),
    policies: described.policies ?? [],
    scaling: UNSCALED,
  };
}

/** Auto Scaling registers what is in service, and deregisters what terminates. */
const registered = ({ instances }: GroupState) =>
  instances
    .filter((i) => i.LifecycleState === "InService")
    .map(({ InstanceId, AvailabilityZone }) => ({ Id: InstanceId, AvailabilityZone }));

/**
 * What AWS does at a moment: the balancer checks its targets, alarms their metrics, policies the alarms, and Auto Scaling
 * all of these.
 * @param now seconds of virtual time, never less than in the step before
 */
export function stepBalancedGroup(before: BalancedGroup, inputs: BalancedGroupInputs, now: number): BalancedGroupStep {
  const { lostZones = [], notRunning = [], answers = () => true, statistic = () => undefined, lifecycle } = inputs;
  const { instances } = before.group;
  const isLost = (i: Instance) => lostZones.includes(i.AvailabilityZone);
  const passes = (id: string, at: number) => {
    const instance = instances.find((i) => i.InstanceId === id);
    return instance !== undefined && !isLost(instance) && !notRunning.includes(id) && answers(instance, at);
  };

  const targets = stepTargets(before.targets, { registered: registered(before.group), passes }, now);
  const alarms = before.alarms.map((alarm) => stepAlarm(alarm, (from, to) => statistic(alarm.alarm, from, to), now));
  const readings = alarms.map(({ state: { alarm, StateValue } }) => {
    const { Period: period = 60 } = alarm;
    const end = Math.floor(now / period) * period;
    return { ...alarm, StateValue, value: statistic(alarm, end - period, end) };
  });
  const scaling = scale(before.scaling, before.group, before.policies, readings, now);
  const capacity = scaling.decisions[0]?.DesiredCapacity;
  const group = step(
    capacity === undefined ? before.group : withDesiredCapacity(before.group, capacity),
    {
      lifecycle,
      notRunning,
      impaired: instances.filter(isLost).map((i) => i.InstanceId),
      unhealthyTargets: targets.state.targets.filter((t) => t.State === "unhealthy").map((t) => t.Id),
      unavailableZones: lostZones,
      alarms: readings.filter((r) => r.StateValue === "ALARM").map((r) => r.AlarmName ?? ""),
    },
    now,
  );
  return {
    state: {
      group: group.state,
      targets: targets.state,
      alarms: alarms.map((a) => a.state),
      policies: before.policies,
      scaling: scaling.state,
    },
    decisions: [...targets.decisions, ...alarms.flatMap((a) => a.decisions), ...scaling.decisions, ...group.decisions],
    notes: [...scaling.notes, ...group.notes],
  };
}

/** The instances that are healthy behind the balancer: the capacity that users have. */
export const servingInstances = ({ targets }: BalancedGroup): string[] =>
  targets.targets.filter((t) => t.State === "healthy").map((t) => t.Id);
