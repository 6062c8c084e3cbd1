import { alive, Group, Instance } from "./group";
import { GroupState } from "./state";

/** A step of a step scaling policy. Its bounds are offsets from the alarm's threshold. */
export interface StepAdjustment {
  /** @default no bound */
  readonly MetricIntervalLowerBound?: number | undefined;
  /** @default no bound */
  readonly MetricIntervalUpperBound?: number | undefined;
  readonly ScalingAdjustment: number | undefined;
}

/** What DescribePolicies says of a scaling policy, as far as the model goes by it: the SDK's answer fits. */
export interface ScalingPolicy {
  readonly PolicyName?: string | undefined;
  readonly PolicyType?: string | undefined;
  readonly AdjustmentType?: string | undefined;
  readonly MinAdjustmentMagnitude?: number | undefined;
  readonly ScalingAdjustment?: number | undefined;
  readonly Cooldown?: number | undefined;
  readonly StepAdjustments?: readonly StepAdjustment[] | undefined;
  readonly EstimatedInstanceWarmup?: number | undefined;
  readonly TargetTrackingConfiguration?:
    { readonly TargetValue: number | undefined; readonly DisableScaleIn?: boolean | undefined } | undefined;
  readonly Enabled?: boolean | undefined;
  readonly Alarms?: readonly { readonly AlarmName?: string | undefined }[] | undefined;
}

/** An alarm as a policy sees it: DescribeAlarms' answer, and the newest datum of its metric. */
export interface AlarmReading {
  readonly AlarmName?: string | undefined;
  readonly StateValue?: string | undefined;
  readonly Threshold?: number | undefined;
  readonly ComparisonOperator?: string | undefined;
  /** The metric's newest statistic; `undefined` if there is none. */
  readonly value?: number | undefined;
}

/** What policies remember. */
export interface ScalingState {
  /** When an alarm last invoked a policy, by the policy's name. */
  readonly invokedAt: Readonly<Record<string, number>>;
  /** What simple scaling waits for: `from` is the end of the last activity, once it has ended. */
  readonly cooldown?: { readonly seconds: number; readonly from?: number | undefined } | undefined;
}

/** What policies decide: at most one new capacity. */
export interface ScalingStep {
  readonly state: ScalingState;
  readonly decisions: readonly ScalingDecision[];
  /** What policies would have done and why they didn't. */
  readonly notes: readonly string[];
}

/** ExecutePolicy's effect: SetDesiredCapacity, and whose it is. */
export interface ScalingDecision {
  readonly action: "set-desired-capacity";
  readonly DesiredCapacity: number;
  readonly PolicyName: string;
}

/** Policies that have never been invoked. */
export const UNSCALED: ScalingState = { invokedAt: {} };

/**
 * Seconds between two invocations of a policy by an alarm that stays in ALARM: unlike other actions, Auto Scaling's
 * are repeated for every period. The model takes a minute.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html
 */
const INVOKED_EVERY_SECONDS = 60;

/** What one policy wants. */
interface Wish {
  readonly policy: ScalingPolicy;
  readonly capacity: number;
}

/**
 * What the policies whose alarms are in ALARM make of a group's capacity. Of several, the one with the largest capacity
 * wins, out and in, and the capacity stays within the group's size.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scale-based-on-demand.html#multiple-scaling-policy-resolution
 * @param now seconds of virtual time, never less than in the step before
 */
export function scale(
  before: ScalingState,
  group: GroupState,
  policies: readonly ScalingPolicy[],
  alarms: readonly AlarmReading[],
  now: number,
): ScalingStep {
  const cooldown = cooled(before, group, now);
  const notes: string[] = [];
  const invoked = group.group.suspended.includes("AlarmNotification")
    ? []
    : policies.filter((p) => p.Enabled !== false && alarmOf(p, alarms) !== undefined && isDue(before, p, now));
  const wishes = invoked.flatMap((policy): Wish[] => {
    const wanted = wish(policy, policies, alarms, group, cooldown !== undefined, now);
    if (typeof wanted === "string") {
      notes.push(`${policy.PolicyName}: ${wanted}`);
      return [];
    }
    return [{ policy, capacity: within(group.group, wanted) }];
  });
  const invokedAt = {
    ...before.invokedAt,
    ...Object.fromEntries(invoked.map((p) => [p.PolicyName ?? "", now])),
  };
  const [winner] = wishes.sort((a, b) => b.capacity - a.capacity);
  if (winner === undefined || winner.capacity === group.group.DesiredCapacity) {
    return { state: { invokedAt, cooldown }, decisions: [], notes };
  }
  const { policy, capacity } = winner;
  return {
    state: { invokedAt, cooldown: isSimple(policy) ? { seconds: cooldownOf(policy, group.group) } : cooldown },
    decisions: [{ action: "set-desired-capacity", DesiredCapacity: capacity, PolicyName: policy.PolicyName ?? "" }],
    notes,
  };
}

const isSimple = ({ PolicyType = "SimpleScaling" }: ScalingPolicy) => PolicyType === "SimpleScaling";
const cooldownOf = ({ Cooldown }: ScalingPolicy, { DefaultCooldown }: Group) => Cooldown ?? DefaultCooldown;
const within = ({ MinSize, MaxSize }: Group, capacity: number) => Math.min(Math.max(capacity, MinSize), MaxSize);

const isDue = ({ invokedAt }: ScalingState, { PolicyName = "" }: ScalingPolicy, now: number) =>
  now - (invokedAt[PolicyName] ?? Number.NEGATIVE_INFINITY) >= INVOKED_EVERY_SECONDS;

