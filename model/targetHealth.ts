/** What DescribeTargetGroups says of a group's health check, as far as the model goes by it: the SDK's answer fits. */
export interface DescribedTargetGroup {
  readonly HealthCheckIntervalSeconds?: number | undefined;
  readonly HealthyThresholdCount?: number | undefined;
  readonly UnhealthyThresholdCount?: number | undefined;
}

/** An attribute as DescribeTargetGroupAttributes lists it. */
export interface Attribute {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

/** The fewest healthy targets: of these, either count or share is enough to fall short. */
interface MinimumHealthy {
  readonly count: number;
  /** Percent. */
  readonly percentage: number;
}

/** A target group's settings, complete, with AWS's defaults. */
export interface TargetGroup {
  /** Seconds between two checks. */
  readonly HealthCheckIntervalSeconds: number;
  readonly HealthyThresholdCount: number;
  readonly UnhealthyThresholdCount: number;
  /** Seconds for which a target that leaves finishes its requests. */
  readonly deregistrationDelaySeconds: number;
  /** Whether each zone's node of the balancer sends to the targets of all zones. */
  readonly crossZone: boolean;
  /** Below this, requests go to all targets, healthy or not. */
  readonly routing: MinimumHealthy;
  /** Below this, a zone is left out of the balancer's DNS. */
  readonly dns: MinimumHealthy;
}

/** A target that is to be registered. */
export interface RegisteredTarget {
  readonly Id: string;
  readonly AvailabilityZone: string;
}

/** A target in virtual time; `State` is DescribeTargetHealth's. */
export interface Target extends RegisteredTarget {
  readonly State: "initial" | "healthy" | "unhealthy" | "draining";
  /** When it came into this state. */
  readonly since: number;
  /** When it is checked next. */
  readonly nextCheckAt: number;
  /** How many checks in a row had the same result, and which. */
  readonly passes: boolean;
  readonly inARow: number;
}

/** A target group in virtual time. */
export interface TargetGroupState {
  readonly settings: TargetGroup;
  readonly targets: readonly Target[];
}

/** What a target group finds at a step. */
export interface TargetGroupInputs {
  /** The targets that are to be there: what is missing is registered, what is not among them drains. */
  readonly registered: readonly RegisteredTarget[];
  /** Whether a target passes a health check at a moment. */
  readonly passes: (id: string, at: number) => boolean;
}

/** A target's change of state. */
export interface TargetDecision {
  readonly action: "initial" | "healthy" | "unhealthy" | "draining" | "deregistered";
  readonly Id: string;
  /** When it happened: at most the step's time. */
  readonly at: number;
}

/** What a step comes to. */
export interface TargetGroupStep {
  readonly state: TargetGroupState;
  readonly decisions: readonly TargetDecision[];
}

/**
 * A target group as AWS describes it, without targets. The defaults are those of target groups by instance behind an
 * Application Load Balancer.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html
 */
export function targetGroupOf(
  described: DescribedTargetGroup,
  attributes: readonly Attribute[] = [],
): TargetGroupState {
  const value = (key: string) => attributes.find((a) => a.Key === key)?.Value;
  const number = (key: string, otherwise: number) => {
    const text = value(key) ?? `${otherwise}`;
    return text === "off" ? 0 : Number(text);
  };
  const minimum = (kind: string): MinimumHealthy => ({
    count: number(`target_group_health.${kind}.minimum_healthy_targets.count`, 1),
    percentage: number(`target_group_health.${kind}.minimum_healthy_targets.percentage`, 0),
  });
  return {
    settings: {
      HealthCheckIntervalSeconds: described.HealthCheckIntervalSeconds ?? 30,
      HealthyThresholdCount: described.HealthyThresholdCount ?? 5,
      UnhealthyThresholdCount: described.UnhealthyThresholdCount ?? 2,
      deregistrationDelaySeconds: number("deregistration_delay.timeout_seconds", 300),
      crossZone: value("load_balancing.cross_zone.enabled") !== "false",
      routing: minimum("unhealthy_state_routing"),
      dns: minimum("dns_failover"),
    },
    targets: [],
  };
}

/** A target group in which these targets have been healthy for ever. */
export function withHealthyTargets(state: TargetGroupState, targets: readonly RegisteredTarget[], now: number) {
  const nextCheckAt = now + state.settings.HealthCheckIntervalSeconds;
  const healthy = targets.map(({ Id, AvailabilityZone }): Target => {
    const since = Number.NEGATIVE_INFINITY;
    return { Id, AvailabilityZone, State: "healthy", since, nextCheckAt, passes: true, inARow: 1 };
  });
  return { ...state, targets: healthy };
}

/**
 * What a load balancer makes of its targets: each is checked at its interval, and changes its state after so many
 * results in a row; a new one is healthy after the first check that it passes.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
 * @param now seconds of virtual time, never less than in the step before
 */
export function stepTargets(before: TargetGroupState, inputs: TargetGroupInputs, now: number): TargetGroupStep {
  const { settings } = before;
  const decisions: TargetDecision[] = [];
  const tell = ({ Id, State }: Target, at: number) => void decisions.push({ action: State, Id, at });

  const kept = before.targets.flatMap((target): Target[] => {
    const wanted = inputs.registered.some((r) => r.Id === target.Id);
    if (target.State !== "draining") {
      const after = wanted ? checked(target, settings, inputs.passes, now, tell) : drained(target, now);
      if (!wanted) {
        tell(after, now);
      }
      return [after];
    }
    const end = target.since + settings.deregistrationDelaySeconds;
    if (now < end) {
      return [target];
    }
    decisions.push({ action: "deregistered", Id: target.Id, at: end });
    return [];
  });
  const added = inputs.registered
    .filter((r) => !kept.some((t) => t.Id === r.Id && t.State !== "draining"))
    .map(({ Id, AvailabilityZone }): Target => {
      const nextCheckAt = now + settings.HealthCheckIntervalSeconds;
      return { Id, AvailabilityZone, State: "initial", since: now, nextCheckAt, passes: false, inARow: 0 };
    });
  added.forEach((target) => tell(target, now));
  return { state: { settings, targets: [...kept, ...added] }, decisions };
}

const drained = (target: Target, now: number): Target => ({ ...target, State: "draining", since: now });

/** A target after its checks up to now. */
function checked(
  before: Target,
  settings: TargetGroup,
  passes: TargetGroupInputs["passes"],
  now: number,
  tell: (target: Target, at: number) => void,
): Target {
  let target = before;
  while (target.nextCheckAt <= now) {
    const at = target.nextCheckAt;
    const passed = passes(target.Id, at);
    const inARow = passed === target.passes ? target.inARow + 1 : 1;
    const State = stateAfter(target.State, passed, inARow, settings);
    const changed = State !== target.State;
    const nextCheckAt = at + settings.HealthCheckIntervalSeconds;
    target = { ...target, State, since: changed ? at : target.since, nextCheckAt, passes: passed, inARow };
    if (changed) {
      tell(target, at);
    }
  }
  return target;
}

function stateAfter(state: Target["State"], passed: boolean, inARow: number, settings: TargetGroup): Target["State"] {
  if (passed) {
    return state === "initial" || inARow >= settings.HealthyThresholdCount ? "healthy" : state;
  }
  return inARow >= settings.UnhealthyThresholdCount ? "unhealthy" : state;
}

/**
 * The targets that get requests: the healthy ones, or if these are too few, all. Without cross-zone balancing that is
 * decided zone by zone.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#target-group-health
 */
export function servingTargets({ settings, targets }: TargetGroupState): Target[] {
  const pools = settings.crossZone ? [targets] : zonesOf(targets).map((zone) => inZone(zone, targets));
  return pools.flatMap((pool) => {
    const registered = pool.filter((t) => t.State !== "draining");
    return fallsShort(registered, settings.routing) ? registered : registered.filter((t) => t.State === "healthy");
  });
}

/** The zones that the balancer's DNS name answers with: those with enough healthy targets, or if none has, all. */
export function zonesInDns({ settings, targets }: TargetGroupState, zones: readonly string[]): string[] {
  const registered = targets.filter((t) => t.State !== "draining");
  const good = zones.filter(
    (zone) => !fallsShort(settings.crossZone ? registered : inZone(zone, registered), settings.dns),
  );
  return good.length === 0 ? [...zones] : good;
}

function fallsShort(targets: readonly Target[], { count, percentage }: MinimumHealthy): boolean {
  const healthy = targets.filter((t) => t.State === "healthy").length;
  return healthy < count || healthy * 100 < targets.length * percentage;
}

const zonesOf = (targets: readonly Target[]) => [...new Set(targets.map((t) => t.AvailabilityZone))];
const inZone = (zone: string, targets: readonly Target[]) => targets.filter((t) => t.AvailabilityZone === zone);
