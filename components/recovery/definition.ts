import { TRANSIENT } from "../../lambdas/recovery/task";
import {
  Choice,
  Comparison,
  inPartition,
  LAMBDA_TRANSIENT,
  Retrier,
  retry,
  State,
  StateMachineDefinition,
  Task,
} from "./stateLanguage";

/** Names of the functions that every execution calls; the instance's own two are in its input. */
export interface FunctionNames {
  readonly status: string;
  readonly url: string;
  readonly ssh: string;
  readonly cpu: string;
  readonly report: string;
  readonly page: string;
}

/** What the state machine's waits and deadlines are made from. */
export interface RecoveryTimes {
  /** Seconds after a restart by which the status checks must pass. */
  readonly deadlineSeconds: number;
  /** Seconds for the application to start once they do. */
  readonly warmUpSeconds: number;
}

/** Seconds between two looks at the status checks, which EC2 makes every minute. */
const POLL_SECONDS = 15;
/** Seconds between two tries to get the turn for a restart. */
const TURN_SECONDS = 30;
/** Seconds within which a check ends; its function gives up earlier. */
const CHECK_TIMEOUT_SECONDS = 30;
/** Seconds within which a function that writes ends, all attempts of its calls included. */
const ACT_TIMEOUT_SECONDS = 60;

/** Seconds for which an execution waits for its turn: as long as two others may take one after the other. */
export function maxWaitSeconds({ deadlineSeconds, warmUpSeconds }: RecoveryTimes): number {
  return 2 * (deadlineSeconds + warmUpSeconds);
}

/** The runs of the checks, before and after a restart. */
type Run = "First" | "Second";
type Check = "Url" | "HealthCheck" | "Ssh" | "Cpu";

/** The names of all states. */
export type RecoveryStateName =
  | `${Run}${Check}`
  | `${Run}Verdict`
  | "CheckStatus"
  | "StatusVerdict"
  | "Restart"
  | "RestartVerdict"
  | "WaitForTurn"
  | "CountTurn"
  | "WaitForChecks"
  | "CountPoll"
  | "PollStatus"
  | "PollVerdict"
  | "WarmUp"
  | "LookAgain"
  | "LookAgainVerdict"
  | "ReportRecovered"
  | "ReportLeftAlone"
  | "Page"
  | "PageBySns"
  | "FalseAlarm"
  | "Duplicate"
  | "LeftAlone"
  | "Recovered"
  | "Paged"
  | "NobodyTold";

type S = State<RecoveryStateName>;

/**
 * The recovery workflow. Its input is what the target's input transformer makes of the alarm's event; each state adds
 * what it finds, so that the message at the end can say it all.
 * @param partition `aws`, `aws-us-gov` or `aws-cn`
 */
export function recoveryDefinition(
  functions: FunctionNames,
  times: RecoveryTimes,
  partition: string,
): StateMachineDefinition<RecoveryStateName> {
  const states: Record<RecoveryStateName, S> = {
    ...look(functions),
    ...run("First", functions, "FalseAlarm", "Restart", {
      // Whatever the checks say: EC2's own look at the instance is not to be overlooked.
      ReportLeftAlone: [equals("$.system.verdict", "impaired")],
    }),
    ...restart(),
    ...recover(functions, times),
    ...run("Second", functions, "ReportRecovered", "LookAgain"),
    ...tell(functions),
    FalseAlarm: { Type: "Succeed", Comment: "All good: nobody is told" },
    Duplicate: { Type: "Succeed", Comment: "Another execution deals, or has dealt, with this outage" },
    LeftAlone: { Type: "Succeed", Comment: "Not for this workflow to recover" },
    Recovered: { Type: "Succeed", Comment: "The restart has helped" },
    Paged: { Type: "Succeed", Comment: "A person knows" },
    NobodyTold: { Type: "Fail", Error: "NobodyTold", Cause: "Neither the pager nor SNS could be reached" },
  };
  return {
    Comment: "Checks a pegged EC2 instance, restarts it once, and reports or pages",
    StartAt: "CheckStatus",
    TimeoutSeconds: timeoutSeconds(times),
    States: inPartition(partition, states),
  };
}

/** Twice all waits, since waiting for a turn means checking again and again, and half an hour for the tasks. */
function timeoutSeconds(times: RecoveryTimes): number {
  return 2 * (maxWaitSeconds(times) + times.deadlineSeconds + times.warmUpSeconds) + 1800;
}

