import * as t from "../../../policy/core/graph";
import { ExportedResource } from "./deployment";
import { Where } from "./mutate";

/** The parts of a deployed stack that mutations break, and ways to change documents. */

export interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource?: unknown;
}
export interface Policy {
  readonly Statement: Statement[];
}
export interface Pattern {
  readonly source?: string[];
  readonly "detail-type"?: string[];
  readonly detail?: Record<string, unknown>;
}
export interface Definition {
  readonly TimeoutSeconds?: number;
  readonly States: Record<string, Record<string, unknown> & { readonly Type: string }>;
}

export const text = (resource: ExportedResource, property: string) => String(resource.outputs?.[property] ?? "");

/** Rules by what their patterns are about. */
export const ruleOn = (detailType: string, about = ""): Where => ({
  type: t.EVENT_RULE,
  is: (r) => text(r, "eventPattern").includes(detailType) && text(r, "eventPattern").includes(about),
});
export const targetOf = (name: RegExp): Where => ({ type: t.EVENT_TARGET, name });
/** Targets that start executions. */
export const START: Where = { type: t.EVENT_TARGET, is: (r) => text(r, "arn").includes(":states:") };
export const schedule = (name: RegExp): Where => ({
  type: t.EVENT_RULE,
  name,
  is: (r) => text(r, "scheduleExpression") !== "",
});
export const alarmOn = (metric: string, name?: RegExp): Where => ({
  type: t.METRIC_ALARM,
  name,
  is: (r) => text(r, "metricName") === metric,
});
export const rolePolicy = (name: RegExp): Where => ({ type: "aws:iam/rolePolicy:RolePolicy", name });
export const GATEWAY_GROUP: Where = { type: t.GROUP, name: /^gateway-/ };
export const GATEWAY_QUEUE = /^gateway-(?!.*(dead-letters|undelivered))/;

export const actions = ({ Action }: Statement) => [Action].flat();
export const withoutAction = (action: string) => (policy: Policy) => ({
  ...policy,
  Statement: policy.Statement.map((s) => ({ ...s, Action: actions(s).filter((a) => a !== action) })),
});
/** Leaves only the first of the resources that an action is allowed on. */
export const onlyOne = (action: string) => (policy: Policy) => ({
  ...policy,
  Statement: policy.Statement.map((s) =>
    actions(s).includes(action) ? { ...s, Resource: [s.Resource].flat().slice(0, 1) } : s,
  ),
});
export const nowhere = (action: string) => (policy: Policy) => ({
  ...policy,
  Statement: policy.Statement.map((s) =>
    actions(s).includes(action) ? { ...s, Resource: "arn:aws:ec2:us-east-1:123456789012:none/none" } : s,
  ),
});
