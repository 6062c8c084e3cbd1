import { PolicyResource } from "@pulumi/policy";
import { make, ref } from "../core/example";
import { Finding, undetermined } from "../core/finding";
import { EVENT_RULE, EVENT_TARGET, Graph, METRIC_ALARM } from "../core/graph";
import { Rule } from "../core/rule";
import { items, known, read, UNKNOWN } from "../core/unknown";
import { gets } from "../events/deliver";
import { alarmState } from "../events/event";
import { METRICS } from "./metrics";

const COMPOSITE_ALARM = "aws:cloudwatch/compositeAlarm:CompositeAlarm";
const TOPIC = "aws:sns/topic:Topic";
const SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription";
/** What acts on an alarm that it names, and by which property. */
const LISTENERS = {
  "aws:ecs/service:Service": "alarms",
  "aws:route53/healthCheck:HealthCheck": "cloudwatchAlarmName",
  "aws:autoscaling/group:Group": "instanceRefresh",
  "aws:arczonalshift/zonalAutoshiftConfiguration:ZonalAutoshiftConfiguration": "outcomeAlarms",
  "aws:codedeploy/deploymentGroup:DeploymentGroup": "alarmConfiguration",
} as const;

const alarm = (props: object) =>
  make(METRIC_ALARM, "status", {
    namespace: "AWS/EC2",
    metricName: "StatusCheckFailed",
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    threshold: 1,
    ...props,
  });

/** Each alarm can go off, and somebody or something hears of it when it does. */
export const alarmsAreHeard: Rule = {
  name: "alarms-are-heard",
  what: "Each alarm can go off, and has actions, a composite alarm or a rule with a target that hears of it.",
  why: "An alarm that nobody hears, or that its metric can never reach, is found out on the day it was for.",
  mend: "Give it `alarmActions` with a topic that has a subscription, and a threshold that the metric can reach.",
  pages: ["https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html"],
  onlyWith: METRIC_ALARM,
  examples: {
    fails: [alarm({})],
    passes: [
      make(TOPIC, "oncall"),
      make(SUBSCRIPTION, "oncall", { topic: ref("oncall", "arn"), protocol: "email", endpoint: "oncall@example.com" }),
      alarm({ alarmActions: [ref("oncall", "arn")] }),
    ],
  },
  find: (graph: Graph) => graph.ofType(METRIC_ALARM).flatMap((a) => [...unheard(graph, a), ...unreachable(a)]),
};

function unheard(graph: Graph, alarm: PolicyResource): Finding[] {
  const actions = problemOfActions(graph, alarm);
  if (actions === undefined || isHeardOtherwise(graph, alarm)) {
    return [];
  }
  return actions === UNKNOWN
    ? [
        undetermined(
          `alarmActions of ${alarm.name} isn't known before the update: list a topic of this stack`,
          alarm.urn,
        ),
      ]
    : [{ message: `alarm ${alarm.name} tells nobody: ${actions}`, urn: alarm.urn }];
}

/** Why an alarm's own actions reach nobody; `undefined` if they do. */
export function problemOfActions(graph: Graph, alarm: PolicyResource): string | typeof UNKNOWN | undefined {
  if (known(() => alarm.props["actionsEnabled"] as boolean | undefined) === false) {
    return "its actions are switched off; set actionsEnabled to true";
  }
  const list = items(() => alarm.props["alarmActions"] as unknown[] | undefined);
  const topics = graph.referred(alarm, "alarmActions", TOPIC);
  const others = (alarm.propertyDependencies["alarmActions"] ?? []).filter((r) => r.type !== TOPIC);
  if (list === UNKNOWN) {
    return topics.length + others.length === 0 ? UNKNOWN : unsubscribed(graph, topics, others.length);
  }
  const given = list.filter((action) => action === UNKNOWN || (typeof action === "string" && action !== ""));
  if (given.length === 0) {
    return "give it alarmActions, or a rule on its state change with a target";
  }
  return unsubscribed(graph, topics, given.length - topics.length);
}

function unsubscribed(graph: Graph, topics: readonly PolicyResource[], others: number): string | undefined {
  const deaf = topics.filter((topic) => graph.referrers(topic, SUBSCRIPTION, "topic").length === 0);
  return deaf.length > 0 && deaf.length === topics.length && others <= 0
    ? `nobody is subscribed to ${deaf.map((t) => t.name).join(", ")}; add a TopicSubscription`
    : undefined;
}

/** Whether a rule with a target, a composite alarm or a service acts on an alarm. */
function isHeardOtherwise(graph: Graph, alarm: PolicyResource): boolean {
  const name = known(() => alarm.props["name"] as string | undefined) ?? "";
  const byRule = graph
    .ofType(EVENT_RULE)
    .filter((rule) => known(() => rule.props["state"] as string) !== "DISABLED")
    .filter((rule) => graph.referrers(rule, EVENT_TARGET, "rule").length > 0)
    .some((rule) => gets(graph, rule, alarmState(name, "ALARM"), alarm) === true);
  const byComposite = graph
    .ofType(COMPOSITE_ALARM)
    .some(
      (c) =>
        graph.dependencies(c, "alarmRule", METRIC_ALARM).includes(alarm) && problemOfActions(graph, c) === undefined,
    );
  const byService = Object.entries(LISTENERS).some(
    ([type, property]) => graph.referrers(alarm, type, property).length > 0,
  );
  return byRule || byComposite || byService;
}

/** Thresholds that a metric can't reach, and missing data that is taken for health where it means the opposite. */
function unreachable(alarm: PolicyResource): Finding[] {
  const text = (key: string) => known(() => alarm.props[key] as string | undefined) ?? "";
  const metric = METRICS.find((m) => m.namespace.test(text("namespace")) && m.name.test(text("metricName")));
  const threshold = read(() => alarm.props["threshold"] as number | undefined);
  const region = text("region");
  if (metric?.onlyIn !== undefined && region !== "" && region !== metric.onlyIn) {
    const message = `alarm ${alarm.name} never goes off, since ${metric.onlyIn} alone has ${text("metricName")} of ${text("namespace")}: set its region to ${metric.onlyIn}, not ${region}`;
    return [{ message, urn: alarm.urn }];
  }
  if (metric === undefined || typeof threshold !== "number" || ["Sum", "SampleCount"].includes(text("statistic"))) {
    return [];
  }
  const operator = text("comparisonOperator");
  const reachable =
    (operator === "GreaterThanThreshold" && threshold < metric.highest) ||
    (operator === "GreaterThanOrEqualToThreshold" && threshold <= metric.highest) ||
    (operator === "LessThanThreshold" && threshold > 0) ||
    (operator === "LessThanOrEqualToThreshold" && threshold >= 0) ||
    !/^(Greater|Less)Than(OrEqualTo)?Threshold$/.test(operator);
  const what = `alarm ${alarm.name}`;
  const range = `${text("metricName")} goes from 0 to ${metric.highest}`;
  return [
    ...(reachable
      ? []
      : [{ message: `${what} never goes off, since ${range}: change its threshold of ${threshold}`, urn: alarm.urn }]),
    ...(metric.silenceIsDeath === true && text("treatMissingData") === "notBreaching"
      ? [{ message: `${what} takes missing data for health, but what is dead reports nothing: set treatMissingData to "missing" or "breaching"`, urn: alarm.urn }] // prettier-ignore
      : []),
  ];
}