/** EC2's status checks come first: a failing system is EC2's own to recover. */
function look({ status, report }: FunctionNames) {
  return {
    CheckStatus: invoke(status, { "target.$": "$.target" }, "$.system", ["verdict", "detail"], "StatusVerdict"),
    StatusVerdict: choose("FirstUrl", {
      ReportLeftAlone: [equals("$.system.verdict", "system-impaired"), equals("$.system.verdict", "not-running")],
    }),
    ReportLeftAlone: tellBy(report, "LeftAlone"),
  } satisfies Partial<Record<RecoveryStateName, S>>;
}

/** One run of the four checks, all of them whatever they find, so that the message can say it all. */
function run<R extends Run>(
  name: R,
  { url, ssh, cpu }: FunctionNames,
  good: RecoveryStateName,
  bad: RecoveryStateName,
  goodBut: Branches = {},
): Record<`${R}${Check}` | `${R}Verdict`, S> {
  const path = `$.${name.toLowerCase()}`;
  const target = { "target.$": "$.target" };
  const measured = name === "First" ? target : { ...target, "since.$": "$.restart.at" };
  const check = (fn: FunctionName, input: object, result: string, next: RecoveryStateName, more: Retrier[] = []) =>
    invoke(fn, input, `${path}.${result}`, ["passed", "detail"], next, more);
  const passed = (result: string) => ({ Variable: `${path}.${result}.passed`, BooleanEquals: true });
  const all = ["url", "healthCheck", "ssh", "cpu"].map(passed);
  const states: Record<Check | "Verdict", S> = {
    Url: check(url, target, "url", `${name}HealthCheck`),
    HealthCheck: check({ path: "$.functions.healthCheck" }, target, "healthCheck", `${name}Ssh`),
    Ssh: check(ssh, target, "ssh", `${name}Cpu`, [AWAIT_INTERFACE]),
    Cpu: check(cpu, measured, "cpu", `${name}Verdict`, [AWAIT_DATUM]),
    Verdict: choose(bad, {
      ...Object.fromEntries(
        Object.entries(goodBut).map(([next, comparisons]) => [next, comparisons.map((c) => ({ And: [...all, c] }))]),
      ),
      [good]: [{ And: all }],
    }),
  };
  return Object.fromEntries(Object.entries(states).map(([state, value]) => [`${name}${state}`, value])) as Record<
    `${R}${Check}` | `${R}Verdict`,
    S
  >;
}

/**
 * Lambda takes the interfaces of a function in a VPC back when it has not run for some weeks. The next call then fails,
 * and makes Lambda attach it anew, which takes minutes; with full jitter this waits for five on average.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
 */
const AWAIT_INTERFACE: Retrier = {
  ErrorEquals: ["Lambda.ResourceNotReadyException"],
  IntervalSeconds: 30,
  BackoffRate: 1,
  MaxAttempts: 20,
  MaxDelaySeconds: 60,
  JitterStrategy: "FULL",
};

/** A datum of after the restart may come some minutes later; with full jitter this waits for four on average. */
const AWAIT_DATUM: Retrier = {
  ErrorEquals: ["NoDatum"],
  IntervalSeconds: 30,
  BackoffRate: 1,
  MaxAttempts: 16,
  MaxDelaySeconds: 60,
  JitterStrategy: "FULL",
};

/** Restarts the instance, or waits for its turn and then looks again whether it still needs to be restarted. */
function restart(): Record<"Restart" | "RestartVerdict" | "WaitForTurn" | "CountTurn", S> {
  const request = {
    "target.$": "$.target",
    "outage.$": "$.outage",
    "waitedSeconds.$": "$.waited.seconds",
    "execution.$": "$$.Execution.Id",
  };
  const outcome = (value: string) => [equals("$.restart.outcome", value)];
  return {
    Restart: invoke(
      { path: "$.functions.restart" },
      request,
      "$.restart",
      ["outcome", "reason", "at"],
      "RestartVerdict",
      [],
      ACT_TIMEOUT_SECONDS,
    ),
    RestartVerdict: choose("Page", {
      WaitForChecks: [...outcome("restarted"), ...outcome("unanswered")],
      ReportLeftAlone: outcome("not-running"),
      WaitForTurn: outcome("wait"),
      Duplicate: outcome("duplicate"),
    }),
    WaitForTurn: { Type: "Wait", Seconds: TURN_SECONDS, Next: "CountTurn" },
    CountTurn: count("waited", TURN_SECONDS, "CheckStatus"),
  };
}

/** Polls the status checks until they pass or the deadline has come. What a person stops meanwhile is left alone. */
function recover(
  { status }: FunctionNames,
  { deadlineSeconds, warmUpSeconds }: RecoveryTimes,
): Record<
  "WaitForChecks" | "CountPoll" | "PollStatus" | "PollVerdict" | "WarmUp" | "LookAgain" | "LookAgainVerdict",
  S
