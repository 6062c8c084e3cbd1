import { edit, Mutation, set, without } from "./mutate";
import { Pattern, ruleOn, START, alarmOn } from "./parts";

const HEARD = "alarms-are-heard";
const heard = (what: string, says: RegExp, change: Mutation["change"]): Mutation => ({
  what,
  rule: HEARD,
  says,
  change,
});
const CPU = alarmOn("CPUUtilization");

export const alarms: readonly Mutation[] = [
  heard(
    "an instance's alarm without a trigger",
    /tells nobody/,
    without(ruleOn("CloudWatch Alarm State Change", "recovery-")),
  ),
  heard(
    "a trigger that is disabled",
    /tells nobody/,
    set(ruleOn("CloudWatch Alarm State Change", "recovery-"), () => ({ state: "DISABLED" })),
  ),
  heard("a trigger on OK", /tells nobody/, edit(ruleOn("CloudWatch Alarm State Change", "recovery-"), "eventPattern", (p: Pattern) => ({ ...p, detail: { ...p.detail, state: { value: ["OK"] } } }))), // prettier-ignore
  heard("a trigger without a target", /tells nobody/, without(START)),
  heard(
    "a threshold that is never reached",
    /never goes off/,
    set(CPU, () => ({ threshold: 101 })),
  ),
  heard(
    "a threshold below zero",
    /never goes off/,
    set(CPU, () => ({ threshold: 0, comparisonOperator: "LessThanThreshold" })),
  ),
  heard(
    "actions of null",
    /tells nobody/,
    set(alarmOn("ExecutionsFailed"), () => ({ alarmActions: [null] })),
  ),
  heard(
    "actions switched off",
    /switched off/,
    set(alarmOn("ExecutionsFailed"), () => ({ actionsEnabled: false })),
  ),
  heard(
    "nobody subscribed",
    /nobody is subscribed/,
    without({ type: "aws:sns/topicSubscription:TopicSubscription" }, true),
  ),
  heard("missing data of a service link taken for health", /takes missing data for health/, set(alarmOn("ConnectedStatus"), () => ({ treatMissingData: "notBreaching" }))), // prettier-ignore
  heard(
    "a service link's threshold of none",
    /never goes off/,
    set(alarmOn("ConnectedStatus"), () => ({ threshold: 0 })),
  ),
];
