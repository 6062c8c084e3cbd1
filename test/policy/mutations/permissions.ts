import * as t from "../../../policy/core/graph";
import { edit, Mutation, set } from "./mutate";
import { Policy, rolePolicy } from "./parts";

const NO_WILDCARDS = "no-wildcard-permissions";
const ANY_POLICY = rolePolicy(/./);
const allow =
  (...statement: object[]) =>
  (policy: Policy) => ({ ...policy, Statement: [...policy.Statement, ...statement] });
export const permissions: readonly Mutation[] = [
  ...["*", "*:*", "iam:*", "ec2:*", "lambda:*"].map((Action): Mutation => ({
    what: `a role that may ${Action}`,
    rule: NO_WILDCARDS,
    says: /list the actions that are needed/,
    change: edit(ANY_POLICY, "policy", allow({ Effect: "Allow", Action, Resource: "*" })),
  })),
  { what: "a role that may all but", rule: NO_WILDCARDS, says: /NotAction/, change: edit(ANY_POLICY, "policy", allow({ Effect: "Allow", NotAction: "iam:*", Resource: "*" })) }, // prettier-ignore
  ...["AmazonEC2FullAccess", "AmazonSSMFullAccess_v2", "AdministratorAccess", "PowerUserAccess"].map(
    (name): Mutation => ({
      what: `a role with ${name}`,
      rule: NO_WILDCARDS,
      says: new RegExp(`attaches .*${name}`),
      change: set({ type: t.IAM_ROLE }, () => ({ managedPolicyArns: [`arn:aws:iam::aws:policy/${name}`] })),
    }),
  ),
  ...["null", "[null]", "not JSON"].map((policy): Mutation => ({
    what: `a policy that is ${policy}`,
    rule: NO_WILDCARDS,
    says: /is no IAM policy/,
    change: set(ANY_POLICY, () => ({ policy })),
  })),
];
