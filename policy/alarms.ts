import { PolicyResource } from "@pulumi/policy";
import { EVENT_RULE, EVENT_TARGET, Finding, Graph, known, knownItems, METRIC_ALARM } from "./graph";

/** Alarms that nobody hears: neither an action of their own nor an EventBridge rule with a target that names them. */
export function unheardAlarms(graph: Graph): Finding[] {
  return graph
    .ofType(METRIC_ALARM)
    .filter((alarm) => !hasActions(alarm) && !isHeard(graph, alarm))
    .map((alarm) => ({
      message: `alarm ${alarm.name} tells nobody: give it alarmActions, or a rule on its state change with a target`,
      urn: alarm.urn,
    }));
}

/** Whether an alarm has actions, and doesn't switch them off. */
export function hasActions(alarm: PolicyResource): boolean {
  const actions = alarm.propertyDependencies["alarmActions"] ?? [];
  const literal = knownItems(() => alarm.props["alarmActions"] as string[] | undefined);
  const enabled = known(() => alarm.props["actionsEnabled"] as boolean | undefined) !== false;
  return enabled && actions.length + literal.length > 0;
}

function isHeard(graph: Graph, alarm: PolicyResource): boolean {
  const targets = graph.ofType(EVENT_TARGET).flatMap((t) => graph.referred(t, "rule", EVENT_RULE));
  return graph
    .ofType(EVENT_RULE)
    .filter((rule) => known(() => rule.props["state"] as string) !== "DISABLED" && targets.includes(rule))
    .some((rule) => graph.referred(rule, "eventPattern", METRIC_ALARM).includes(alarm));
}
