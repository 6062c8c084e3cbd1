import { PolicyResource } from "@pulumi/policy";
import { alarmsAreHeard as rule } from "../../policy/alarms/alarmsAreHeard";
import { EVENT_RULE, EVENT_TARGET, METRIC_ALARM } from "../../policy/core/graph";
import { breaks, cannotTell, holds } from "./find";
import { resource } from "./graph";
import { unknownStringValue as UNKNOWN } from "./unknowns";

const TOPIC = resource("aws:sns/topic:Topic", "topic", {});
const SUBSCRIPTION = resource(
  "aws:sns/topicSubscription:TopicSubscription",
  "mail",
  { protocol: "email" },
  { topic: TOPIC },
);
const alarm = (props: object, refers: Record<string, PolicyResource> = {}) =>
  resource(METRIC_ALARM, "cpu", { ...props }, refers);

describe("alarms-are-heard", () => {
  const silent = alarm({});
  const listening = (state: string) =>
    resource(EVENT_RULE, "rule", { state, eventPattern: UNKNOWN }, { eventPattern: silent });
  const target = (of: PolicyResource) => resource(EVENT_TARGET, "target", { arn: UNKNOWN }, { rule: of });

  it("holds for an alarm with an action, known or not", () => {
    holds(rule, [alarm({ alarmActions: ["arn:topic"] })]);
    holds(rule, [TOPIC, SUBSCRIPTION, alarm({ alarmActions: [UNKNOWN] }, { alarmActions: TOPIC })]);
    holds(rule, [TOPIC, SUBSCRIPTION, alarm({ alarmActions: UNKNOWN }, { alarmActions: TOPIC })]);
  });
  it("holds for an alarm that a rule with a target names", () => {
    const enabled = listening("ENABLED");
    holds(rule, [silent, enabled, target(enabled)]);
  });
  it("holds for an alarm that a composite alarm or a service acts on", () => {
    const composite = { alarmRule: UNKNOWN, alarmActions: ["arn:topic"] };
    holds(rule, [
      silent,
      resource("aws:cloudwatch/compositeAlarm:CompositeAlarm", "all", composite, { alarmRule: silent }),
    ]);
    holds(rule, [silent, resource("aws:ecs/service:Service", "web", {}, { alarms: silent })]);
  });
  it("breaks for an alarm without any of these", () => {
    const message = /^alarm cpu tells nobody: give it alarmActions, or a rule on its state change with a target$/;
    breaks(rule, [silent], message, "cpu");
    breaks(rule, [alarm({ alarmActions: [null] })], message);
    breaks(rule, [alarm({ alarmActions: [] })], message);
    breaks(rule, [alarm({ alarmActions: [""] })], message);
  });
  it("breaks if the actions are switched off", () =>
    breaks(
      rule,
      [alarm({ alarmActions: ["arn:a"], actionsEnabled: false })],
      /switched off; set actionsEnabled to true/,
    ));
  it("breaks if nobody is subscribed to its only topic", () => {
    const to = alarm({ alarmActions: [UNKNOWN] }, { alarmActions: TOPIC });
    breaks(rule, [TOPIC, to], /nobody is subscribed to topic; add a TopicSubscription/);
    holds(rule, [TOPIC, alarm({ alarmActions: [UNKNOWN, "arn:aws:sns:us-east-1:1:other"] }, { alarmActions: TOPIC })]);
  });
  it("breaks if the rule is disabled, or has no target", () => {
    const disabled = listening("DISABLED");
    breaks(rule, [silent, disabled, target(disabled)], /tells nobody/);
    breaks(rule, [silent, listening("ENABLED")], /tells nobody/);
  });
  it("breaks if the rule is on another state than ALARM", () => {
    const named = alarm({ name: "cpu-1" });
    const on = (value: string) => {
      const eventPattern = JSON.stringify({
        source: ["aws.cloudwatch"],
        detail: { alarmName: ["cpu-1"], state: { value: [value] } },
      });
      return resource(EVENT_RULE, "rule", { state: "ENABLED", eventPattern }, { eventPattern: named });
    };
    holds(
      rule,
      [named, on("ALARM"), target(on("ALARM"))].map((r, i, all) => (i === 2 ? target(all[1] as PolicyResource) : r)),
    );
    const ok = on("OK");
    breaks(rule, [named, ok, target(ok)], /tells nobody/);
  });
  it("can't tell actions that aren't known and made of nothing", () =>
    cannotTell(rule, [alarm({ alarmActions: UNKNOWN })], /alarmActions of cpu isn't known before the update/));

  describe("whose threshold can't be reached", () => {
    const on = (
      namespace: string,
      metricName: string,
      comparisonOperator: string,
      threshold: number,
      props: object = {},
    ) => [alarm({ namespace, metricName, comparisonOperator, threshold, alarmActions: ["arn:a"], ...props })];
    it("breaks above what a metric can be", () => {
      breaks(
        rule,
        on("AWS/EC2", "CPUUtilization", "GreaterThanThreshold", 100),
        /never goes off, since CPUUtilization goes from 0 to 100/,
      );
      breaks(rule, on("AWS/EC2", "StatusCheckFailed", "GreaterThanOrEqualToThreshold", 2), /from 0 to 1/);
      holds(rule, on("AWS/EC2", "CPUUtilization", "GreaterThanOrEqualToThreshold", 100));
      holds(rule, on("AWS/EC2", "StatusCheckFailed", "GreaterThanThreshold", 0));
      holds(rule, on("AWS/ECS", "CPUUtilization", "GreaterThanThreshold", 150));
    });
    it("breaks below zero", () => {
      breaks(rule, on("AWS/Outposts", "ConnectedStatus", "LessThanThreshold", 0), /change its threshold of 0/);
      holds(rule, on("AWS/Outposts", "ConnectedStatus", "LessThanThreshold", 1));
    });
    it("doesn't judge sums, nor metrics that it doesn't know", () => {
      holds(rule, on("AWS/EC2", "StatusCheckFailed", "GreaterThanThreshold", 5, { statistic: "Sum" }));
      holds(rule, on("Shop", "Orders", "LessThanThreshold", 0));
    });
    it("breaks if missing data counts as health where what is dead is silent", () => {
      const dead = { treatMissingData: "notBreaching" };
      breaks(
        rule,
        on("AWS/Outposts", "ConnectedStatus", "LessThanThreshold", 1, dead),
        /takes missing data for health/,
      );
      holds(rule, on("AWS/EC2", "CPUUtilization", "GreaterThanThreshold", 90, dead));
    });
  });
});
