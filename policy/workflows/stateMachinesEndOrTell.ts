import { PolicyResource } from "@pulumi/policy";
import { problemOfActions } from "../alarms/alarmsAreHeard";
import { make, ref } from "../core/example";
import { Finding } from "../core/finding";
import { EVENT_TARGET, Graph, METRIC_ALARM, QUEUE, STATE_MACHINE } from "../core/graph";
import { mayNotStart } from "../events/deliver";
import { Rule } from "../core/rule";
import { at, known, read, UNKNOWN } from "../core/unknown";
import { parseDefinition, problemsOf } from "./definition";

interface Options {
  readonly longestSeconds?: number;
}

/** A day: longer than any recovery takes, and shorter than a year. */
const LONGEST_SECONDS = 86_400;

const task = {
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Parameters: { FunctionName: "restart" },
  TimeoutSeconds: 60,
  Retry: [{ ErrorEquals: ["Lambda.TooManyRequestsException"], MaxAttempts: 3 }],
  Catch: [{ ErrorEquals: ["States.ALL"], Next: "Failed" }],
  End: true,
};
const machine = (States: object, props: object = {}) =>
  make(STATE_MACHINE, "recovery", {
    roleArn: "arn:aws:iam::123456789012:role/recovery",
    definition: JSON.stringify({ StartAt: "Restart", TimeoutSeconds: 900, States }),
    ...props,
  });
const alarm = (metricName: string) =>
  make(METRIC_ALARM, metricName, {
    namespace: "AWS/States",
    metricName,
    dimensions: { StateMachineArn: ref("recovery", "arn") },
    comparisonOperator: "GreaterThanThreshold",
    threshold: 0,
    alarmActions: ["arn:aws:sns:us-east-1:123456789012:oncall"],
  });

/** State machines end, or somebody is told. */
export const stateMachinesEndOrTell: Rule<Options> = {
  name: "state-machines-end-or-tell",
  what: "State machines have logs, timeouts, a Retry and a Catch of everything on every Task, and alarms on executions that end badly; targets that start them have a retry policy, a dead-letter queue and a role that may.",
  why: "A recovery that fails in silence is worse than none: people rely on it. Without a timeout an execution may hang for a year.",
  mend: "See each finding: it names the state and the field.",
  pages: ["https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html"],
  options: {
    longestSeconds: {
      type: "integer",
      minimum: 1,
      default: LONGEST_SECONDS,
      description: "Seconds that a machine or one of its tasks may take at most.",
    },
  },
  onlyWith: STATE_MACHINE,
  examples: {
    fails: [machine({ Restart: { Type: "Task", Resource: "arn:aws:states:::lambda:invoke", End: true } })],
    passes: [
      machine({ Restart: task, Failed: { Type: "Fail" } }, { loggingConfiguration: { level: "ERROR" } }),
      ...["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"].map(alarm),
    ],
  },
  find: (graph, { longestSeconds = LONGEST_SECONDS }) => [
    ...graph
      .ofType(STATE_MACHINE)
      .flatMap((m) => [...badLogs(m), ...badDefinition(m, longestSeconds), ...missingAlarms(graph, m)]),
    ...graph
      .ofType(EVENT_TARGET)
      .filter((target) => graph.referred(target, "arn", STATE_MACHINE).length > 0)
      .flatMap((target) => badTarget(graph, target)),
  ],
};

function badLogs(machine: PolicyResource): Finding[] {
  const level = read(() => at(machine.props, "loggingConfiguration.level") ?? "OFF");
  return level === "OFF" || level === UNKNOWN
    ? [
        {
          message: `state machine ${machine.name} has no logs: set loggingConfiguration.level to "ERROR" or more`,
          urn: machine.urn,
        },
      ]
    : [];
}

/** A definition with ARNs that this update makes is judged after it. */
function badDefinition(machine: PolicyResource, longestSeconds: number): Finding[] {
  const text = known(() => machine.props["definition"] as string);
  if (text === undefined) {
    return [];
  }
  const definition = parseDefinition(text);
  const problems =
    typeof definition === "string"
      ? [`'s definition can't be read: ${definition}`]
      : problemsOf(definition, longestSeconds);
  return problems.map((problem) => ({ message: `state machine ${machine.name}${problem}`, urn: machine.urn }));
}

/** How an execution can end badly, and what CloudWatch calls that. Express executions can't be aborted. */
const BAD_ENDS = ["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"];

function missingAlarms(graph: Graph, machine: PolicyResource): Finding[] {
  const express = known(() => machine.props["type"] as string | undefined) === "EXPRESS";
  const alarms = graph
    .referrers(machine, METRIC_ALARM, "dimensions")
    .filter((alarm) => problemOfActions(graph, alarm) === undefined);
  return BAD_ENDS.filter((end) => !(express && end === "ExecutionsAborted"))
    .filter((metric) => !alarms.some((a) => known(() => a.props["metricName"]) === metric))
    .map((metric) => ({
      message: `state machine ${machine.name} has no alarm on ${metric} that somebody hears: add one, with alarmActions`,
      urn: machine.urn,
    }));
}

function badTarget(graph: Graph, target: PolicyResource): Finding[] {
  const [machine] = graph.referred(target, "arn", STATE_MACHINE);
  const forbidden = machine && mayNotStart(graph, target, machine);
  const problem = (message: string): Finding => ({ message: `target ${target.name} ${message}`, urn: target.urn });
  const attempts = read(() => at(target.props, "retryPolicy.maximumRetryAttempts"));
  return [
    ...(graph.referred(target, "deadLetterConfig", QUEUE).length === 0 && !isGiven(target, "deadLetterConfig")
      ? [problem("has no dead-letter queue: set deadLetterConfig")]
      : []),
    ...(read(() => target.props["retryPolicy"]) === undefined ? [problem("has no retry policy: set retryPolicy")] : []),
    ...(attempts === 0 ? [problem("never tries again: set retryPolicy.maximumRetryAttempts to 1 or more")] : []),
    ...(forbidden === undefined ? [] : [{ message: forbidden, urn: target.urn }]),
  ];
}

/** Whether something that isn't this stack's is named. */
function isGiven(target: PolicyResource, property: string): boolean {
  const value = read(() => target.props[property]);
  return value !== UNKNOWN && value !== undefined && value !== null;
}
