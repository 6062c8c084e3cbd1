import { TIMES } from "./times";

export type AlarmStateValue = "OK" | "ALARM" | "INSUFFICIENT_DATA";

/** What DescribeAlarms says of an alarm on one metric, as far as the model goes by it: the SDK's answer fits. */
export interface MetricAlarm {
  readonly AlarmName?: string | undefined;
  readonly Namespace?: string | undefined;
  readonly MetricName?: string | undefined;
  /** Seconds. */
  readonly Period?: number | undefined;
  readonly EvaluationPeriods?: number | undefined;
  /** @default all of the evaluation periods */
  readonly DatapointsToAlarm?: number | undefined;
  readonly Threshold?: number | undefined;
  readonly ComparisonOperator?: string | undefined;
  /** @default missing */
  readonly TreatMissingData?: string | undefined;
  readonly StateValue?: string | undefined;
}

/** An alarm in virtual time. */
export interface AlarmState {
  readonly alarm: MetricAlarm;
  readonly StateValue: AlarmStateValue;
  /** When it was last evaluated. */
  readonly evaluatedAt: number;
}

/** An alarm's change of state, which it tells its actions. */
export interface AlarmDecision {
  readonly action: "set-alarm-state";
  readonly AlarmName: string;
  readonly StateValue: AlarmStateValue;
  /** When it changed: at most the step's time. */
  readonly at: number;
}

/** What a step comes to. */
export interface AlarmStep {
  readonly state: AlarmState;
  readonly decisions: readonly AlarmDecision[];
}

/** The statistic of an alarm's metric over a period, `to` not included; `undefined` if there is no datum in it. */
export type Statistic = (from: number, to: number) => number | undefined;

/** An alarm as DescribeAlarms has it, from now on. */
export function alarmOf(alarm: MetricAlarm, now: number): AlarmState {
  const known = (["OK", "ALARM", "INSUFFICIENT_DATA"] as const).find((value) => value === alarm.StateValue);
  return { alarm, StateValue: known ?? "INSUFFICIENT_DATA", evaluatedAt: now };
}

/**
 * Evaluates an alarm at each of its times since the last step: once a minute, or every ten seconds if its period is
 * shorter than a minute. Only periods that are over count.
 */
export function stepAlarm(before: AlarmState, statistic: Statistic, now: number): AlarmStep {
  const { Period: period = 60, AlarmName = "" } = before.alarm;
  const every = (period < 60 ? TIMES.highResolutionAlarmEvaluation : TIMES.alarmEvaluation).typical;
  const decisions: AlarmDecision[] = [];
  let state = before;
  for (let at = before.evaluatedAt + every; at <= now; at += every) {
    const end = Math.floor(at / period) * period;
    const data = Array.from(
      { length: evaluationRange(before.alarm) },
      (_, i, length = evaluationRange(before.alarm)) => {
        const from = end - (length - i) * period;
        return statistic(from, from + period);
      },
    );
    const StateValue = evaluate(before.alarm, data, state.StateValue);
    if (StateValue !== state.StateValue) {
      decisions.push({ action: "set-alarm-state", AlarmName, StateValue, at });
    }
    state = { ...state, StateValue, evaluatedAt: at };
  }
  return { state, decisions };
}

/**
 * How many of the newest periods CloudWatch looks at, in case some are missing. It doesn't say how many: in its examples
 * two more than it needs.
 */
const evaluationRange = ({ EvaluationPeriods: n = 1 }: MetricAlarm) => n + 2;

/**
 * The state of an alarm by its newest data. Of those that are there the newest count, as many as it has evaluation
 * periods; only if they are fewer does it matter how it treats missing ones.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 * @param data of the evaluation range, the newest last; `undefined` is missing
 */
export function evaluate(
  alarm: MetricAlarm,
  data: readonly (number | undefined)[],
  current: AlarmStateValue,
): AlarmStateValue {
  const { EvaluationPeriods: n = 1, DatapointsToAlarm: m = n } = alarm;
  const breaching = data.map((value) => (value === undefined ? undefined : breaches(alarm, value)));
  const real = breaching.filter((one) => one !== undefined).slice(-n);
  const bad = real.filter(Boolean).length;
  const filled = n - real.length;
  const treatment = treatmentOf(alarm);
  const all = treatment === "breaching" ? bad + filled : bad;
  if (all >= m) {
    return "ALARM";
  }
  if (filled === 0 || treatment === "breaching" || treatment === "notBreaching" || real.includes(false)) {
    return "OK";
  }
  if (treatment === "ignore") {
    return current;
  }
  // Nothing but breaching data, too few of them: enough if the oldest is so old that there was time for more.
  const oldest = breaching.length - breaching.indexOf(true);
  return bad > 0 && oldest >= m ? "ALARM" : "INSUFFICIENT_DATA";
}

/** Alarms on DynamoDB's metrics ignore missing data whatever they say. */
const treatmentOf = ({ Namespace, TreatMissingData = "missing" }: MetricAlarm) =>
  Namespace === "AWS/DynamoDB" ? "ignore" : TreatMissingData;

/** @throws for comparisons with a band, which the model doesn't have */
function breaches({ ComparisonOperator: operator, Threshold: threshold = 0 }: MetricAlarm, value: number): boolean {
  switch (operator) {
    case "GreaterThanThreshold":
      return value > threshold;
    case "GreaterThanOrEqualToThreshold":
      return value >= threshold;
    case "LessThanThreshold":
      return value < threshold;
    case "LessThanOrEqualToThreshold":
      return value <= threshold;
    default:
      throw new Error(`the model can't compare by ${operator}`);
  }
}
