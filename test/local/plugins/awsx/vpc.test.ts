import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { inOrder, subnetTags, Vpc } from "../../../../local/plugins/awsx/vpc";
import { record, Registered, settled } from "../../../components/recorded";

const SPECS = [
  { type: "Isolated", name: "isolated", cidrBlocks: ["10.0.4.0/24", "10.0.5.0/24"] },
  { type: "Private", name: "private", cidrBlocks: ["10.0.2.0/24", "10.0.3.0/24"] },
  { type: "Public", cidrBlocks: ["10.0.0.0/24", "10.0.1.0/24"] },
];
const ARGS = {
  cidrBlock: "10.0.0.0/16",
  availabilityZoneNames: ["eu-west-1a", "eu-west-1b"],
  natGateways: { strategy: "None" },
  subnetSpecs: SPECS,
  region: "eu-west-1",
  tags: { team: "sre" },
};

describe("the stand-in of awsx.ec2.Vpc", () => {
  let registered: Registered[];
  let vpc: Vpc;
  before(async () => {
    registered = await record();
    vpc = new Vpc("net", ARGS, {});
    await settled();
  });
  const of = (type: string) => registered.filter((r) => r.type === type);

  it("lists a zone's subnets as public, private, isolated, whatever the order of the specs", () => {
    assert.deepEqual(
      inOrder(SPECS).map((s: { type: string }) => s.type),
      ["Public", "Private", "Isolated"],
    );
    assert.equal((vpc.state["subnets"] as unknown[]).length, 6);
    assert.deepEqual(
      of("aws:ec2/subnet:Subnet")
        .map((r) => `${r.name} ${String(r.inputs["availabilityZone"])} ${String(r.inputs["cidrBlock"])}`)
        .sort(),
      [
        "net-isolated-1 eu-west-1a 10.0.4.0/24",
        "net-isolated-2 eu-west-1b 10.0.5.0/24",
        "net-private-1 eu-west-1a 10.0.2.0/24",
        "net-private-2 eu-west-1b 10.0.3.0/24",
        "net-public-1 eu-west-1a 10.0.0.0/24",
        "net-public-2 eu-west-1b 10.0.1.0/24",
      ],
    );
  });
  it("passes the Region on to every child, and turns IPv6 addresses off", () => {
    const children = registered.filter((r) => r.type.startsWith("aws:"));
    assert.ok(children.length >= 22, `${children.length} children`);
    for (const { type, inputs } of children) {
      assert.equal(inputs["region"], "eu-west-1", type);
    }
    for (const { inputs } of of("aws:ec2/subnet:Subnet")) {
      assert.equal(inputs["assignIpv6AddressOnCreation"], false);
    }
  });
  it("names and types subnets by itself, and gives route tables no tags of the specs", () => {
    const spec = { type: "Public", tags: { Name: "mine", SubnetType: "mine", tier: "web" } };
    assert.deepEqual(subnetTags("net", { team: "sre", Name: "all" }, "net-public-1", spec), {
      subnet: { team: "sre", tier: "web", Name: "net-public-1", SubnetType: "Public" },
      routeTable: { team: "sre", Name: "net-public-1", SubnetType: "Public" },
    });
  });
  it("makes whoever needs the VPC wait for its subnets", async () => {
    // The SDK's own type hides what an output depends on.
    const vpcId = vpc.state["vpcId"] as unknown as { allResources(): Promise<Set<pulumi.Resource>> };
    assert.equal([...(await vpcId.allResources())].filter((r) => r instanceof aws.ec2.Subnet).length, 6);
  });
  it("says what it doesn't make", () => {
    const natGateways = { strategy: "Single" };
    assert.throws(() => new Vpc("nat", { ...ARGS, natGateways }, {}), /natGateways\.strategy Single: add it to local/);
    const subnetSpecs = [{ type: "Public" }];
    assert.throws(() => new Vpc("auto", { ...ARGS, subnetSpecs }, {}), /subnets without cidrBlocks/);
  });
});