/** The alarm that invokes a policy: in ALARM, with a datum to go by. */
function alarmOf({ Alarms = [] }: ScalingPolicy, alarms: readonly AlarmReading[]): AlarmReading | undefined {
  const own = alarms.filter((alarm) => Alarms.some((a) => a.AlarmName === alarm.AlarmName));
  return own.find((alarm) => alarm.StateValue === "ALARM");
}

/** The cooldown that still runs: it begins when the activity that it follows has ended. */
function cooled({ cooldown }: ScalingState, { group, instances }: GroupState, now: number): ScalingState["cooldown"] {
  if (cooldown === undefined) {
    return undefined;
  }
  const atRest = instances.length === group.DesiredCapacity && instances.every((i) => i.LifecycleState === "InService");
  const from = cooldown.from ?? (atRest ? now : undefined);
  return from !== undefined && now - from >= cooldown.seconds ? undefined : { ...cooldown, from };
}

/** The capacity that a policy wants, or why it wants none. */
function wish(
  policy: ScalingPolicy,
  policies: readonly ScalingPolicy[],
  alarms: readonly AlarmReading[],
  state: GroupState,
  coolsDown: boolean,
  now: number,
): number | string {
  const { group } = state;
  const alarm = alarmOf(policy, alarms);
  const desired = group.DesiredCapacity;
  if (isSimple(policy)) {
    return coolsDown ? "the cooldown hasn't ended" : adjusted(policy, policy.ScalingAdjustment ?? 0, desired);
  }
  if (alarm?.value === undefined) {
    return "there is no datum to go by";
  }
  const warming = warmingUp(policy, state, now).length;
  const settled = Math.max(0, desired - warming - Math.max(0, desired - alive(state.instances).length));
  const wanted =
    policy.PolicyType === "TargetTrackingScaling"
      ? tracked(policy, policies, alarms, alarm.value, desired, settled)
      : stepped(policy, alarm, alarm.value, desired, settled);
  // Going out, what warms up counts as part of the desired capacity; going in waits for it.
  return typeof wanted === "number" && wanted < desired && warming > 0 ? "instances are warming up" : wanted;
}

/** Instances that don't count yet: https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-simple-step.html#as-step-scaling-warmup */
function warmingUp(policy: ScalingPolicy, { group, instances }: GroupState, now: number): Instance[] {
  const warmup = policy.EstimatedInstanceWarmup ?? group.DefaultInstanceWarmup ?? group.DefaultCooldown;
  return alive(instances).filter((i) => i.LifecycleState === "Pending" || now - i.since < warmup);
}

/** What step scaling wants: steps count from what has warmed up, so that one breach seen twice adds once. */
function stepped(
  policy: ScalingPolicy,
  alarm: AlarmReading,
  value: number,
  desired: number,
  settled: number,
): number | string {
  const adjustment = stepAdjustment(policy.StepAdjustments ?? [], alarm, value);
  if (adjustment === undefined) {
    return `no step covers ${value}`;
  }
  const fromSettled = adjusted(policy, adjustment, settled);
  return fromSettled >= settled ? Math.max(desired, fromSettled) : adjusted(policy, adjustment, desired);
}

/**
 * The step into which a value falls. At and above the threshold the lower bound belongs to the step, below it the
 * upper one; a value at the threshold lies on the alarm's side.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-simple-step.html#as-scaling-steps
 */
function stepAdjustment(steps: readonly StepAdjustment[], alarm: AlarmReading, value: number): number | undefined {
  const offset = value - (alarm.Threshold ?? 0);
  const above = offset === 0 ? alarm.ComparisonOperator?.startsWith("Less") !== true : offset > 0;
  return steps.find((step) => {
    const { MetricIntervalLowerBound: lower = -Infinity, MetricIntervalUpperBound: upper = Infinity } = step;
    return above ? lower <= offset && offset < upper : lower < offset && offset <= upper;
  })?.ScalingAdjustment;
}

/**
 * A capacity changed as a policy says.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-simple-step.html#as-scaling-adjustment
 */
function adjusted(policy: ScalingPolicy, adjustment: number, capacity: number): number {
  switch (policy.AdjustmentType) {
    case "ExactCapacity":
      return adjustment;
    case "PercentChangeInCapacity":
      return capacity + percentage((capacity * adjustment) / 100, policy.MinAdjustmentMagnitude ?? 0);
    default:
      return capacity + adjustment;
  }
}

/** A share in whole instances: rounded towards nothing, but never to nothing, and at least the least magnitude. */
function percentage(share: number, least: number): number {
  return share === 0 ? 0 : Math.sign(share) * Math.max(1, Math.floor(Math.abs(share)), least);
}

/**
 * What target tracking wants: as many instances as bring the metric to its target, rounded up either way. It goes in
 * only if all such policies would.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html
 */
function tracked(
  policy: ScalingPolicy,
  policies: readonly ScalingPolicy[],
  alarms: readonly AlarmReading[],
  value: number,
  desired: number,
  settled: number,
): number | string {
  const target = policy.TargetTrackingConfiguration?.TargetValue ?? 0;
  if (goesOut(alarmOf(policy, alarms))) {
    return Math.max(desired, Math.ceil((settled * value) / target));
  }
  const others = policies.filter(
    (p) => p.PolicyType === "TargetTrackingScaling" && p.TargetTrackingConfiguration?.DisableScaleIn !== true,
  );
  if (!others.includes(policy)) {
    return "it doesn't scale in";
  }
  const ready = others.every((p) => {
    const alarm = alarmOf(p, alarms);
    return alarm !== undefined && !goesOut(alarm);
  });
  return ready ? Math.min(desired, Math.ceil((desired * value) / target)) : "another target isn't ready to scale in";
}

const goesOut = (alarm: AlarmReading | undefined) => alarm?.ComparisonOperator?.startsWith("Greater") === true;