> {
  const look = (next: RecoveryStateName) =>
    invoke(status, { "target.$": "$.target" }, "$.status", ["verdict", "detail"], next);
  const stopped = [equals("$.status.verdict", "not-running")];
  return {
    WaitForChecks: { Type: "Wait", Seconds: POLL_SECONDS, Next: "CountPoll" },
    CountPoll: count("polled", POLL_SECONDS, "PollStatus"),
    PollStatus: look("PollVerdict"),
    PollVerdict: choose("WaitForChecks", {
      ReportLeftAlone: stopped,
      WarmUp: [equals("$.status.verdict", "ok")],
      Page: [{ Variable: "$.polled.seconds", NumericGreaterThanEquals: deadlineSeconds }],
    }),
    WarmUp: { Type: "Wait", Seconds: warmUpSeconds, Next: "SecondUrl" },
    LookAgain: look("LookAgainVerdict"),
    LookAgainVerdict: choose("Page", { ReportLeftAlone: stopped }),
  };
}

/** Chat, the pager, and SNS for a pager that fails: by Step Functions itself, since Lambda may be what is failing. */
function tell({ report, page }: FunctionNames): Record<"ReportRecovered" | "Page" | "PageBySns", S> {
  return {
    ReportRecovered: tellBy(report, "Recovered"),
    Page: tellBy(page, "Paged", { ErrorEquals: ["States.ALL"], ResultPath: "$.pagerError", Next: "PageBySns" }),
    PageBySns: {
      Type: "Task",
      Resource: "states:::sns:publish",
      Parameters: {
        "TopicArn.$": "$.topicArn",
        "Subject.$": "States.Format('PAGER FAILED: recovery of {}', $.target)",
        "Message.$": "States.Format('{}: {}\n\n{}', $.pagerError.Error, $.pagerError.Cause, States.JsonToString($))",
      },
      ResultPath: null,
      TimeoutSeconds: ACT_TIMEOUT_SECONDS,
      Retry: retry("SNS.ThrottledException", "SNS.InternalErrorException", "SNS.SdkClientException"),
      Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.snsError", Next: "NobodyTold" }],
      Next: "Paged",
    },
  };
}

/** A function's name, or the path in the input where it stands. */
type FunctionName = string | { readonly path: string };

/** A failure that leads to the page. */
const PAGE = { ErrorEquals: ["States.ALL"], ResultPath: "$.error", Next: "Page" } as const;

/** A task that calls a function and keeps the named fields of its result. */
function invoke(
  fn: FunctionName,
  input: object,
  resultPath: string,
  fields: readonly string[],
  next: RecoveryStateName,
  more: readonly Retrier[] = [],
  timeoutSeconds = CHECK_TIMEOUT_SECONDS,
): Task<RecoveryStateName> {
  return {
    Type: "Task",
    Resource: "states:::lambda:invoke",
    Parameters: { ...(typeof fn === "string" ? { FunctionName: fn } : { "FunctionName.$": fn.path }), Payload: input },
    ResultSelector: Object.fromEntries(fields.map((field) => [`${field}.$`, `$.Payload.${field}`])),
    ResultPath: resultPath,
    TimeoutSeconds: timeoutSeconds,
    Retry: [...retry(...LAMBDA_TRANSIENT, TRANSIENT), ...more],
    Catch: [PAGE],
    Next: next,
  };
}

/** A task that tells somebody all that is known. */
function tellBy(fn: string, next: RecoveryStateName, otherwise: Task<RecoveryStateName>["Catch"][number] = PAGE) {
  const input = { "execution.$": "$$.Execution.Id", "state.$": "$" };
  const told = invoke(fn, input, "$.told", ["outcome"], next, [], ACT_TIMEOUT_SECONDS);
  return { ...told, Catch: [otherwise] };
}

/** The conditions of which any leads to a state. */
type Branches = Partial<Record<RecoveryStateName, readonly Comparison[]>>;

/** A choice: for each state that it may lead to the conditions of which any leads there. */
function choose(otherwise: RecoveryStateName, branches: Branches): Choice<RecoveryStateName> {
  const entries = Object.entries(branches) as [RecoveryStateName, readonly Comparison[]][];
  return {
    Type: "Choice",
    Choices: entries.flatMap(([Next, comparisons]) => comparisons.map((comparison) => ({ ...comparison, Next }))),
    Default: otherwise,
  };
}

const equals = (Variable: string, StringEquals: string): Comparison => ({ Variable, StringEquals });

/** Adds to the seconds in a field of the input. */
function count(field: string, seconds: number, next: RecoveryStateName): S {
  return {
    Type: "Pass",
    Parameters: { "seconds.$": `States.MathAdd($.${field}.seconds, ${seconds})` },
    ResultPath: `$.${field}`,
    Next: next,
  };
}
