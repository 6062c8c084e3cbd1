import { PolicyResource } from "@pulumi/policy";
import { EVENT_RULE, EVENT_TARGET, FUNCTION, Graph, known, PERMISSION, QUEUE } from "./graph";

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
  if (fn === undefined) {
    return `target ${target.name} runs no function that can be determined`;
  }
  const permitted = graph
    .ofType(PERMISSION)
    .some(
      (p) =>
        graph.referred(p, "function", FUNCTION).includes(fn) &&
        graph.referred(p, "sourceArn", EVENT_RULE).includes(rule) &&
        known(() => p.props["principal"] as string) === "events.amazonaws.com",
    );
  if (!permitted) {
    return `rule ${rule.name} may not invoke ${fn.name}: add a permission for events.amazonaws.com`;
  }
  if (graph.referred(target, "deadLetterConfig", QUEUE).length === 0) {
    return `target ${target.name} has no dead-letter queue: set deadLetterConfig`;
  }
  return undefined;
}
