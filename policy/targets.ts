import { PolicyResource } from "@pulumi/policy";
import {
  EVENT_RULE,
  EVENT_SOURCE_MAPPING,
  EVENT_TARGET,
  FUNCTION,
  Graph,
  known,
  PERMISSION,
  QUEUE,
  QUEUE_POLICY,
} from "./graph";

/** Why a rule reaches no function, or `undefined` if it does. */
export function brokenRule(graph: Graph, rule: PolicyResource): string | undefined {
  if (
    known(() => rule.props["state"] as string) === "DISABLED" ||
    known(() => rule.props["isEnabled"] as boolean) === false
  ) {
    return `rule ${rule.name} is disabled: enable it`;
  }
  const targets = graph.ofType(EVENT_TARGET).filter((t) => graph.referred(t, "rule", EVENT_RULE).includes(rule));
  const problems = targets.map((target) => brokenTarget(graph, rule, target));
  return problems.includes(undefined) ? undefined : (problems[0] ?? `rule ${rule.name} has no target: add one`);
}

function brokenTarget(graph: Graph, rule: PolicyResource, target: PolicyResource): string | undefined {
  const [fn] = graph.referred(target, "arn", FUNCTION);
  const [queue] = graph.referred(target, "arn", QUEUE);
  if (fn === undefined && queue === undefined) {
    return `target ${target.name} leads to no function or queue that can be determined`;
  }
  const broken = fn ? uninvoked(graph, rule, fn) : queue && unread(graph, rule, queue);
  if (broken === undefined && graph.referred(target, "deadLetterConfig", QUEUE).length === 0) {
    return `target ${target.name} has no dead-letter queue: set deadLetterConfig`;
  }
  return broken;
}

/** Why a rule can't invoke a function. */
function uninvoked(graph: Graph, rule: PolicyResource, fn: PolicyResource): string | undefined {
  const permitted = graph
    .ofType(PERMISSION)
    .some(
      (p) =>
        graph.referred(p, "function", FUNCTION).includes(fn) &&
        graph.referred(p, "sourceArn", EVENT_RULE).includes(rule) &&
        known(() => p.props["principal"] as string) === "events.amazonaws.com",
    );
  return permitted
    ? undefined
    : `rule ${rule.name} may not invoke ${fn.name}: add a permission for events.amazonaws.com`;
}

/** Why what a rule sends to a queue reaches no function. */
function unread(graph: Graph, rule: PolicyResource, queue: PolicyResource): string | undefined {
  const permitted = graph
    .ofType(QUEUE_POLICY)
    .some(
      (p) =>
        graph.referred(p, "queueUrl", QUEUE).includes(queue) && graph.referred(p, "policy", EVENT_RULE).includes(rule),
    );
  if (!permitted) {
    return `rule ${rule.name} may not send to ${queue.name}: name it in a policy of the queue`;
  }
  const mappings = graph
    .ofType(EVENT_SOURCE_MAPPING)
    .filter(
      (m) =>
        graph.referred(m, "eventSourceArn", QUEUE).includes(queue) &&
        graph.referred(m, "functionName", FUNCTION).length > 0,
    );
  if (mappings.length === 0) {
    return `no function reads queue ${queue.name}: add an event source mapping`;
  }
  const enabled = mappings.some((m) => known(() => m.props["enabled"] as boolean | undefined) !== false);
  return enabled ? undefined : `the event source mapping of queue ${queue.name} is disabled: enable it`;
}
