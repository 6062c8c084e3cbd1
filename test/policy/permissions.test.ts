import assert from "node:assert/strict";
import { noWildcards as rule } from "../../policy/permissions/noWildcards";
import { violations } from "./find";
import { resource } from "./graph";
import { unknownStringValue as UNKNOWN } from "./unknowns";

const ROLE = "aws:iam/role:Role";
const ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy";
const ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment";
const document = (...statements: object[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });
const check = (type: string, props: Record<string, unknown>) => violations(rule, [resource(type, "x", props)]);

describe("no-wildcard-permissions", () => {
  it("judges each resource before it is made", () => assert.equal(rule.eachResource, true));
  it("holds for exact actions, and for denying everything", () => {
    const policy = document(
      { Effect: "Allow", Action: ["sqs:SendMessage"], Resource: "arn" },
      { Effect: "Allow", Action: "ec2:Describe*", Resource: "*" },
      { Effect: "Deny", Action: "*", Resource: "*" },
    );
    assert.deepEqual(check(ROLE_POLICY, { policy }), []);
  });
  it("breaks for every action, and for every action of a service", () => {
    for (const Action of ["*", "*:*", ["sns:Publish", "*"]]) {
      const policy = document({ Effect: "Allow", Action, Resource: "*" });
      assert.match(check(ROLE_POLICY, { policy })[0] ?? "", /allows Action "\*/);
    }
    for (const Action of ["iam:*", "ec2:*", "EC2:*", "ec2:**"]) {
      const policy = document({ Effect: "Allow", Action, Resource: "*" });
      assert.match(check(ROLE_POLICY, { policy })[0] ?? "", /allows Action "(iam|ec2):\*/i);
    }
  });
  it("breaks for everything but some actions", () => {
    const policy = document({ Effect: "Allow", NotAction: "iam:*", Resource: "*" });
    assert.match(check(ROLE_POLICY, { policy })[0] ?? "", /NotAction/);
  });
  it("breaks for a document that is given as an object", () =>
    assert.equal(check(ROLE_POLICY, { policy: { Statement: { Effect: "Allow", Action: "*" } } }).length, 1));
  it("breaks for *FullAccess and administrators, attached or in a role's list", () => {
    const arn = "arn:aws:iam::aws:policy/AmazonS3FullAccess";
    assert.match(check(ATTACHMENT, { policyArn: arn })[0] ?? "", /AmazonS3FullAccess/);
    assert.equal(check(ATTACHMENT, { policyArn: "arn:aws-us-gov:iam::aws:policy/AmazonSSMFullAccess_v2" }).length, 1);
    assert.equal(check(ROLE, { managedPolicyArns: [arn, "arn:aws:iam::aws:policy/AdministratorAccess"] }).length, 2);
    assert.deepEqual(check(ATTACHMENT, { policyArn: "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore" }), []);
  });
  it("breaks for an attachment that takes a policy away from others", () =>
    assert.match(
      check("aws:iam/policyAttachment:PolicyAttachment", { policyArn: "arn" })[0] ?? "",
      /away from all other/,
    ));
  it("says what is no policy, without a stack trace", () => {
    for (const policy of ["null", "[null]", '"text"', "not JSON", '{"Statement":[null]}']) {
      assert.match(check(ROLE_POLICY, { policy })[0] ?? "", /the policy x is no IAM policy/);
    }
  });
  it("doesn't let an unknown document hide a known one, or a known attachment", () => {
    const bad = document({ Effect: "Allow", Action: "*", Resource: "*" });
    assert.equal(check(ROLE, { inlinePolicies: [{ policy: UNKNOWN }, { policy: bad }] }).length, 1);
    const arn = "arn:aws:iam::aws:policy/IAMFullAccess";
    assert.equal(check(ROLE, { managedPolicyArns: [UNKNOWN, arn], inlinePolicies: UNKNOWN }).length, 1);
  });
});
