import * as t from "../../../policy/core/graph";
import { ExportedResource } from "./deployment";
import { edit, Mutation, set, Where, without } from "./mutate";
import {
  Policy,
  Pattern,
  text,
  ruleOn,
  targetOf,
  schedule,
  alarmOn,
  rolePolicy,
  GATEWAY_GROUP,
  GATEWAY_QUEUE,
  withoutAction,
  onlyOne,
} from "./parts";

const FAIL_OVER = "gateways-fail-over-and-back";
const failOver = (what: string, says: RegExp, change: Mutation["change"]): Mutation => ({
  what,
  rule: FAIL_OVER,
  says,
  change,
});

const TRIGGERS: readonly [string, Where, RegExp][] = [
  ["terminating", ruleOn("EC2 Instance-terminate Lifecycle Action"), /before its instance is terminated/],
  ["terminated", ruleOn("EC2 Instance Terminate Successful"), /has been terminated/],
  ["launched", ruleOn("EC2 Instance Launch Successful"), /has been launched/],
  ["stops", ruleOn("EC2 Instance State-change Notification"), /when its instance stops/],
  ["attachments", ruleOn("AttachNetworkInterface"), /when its interface is attached/],
  ["status alarms", ruleOn("CloudWatch Alarm State Change", "gateway-"), /its checks/],
];

