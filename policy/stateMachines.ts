import { PolicyResource } from "@pulumi/policy";
import {
  EVENT_TARGET,
  Finding,
  Graph,
  IAM_ROLE,
  known,
  METRIC_ALARM,
  QUEUE,
  read,
  STATE_MACHINE,
  UNKNOWN,
} from "./graph";

/** A state as far as the rules look at it. States can hold states: in branches, or in what a Map does to each item. */
interface State {
  readonly Type?: string;
  readonly TimeoutSeconds?: unknown;
  readonly TimeoutSecondsPath?: unknown;
  readonly Catch?: readonly unknown[];
  readonly Branches?: readonly Definition[];
  readonly Iterator?: Definition;
  readonly ItemProcessor?: Definition;
}

interface Definition {
  readonly TimeoutSeconds?: unknown;
  readonly States?: Readonly<Record<string, State>>;
}

/**
 * State machines that could fail or hang without anybody noticing: without logs, without a timeout for the whole and for
 * each Task, with a Task whose failure nothing catches, without alarms on executions that end badly, or started by a
 * target that drops events. A definition that a preview can't know is judged in the update.
 */
export function unreliableMachines(graph: Graph): Finding[] {
  const machines = graph
    .ofType(STATE_MACHINE)
    .flatMap((machine) => [...badLogs(machine), ...badDefinition(machine), ...missingAlarms(graph, machine)]);
  const targets = graph
    .ofType(EVENT_TARGET)
    .filter((target) => graph.referred(target, "arn", STATE_MACHINE).length > 0)
    .flatMap((target) => badTarget(graph, target));
  return [...machines, ...targets];
}

function badLogs(machine: PolicyResource): Finding[] {
  const level = read(() => (machine.props["loggingConfiguration"] as { level?: string } | undefined)?.level ?? "OFF");
  return level === "OFF" || level === UNKNOWN
    ? [
        {
          message: `state machine ${machine.name} has no logs: set loggingConfiguration.level to "ERROR" or more`,
          urn: machine.urn,
        },
      ]
    : [];
}

function badDefinition(machine: PolicyResource): Finding[] {
  const text = known(() => machine.props["definition"] as string);
  if (text === undefined) {
    return [];
  }
  const problem = (message: string): Finding => ({
    message: `state machine ${machine.name}${message}`,
    urn: machine.urn,
  });
  let definition: Definition;
  try {
    definition = JSON.parse(text) as Definition;
  } catch {
    return [problem("'s definition is not JSON")];
  }
  const whole =
    definition.TimeoutSeconds === undefined
      ? [problem(" has no timeout: set TimeoutSeconds, or an execution can hang for a year")]
      : [];
  const tasks = tasksOf(definition).flatMap(([name, task]) => [
    ...(task.TimeoutSeconds === undefined && task.TimeoutSecondsPath === undefined
      ? [problem(`'s task ${name} has no timeout: set TimeoutSeconds`)]
      : []),
    ...((task.Catch ?? []).length === 0 ? [problem(`'s task ${name} has no Catch: lead its errors to a person`)] : []),
  ]);
  return [...whole, ...tasks];
}

/** The tasks of a definition, at whatever depth. */
function tasksOf({ States = {} }: Definition): [name: string, task: State][] {
  return Object.entries(States).flatMap(([name, state]) => {
    const inner = [...(state.Branches ?? []), state.Iterator ?? {}, state.ItemProcessor ?? {}].flatMap(tasksOf);
    return state.Type === "Task" ? [[name, state], ...inner] : inner;
  });
}

/** How an execution can end badly, and what CloudWatch calls that. */
const BAD_ENDS = ["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"];

function missingAlarms(graph: Graph, machine: PolicyResource): Finding[] {
  const alarms = graph
    .ofType(METRIC_ALARM)
    .filter((alarm) => graph.referred(alarm, "dimensions", STATE_MACHINE).includes(machine));
  return BAD_ENDS.filter((metric) => !alarms.some((a) => known(() => a.props["metricName"]) === metric)).map(
    (metric) => ({
      message: `state machine ${machine.name} has no alarm on ${metric}: add one, with alarmActions`,
      urn: machine.urn,
    }),
  );
}

function badTarget(graph: Graph, target: PolicyResource): Finding[] {
  const problem = (message: string): Finding => ({ message: `target ${target.name} ${message}`, urn: target.urn });
  return [
    ...(graph.referred(target, "deadLetterConfig", QUEUE).length === 0
      ? [problem("has no dead-letter queue: set deadLetterConfig")]
      : []),
    ...(read(() => target.props["retryPolicy"]) === undefined ? [problem("has no retry policy: set retryPolicy")] : []),
    ...(graph.referred(target, "roleArn", IAM_ROLE).length === 0
      ? [problem("has no role to start the state machine with: set roleArn")]
      : []),
  ];
}
