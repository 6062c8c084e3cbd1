import { ExportedResource } from "./deployment";
import { edit, Mutation, set, Where, without } from "./mutate";
import { text, ruleOn, alarmOn, withoutAction } from "./parts";

const OUTPOSTS = "outposts-can-relaunch";
const outpost = (what: string, says: RegExp, change: Mutation["change"]): Mutation => ({
  what,
  rule: OUTPOSTS,
  says,
  change,
});
/** Alarms of servers from which something is relaunched. */
const CONNECTED: Where = {
  ...alarmOn("ConnectedStatus"),
  is: (r) => text(r, "metricName") === "ConnectedStatus" && Object.keys((r.outputs?.["tags"] ?? {}) as object).includes("nplusone:relaunched-on"), // prettier-ignore
};
/** Policies of roles that launch what ran on an Outpost: a web tier's rollouts launch, too. */
const mayRelaunch = (r: ExportedResource) =>
  ["ec2:RunInstances", "outposts:"].every((action) => text(r, "policy").includes(action));
const tagged =
  (tag: string, value: string) =>
  ({ tags }: Record<string, unknown>) => ({ tags: { ...(tags as object), [tag]: value } });

export const outposts: readonly Mutation[] = [
  outpost(
    "an alarm without actions",
    /tells nobody/,
    set(CONNECTED, () => ({ alarmActions: [] })),
  ),
  outpost("relaunched on itself", /relaunched on itself/, set(CONNECTED, (old) => tagged("nplusone:relaunched-on", (old["dimensions"] as { OutpostId: string }).OutpostId)(old))), // prettier-ignore
  outpost(
    "relaunched where nothing watches",
    /nothing watches op-/,
    set(CONNECTED, tagged("nplusone:relaunched-on", "op-0ffffffffffffffff")),
  ),
  outpost(
    "more than the destination holds",
    /would have to run/,
    set(CONNECTED, tagged("nplusone:outpost-runs", "c6id.metal=1")),
  ),
  outpost(
    "no rules on alarms",
    /no EventBridge rule gets its alarm/,
    without(ruleOn("CloudWatch Alarm State Change", "disconnected"), true),
  ),
  outpost("functions that may not launch", /doesn't allow ec2:RunInstances/, edit({ type: "aws:iam/rolePolicy:RolePolicy", is: mayRelaunch }, "policy", withoutAction("ec2:RunInstances"), true)), // prettier-ignore
];
