/** What ListHealthChecks says of a health check, as far as the model goes by it: the SDK's answer fits. */
export interface DescribedHealthCheck {
  readonly Id: string | undefined;
  readonly HealthCheckConfig:
    | {
        readonly Type: string | undefined;
        /** Seconds: 10 or 30. */
        readonly RequestInterval?: number | undefined;
        readonly FailureThreshold?: number | undefined;
        readonly Inverted?: boolean | undefined;
        readonly Disabled?: boolean | undefined;
        /** How many of the children must be healthy. */
        readonly HealthThreshold?: number | undefined;
        readonly ChildHealthChecks?: readonly string[] | undefined;
        readonly InsufficientDataHealthStatus?: string | undefined;
        readonly AlarmIdentifier?: { readonly Name: string | undefined } | undefined;
      }
    | undefined;
}

/** A health check in virtual time. */
export interface HealthCheckState {
  readonly check: DescribedHealthCheck;
  /** What it found, before `Inverted` and `Disabled`. */
  readonly finds: boolean;
  /** How many rounds in a row found the opposite of that. */
  readonly against: number;
  readonly nextRoundAt: number;
}

/** What health checks find at a step. */
export interface HealthCheckInputs {
  /** The share of Route 53's checkers that an endpoint answers at a moment, from 0 to 1, by the check's id. */
  readonly answers: (id: string, at: number) => number;
  /** The states of the alarms that checks watch, by their names. @default INSUFFICIENT_DATA */
  readonly alarms?: ReadonlyMap<string, string>;
}

/** A health check's change of status. */
export interface HealthCheckDecision {
  readonly action: "healthy" | "unhealthy";
  readonly Id: string;
  /** When it happened: at most the step's time. */
  readonly at: number;
}

/** What a step comes to. */
export interface HealthChecksStep {
  readonly state: readonly HealthCheckState[];
  readonly decisions: readonly HealthCheckDecision[];
}

/**
 * The share of checkers that an endpoint must answer more than.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
 */
const ENOUGH_CHECKERS = 0.18;

/** Health checks as Route 53 lists them: healthy until there are data to the contrary. */
export function healthChecksOf(listed: readonly DescribedHealthCheck[], now: number): HealthCheckState[] {
  return listed.map((check) => ({ check, finds: true, against: 0, nextRoundAt: now + intervalOf(check) }));
}

const intervalOf = ({ HealthCheckConfig }: DescribedHealthCheck) => HealthCheckConfig?.RequestInterval ?? 30;

/**
 * What Route 53 makes of its endpoints: in each round a check counts as passed if more than 18 % of the checkers are
 * answered; after as many rounds in a row as its failure threshold says, its status changes. The real checkers aren't in
 * step with each other, which blurs a round by its length. Checks of alarms and of other checks follow at once.
 * @param now seconds of virtual time, never less than in the step before
 */
export function stepHealthChecks(
  before: readonly HealthCheckState[],
  inputs: HealthCheckInputs,
  now: number,
): HealthChecksStep {
  const decisions: HealthCheckDecision[] = [];
  const endpoints = before.map((state) => {
    const { Type } = state.check.HealthCheckConfig ?? {};
    if (Type === "CLOUDWATCH_METRIC") {
      return { ...state, finds: alarmFinds(state, inputs.alarms) };
    }
    return Type === "CALCULATED" ? state : rounds(state, inputs.answers, now, decisions);
  });
  const others = endpoints.map((state) => ({ ...state, finds: calculated(state, endpoints) }));
  for (const [i, after] of others.entries()) {
    const isEndpoint = decisions.some((d) => d.Id === after.check.Id);
    if (!isEndpoint && before[i] !== undefined && isHealthy(before[i]) !== isHealthy(after)) {
      decisions.push({ action: isHealthy(after) ? "healthy" : "unhealthy", Id: after.check.Id ?? "", at: now });
    }
  }
  return { state: others, decisions };
}

/** The rounds of a check of an endpoint up to now. */
function rounds(
  before: HealthCheckState,
  answers: HealthCheckInputs["answers"],
  now: number,
  decisions: HealthCheckDecision[],
): HealthCheckState {
  const Id = before.check.Id ?? "";
  let state = before;
  while (state.nextRoundAt <= now) {
    const at = state.nextRoundAt;
    const passed = answers(Id, at) > ENOUGH_CHECKERS;
    const against = passed === state.finds ? 0 : state.against + 1;
    const changes = against >= (state.check.HealthCheckConfig?.FailureThreshold ?? 3);
    const nextRoundAt = at + intervalOf(state.check);
    const after = { ...state, finds: changes ? passed : state.finds, against: changes ? 0 : against, nextRoundAt };
    if (isHealthy(after) !== isHealthy(state)) {
      decisions.push({ action: isHealthy(after) ? "healthy" : "unhealthy", Id, at });
    }
    state = after;
  }
  return state;
}

