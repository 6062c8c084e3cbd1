import { EC2Client } from "@aws-sdk/client-ec2";
import assert from "node:assert/strict";
import { Props } from "../../../../local/plugins/aws/record";
import { lifecycleOf } from "./calls";

const TYPE = "aws:ec2/networkAcl:NetworkAcl";
const association = (NetworkAclId: string, SubnetId: string): Props => ({
  NetworkAclId,
  SubnetId,
  NetworkAclAssociationId: `of-${SubnetId}`,
});
const lists = (...own: string[]) => ({
  CreateNetworkAcl: { NetworkAcl: { NetworkAclId: "acl-1" } },
  DescribeNetworkAcls: {
    NetworkAcls: [
      {
        NetworkAclId: "acl-0",
        IsDefault: true,
        Associations: ["s-a", "s-b", "s-c"].filter((id) => !own.includes(id)).map((id) => association("acl-0", id)),
      },
      { NetworkAclId: "acl-1", Associations: own.map((id) => association("acl-1", id)) },
    ],
  },
});
const rule = { ruleNo: 100, action: "allow", protocol: "tcp", fromPort: 443, toPort: 443, cidrBlock: "0.0.0.0/0" };
const moved = (calls: readonly [string, Props][]) =>
  calls
    .filter(([action]) => action === "ReplaceNetworkAclAssociation")
    .map(([, { AssociationId, NetworkAclId }]) => `${AssociationId} to ${NetworkAclId}`);

describe("a network ACL of the stand-in", () => {
  it("takes its subnets over from the default one, and makes its rules one by one, protocols by number", async () => {
    const { created } = lifecycleOf(EC2Client, TYPE, lists());
    const calls = await created({ vpcId: "vpc-1", subnetIds: ["s-b", "s-a"], ingress: [rule], egress: [rule] });
    assert.deepEqual(moved(calls), ["of-s-a to acl-1", "of-s-b to acl-1"]);
    const entry = { NetworkAclId: "acl-1", RuleNumber: 100, RuleAction: "allow", CidrBlock: "0.0.0.0/0" };
    assert.deepEqual(
      calls.slice(-2),
      [false, true].map((Egress) => [
        "CreateNetworkAclEntry",
        { ...entry, Egress, Protocol: "6", PortRange: { From: 443, To: 443 } },
      ]),
    );
  });
  it("gives back the subnets that it isn't for any more, and replaces the rules of the direction that has changed", async () => {
    const { updated } = lifecycleOf(EC2Client, TYPE, lists("s-a", "s-b"));
    const olds = { id: "acl-1", vpcId: "vpc-1", subnetIds: ["s-a", "s-b"], ingress: [rule], egress: [rule] };
    const calls = await updated(olds, {
      vpcId: "vpc-1",
      subnetIds: ["s-b", "s-c"],
      ingress: [{ ...rule, ruleNo: 200 }],
      egress: [rule],
    });
    assert.deepEqual(moved(calls).sort(), ["of-s-a to acl-0", "of-s-c to acl-1"]);
    assert.deepEqual(
      calls.filter(([action]) => action.endsWith("Entry")).map(([action, p]) => [action, p["RuleNumber"], p["Egress"]]),
      [
        ["DeleteNetworkAclEntry", 100, false],
        ["CreateNetworkAclEntry", 200, false],
      ],
    );
  });
  it("gives all subnets back before it is deleted", async () => {
    const { removed } = lifecycleOf(EC2Client, TYPE, lists("s-a"));
    const calls = await removed({ id: "acl-1", vpcId: "vpc-1", subnetIds: ["s-a"] });
    assert.deepEqual(moved(calls), ["of-s-a to acl-0"]);
    assert.equal(calls.at(-1)?.[0], "DeleteNetworkAcl");
  });
});
