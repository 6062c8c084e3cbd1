import { ResourceValidationArgs, ResourceValidationPolicy } from "@pulumi/policy";
import assert from "node:assert/strict";
import { INSTANCE, LAUNCH_TEMPLATE } from "../../policy/graph";
import { imdsv2 } from "../../policy/instances";
import { noWildcardPermissions } from "../../policy/permissions";
import { unknownCheckingProxy, unknownStringValue as UNKNOWN } from "./unknowns";

/** The violations that a resource rule reports. */
function violations(rule: ResourceValidationPolicy, type: string, props: Record<string, unknown>): string[] {
  const found: string[] = [];
  const validate = rule.validateResource;
  assert.ok(typeof validate === "function");
  const args = { type, props: unknownCheckingProxy(props), name: "x", urn: "x" } as unknown as ResourceValidationArgs;
  void validate(args, (message) => found.push(message));
  return found;
}

const document = (...statements: object[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });

describe("instances-require-imdsv2", () => {
  it("holds if tokens are required, though the user data is unknown", () => {
    const props = { metadataOptions: { httpTokens: "required" }, userData: UNKNOWN };
    assert.deepEqual(violations(imdsv2, LAUNCH_TEMPLATE, props), []);
  });
  for (const metadataOptions of [undefined, {}, { httpTokens: "optional" }]) {
    it(`breaks for ${JSON.stringify(metadataOptions)}`, () =>
      assert.match(violations(imdsv2, INSTANCE, { metadataOptions })[0] ?? "", /set it to "required"/));
  }
  it("doesn't fail open for an unknown value", () =>
    assert.match(
      violations(imdsv2, INSTANCE, { metadataOptions: { httpTokens: UNKNOWN } })[0] ?? "",
      /can't be known/,
    ));
  it("has nothing to say of other types", () => assert.deepEqual(violations(imdsv2, "aws:sns/topic:Topic", {}), []));
});

describe("no-wildcard-permissions", () => {
  const check = (type: string, props: Record<string, unknown>) => violations(noWildcardPermissions, type, props);
  const ROLE = "aws:iam/role:Role";
  const ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy";
  const ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment";

  it("holds for exact actions, and for denying everything", () => {
    const policy = document(
      { Effect: "Allow", Action: ["sqs:SendMessage"], Resource: "arn" },
      { Effect: "Deny", Action: "*", Resource: "*" },
    );
    assert.deepEqual(check(ROLE_POLICY, { policy }), []);
  });
  it("breaks for every action", () => {
    for (const Action of ["*", "*:*", ["sns:Publish", "*"]]) {
      const policy = document({ Effect: "Allow", Action, Resource: "*" });
      assert.match(check(ROLE_POLICY, { policy })[0] ?? "", /allows Action "\*"/);
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
    assert.equal(check(ROLE, { managedPolicyArns: [arn, "arn:aws:iam::aws:policy/AdministratorAccess"] }).length, 2);
    assert.deepEqual(check(ATTACHMENT, { policyArn: "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore" }), []);
  });
  it("doesn't let an unknown document hide a known one, or a known attachment", () => {
    const bad = document({ Effect: "Allow", Action: "*", Resource: "*" });
    assert.equal(check(ROLE, { inlinePolicies: [{ policy: UNKNOWN }, { policy: bad }] }).length, 1);
    const arn = "arn:aws:iam::aws:policy/IAMFullAccess";
    assert.equal(check(ROLE, { managedPolicyArns: [UNKNOWN, arn], inlinePolicies: UNKNOWN }).length, 1);
  });
});