function alarmFinds({ check, finds }: HealthCheckState, alarms: HealthCheckInputs["alarms"]): boolean {
  const { AlarmIdentifier, InsufficientDataHealthStatus: otherwise = "LastKnownStatus" } =
    check.HealthCheckConfig ?? {};
  const state = alarms?.get(AlarmIdentifier?.Name ?? "") ?? "INSUFFICIENT_DATA";
  if (state !== "INSUFFICIENT_DATA") {
    return state === "OK";
  }
  return otherwise === "LastKnownStatus" ? finds : otherwise === "Healthy";
}

/** What a check of other checks finds: enough of them healthy. Others find what they found. */
function calculated(state: HealthCheckState, all: readonly HealthCheckState[], depth = 0): boolean {
  const { Type, ChildHealthChecks = [], HealthThreshold = 0 } = state.check.HealthCheckConfig ?? {};
  if (Type !== "CALCULATED" || depth > all.length) {
    return state.finds;
  }
  const children = all.filter((other) => ChildHealthChecks.includes(other.check.Id ?? ""));
  const healthy = children.filter((child) => isHealthy({ ...child, finds: calculated(child, all, depth + 1) }));
  return healthy.length >= HealthThreshold;
}

/** A check's status, as records see it. One that is disabled is healthy, unless it is inverted too. */
export function isHealthy({ check, finds }: HealthCheckState): boolean {
  const { Inverted = false, Disabled = false } = check.HealthCheckConfig ?? {};
  return (Disabled || finds) !== Inverted;
}

/** A record as ListResourceRecordSets lists it, as far as the model goes by it: the SDK's answer fits. */
export interface DescribedRecord {
  readonly Name: string | undefined;
  readonly Type: string | undefined;
  readonly SetIdentifier?: string | undefined;
  readonly Failover?: string | undefined;
  /** The Region of a record that is answered with by latency. */
  readonly Region?: string | undefined;
  readonly HealthCheckId?: string | undefined;
  /** Seconds; an alias has its target's. */
  readonly TTL?: number | undefined;
  readonly AliasTarget?:
    { readonly DNSName: string | undefined; readonly EvaluateTargetHealth: boolean | undefined } | undefined;
}

/**
 * Seconds for which resolvers keep an alias of a load balancer.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-choosing-alias-non-alias.html
 */
const ALIAS_TTL_SECONDS = 60;

/** Whether a record may be answered with. */
export interface RecordHealth {
  readonly checks: readonly HealthCheckState[];
  /** Whether what an alias that evaluates its target's health leads to is healthy. @default it is */
  readonly targets?: (dnsName: string) => boolean;
}

/**
 * The record of a failover pair with which Route 53 answers: the primary if it is healthy or neither is.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-types.html
 */
export function answerOf(pair: readonly DescribedRecord[], health: RecordHealth): DescribedRecord | undefined {
  const primary = pair.find((r) => r.Failover === "PRIMARY");
  const secondary = pair.find((r) => r.Failover === "SECONDARY");
  const isUp = (record: DescribedRecord | undefined) => record !== undefined && recordIsHealthy(record, health);
  return isUp(primary) || !isUp(secondary) ? primary : secondary;
}

/**
 * The records of a set that Route 53 answers with, some to some clients and some to others: of a failover pair one, by
 * latency all that are healthy, or all if none is.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-complex-configs.html
 */
export function answersOf(set: readonly DescribedRecord[], health: RecordHealth): readonly DescribedRecord[] {
  if (set.some((record) => record.Failover !== undefined)) {
    const answer = answerOf(set, health);
    return answer === undefined ? [] : [answer];
  }
  const healthy = set.filter((record) => recordIsHealthy(record, health));
  return healthy.length > 0 ? healthy : set;
}

function recordIsHealthy({ HealthCheckId, AliasTarget }: DescribedRecord, { checks, targets }: RecordHealth): boolean {
  const check = checks.find((c) => c.check.Id === HealthCheckId);
  const passes = HealthCheckId === undefined || check === undefined || isHealthy(check);
  const evaluated = AliasTarget?.EvaluateTargetHealth === true && targets !== undefined;
  return passes && (!evaluated || targets(AliasTarget.DNSName ?? ""));
}

/** Seconds for which clients may go on with an answer after Route 53 gives another one. */
export const keptSeconds = ({ TTL, AliasTarget }: DescribedRecord): number =>
  AliasTarget === undefined ? (TTL ?? 0) : ALIAS_TTL_SECONDS;