export const gateway: readonly Mutation[] = [
  ...TRIGGERS.flatMap(([what, where, says]) => [
    failOver(`no rule for ${what}`, says, without(where)),
    failOver(
      `the rule for ${what} is disabled`,
      /is disabled: enable it/,
      set(where, () => ({ state: "DISABLED" })),
    ),
    failOver(
      `the rule for ${what} is on another bus`,
      says,
      set(where, () => ({ eventBusName: "apps" })),
    ),
    failOver(
      `the pattern for ${what} has another source`,
      says,
      edit(where, "eventPattern", (p: Pattern) => ({ ...p, source: ["aws.ecs"] })),
    ),
    failOver(`the pattern for ${what} takes all but its detail type`, says, edit(where, "eventPattern", (p: Pattern) => ({ ...p, "detail-type": [{ "anything-but": p["detail-type"] }] }))), // prettier-ignore
  ]),
  failOver("the pattern of terminating groups names two of three", /before its instance is terminated/, edit(TRIGGERS[0]?.[1] as Where, "eventPattern", (p: Pattern) => ({ ...p, detail: { AutoScalingGroupName: (p.detail?.["AutoScalingGroupName"] as string[]).slice(1) } }))), // prettier-ignore
  failOver("the pattern of attachments names what is detached", /when its interface is attached/, edit(ruleOn("AttachNetworkInterface"), "eventPattern", (p: Pattern) => ({ ...p, detail: { ...p.detail, eventName: ["DetachNetworkInterface"] } }))), // prettier-ignore
  failOver("no schedule", /from time to time/, without(schedule(/^gateway-/))),
  failOver(
    "the schedule is disabled",
    /from time to time/,
    set(schedule(/^gateway-/), () => ({ state: "DISABLED" })),
  ),
  failOver("targets without a dead-letter queue", /has no dead-letter queue: set deadLetterConfig/, set(targetOf(/^gateway-/), () => ({ deadLetterConfig: undefined }), true)), // prettier-ignore
  failOver("targets that are never tried again", /never tries again/, set(targetOf(/^gateway-/), () => ({ retryPolicy: { maximumRetryAttempts: 0 } }), true)), // prettier-ignore
  failOver("targets are gone", /has no target: add one/, without(targetOf(/^gateway-/), true)),
  failOver(
    "targets name no message group",
    /names no message group/,
    set(targetOf(/^gateway-/), () => ({ sqsTarget: undefined }), true),
  ),
  failOver("the queue's policy admits nobody", /takes nothing from rule/, without({ type: "aws:sqs/queuePolicy:QueuePolicy", name: GATEWAY_QUEUE }, true)), // prettier-ignore
  failOver("the queue's policy admits another service", /takes nothing from rule/, edit({ type: "aws:sqs/queuePolicy:QueuePolicy", name: GATEWAY_QUEUE }, "policy", (p: Policy) => ({ ...p, Statement: p.Statement.map((s) => ({ ...s, Principal: { Service: "sns.amazonaws.com" } })) }), true)), // prettier-ignore
  failOver("nothing works off the queue", /nothing works off queue/, without({ type: "aws:lambda/eventSourceMapping:EventSourceMapping", name: /^gateway-/ })), // prettier-ignore
  failOver("the mapping is disabled", /is disabled: enable it/, set({ type: "aws:lambda/eventSourceMapping:EventSourceMapping", name: /^gateway-/ }, () => ({ enabled: false }))), // prettier-ignore
  failOver("the queue has no dead-letter queue", /set redrivePolicy/, set({ type: t.QUEUE, name: GATEWAY_QUEUE }, () => ({ redrivePolicy: undefined }), true)), // prettier-ignore
  failOver("the role may not replace routes", /doesn't allow ec2:ReplaceRoute/, edit(rolePolicy(/^gateway-(?!.*eu|.*us)/), "policy", withoutAction("ec2:ReplaceRoute"))), // prettier-ignore
  failOver("the role may replace one table's routes", /doesn't allow ec2:ReplaceRoute on/, edit(rolePolicy(/^gateway-(?!.*eu|.*us)/), "policy", onlyOne("ec2:ReplaceRoute"))), // prettier-ignore
  failOver("the role may complete one group's hook", /CompleteLifecycleAction on/, edit(rolePolicy(/^gateway-(?!.*eu|.*us)/), "policy", onlyOne("autoscaling:CompleteLifecycleAction"))), // prettier-ignore
  failOver("the role may not read route tables", /doesn't allow ec2:DescribeRouteTables/, edit(rolePolicy(/^gateway-(?!.*eu|.*us)/), "policy", withoutAction("ec2:DescribeRouteTables"))), // prettier-ignore
  failOver("the role may not receive messages", /sqs:ReceiveMessage/, edit(rolePolicy(/^gateway-(?!.*eu|.*us)/), "policy", withoutAction("sqs:ReceiveMessage"))), // prettier-ignore
  failOver("the role's policy is gone", /doesn't allow/, without(rolePolicy(/^gateway-(?!.*eu|.*us)/))),
  failOver(
    "a handler that isn't there",
    /mend its handler/,
    set({ type: t.FUNCTION, name: /^gateway-/ }, () => ({ handler: "main.handler" })),
  ),
  failOver("a handler that nothing exports", /exports no main/, set({ type: t.FUNCTION, name: /^gateway-/ }, ({ handler }) => ({ handler: String(handler).replace(/\w+$/, "main") }))), // prettier-ignore
  failOver("no runs at once", /reservedConcurrentExecutions is 0/, set({ type: t.FUNCTION, name: /^gateway-/ }, () => ({ reservedConcurrentExecutions: 0 }))), // prettier-ignore
  failOver(
    "a timeout of one second",
    /cut off after 1 s/,
    set({ type: t.FUNCTION, name: /^gateway-/ }, () => ({ timeout: 1 })),
  ),
  failOver("no terminating hook", /tells nobody before it terminates/, (stack) => set(GATEWAY_GROUP, ({ initialLifecycleHooks }) => ({ initialLifecycleHooks: ((initialLifecycleHooks ?? []) as { lifecycleTransition: string }[]).filter((h) => !h.lifecycleTransition.endsWith("TERMINATING")) }))(hasHook(stack, "TERMINATING") ? without(hook("TERMINATING"), true)(stack) : stack)), // prettier-ignore
  failOver("launching goes on without proof", /has proven nothing/, (stack) => hasHook(stack, "LAUNCHING") ? set(hook("LAUNCHING"), () => ({ defaultResult: "CONTINUE" }))(stack) : set(GATEWAY_GROUP, ({ initialLifecycleHooks }) => ({ initialLifecycleHooks: ((initialLifecycleHooks ?? []) as object[]).map((h) => ({ ...h, defaultResult: "CONTINUE" })) }))(stack)), // prettier-ignore
  ...["Launch", "Terminate", "HealthCheck", "ReplaceUnhealthy"].map((process) => failOver(`${process} is suspended`, new RegExp(`while ${process} is suspended`), set(GATEWAY_GROUP, () => ({ suspendedProcesses: [process] })))), // prettier-ignore
  failOver("a gateway on Spot capacity", /Spot capacity/, set({ type: t.LAUNCH_TEMPLATE, name: /^gateway-/ }, () => ({ instanceMarketOptions: { marketType: "spot" } }))), // prettier-ignore
  failOver("no address", /has no address/, without({ type: "aws:ec2/eip:Eip", name: /^gateway-/ })),
  failOver("an address that is not attached", /has no address/, set({ type: "aws:ec2/eip:Eip", name: /^gateway-/ }, () => ({ networkInterface: undefined }))), // prettier-ignore
  failOver(
    "the trail is off",
    /records nothing/,
    set({ type: "aws:cloudtrail/trail:Trail" }, () => ({ enableLogging: false })),
  ),
  failOver(
    "nothing watches a gateway's status checks",
    /no alarm watches the status checks/,
    without(alarmOn("StatusCheckFailed", /^gateway-/)),
  ),
];

const hook = (transition: string): Where => ({
  type: "aws:autoscaling/lifecycleHook:LifecycleHook",
  name: /^gateway-/,
  is: (r) => text(r, "lifecycleTransition").endsWith(transition),
});
const hasHook = (stack: readonly ExportedResource[], transition: string) =>
  stack.some((r) => r.type === hook(transition).type && hook(transition).is?.(r) === true);
