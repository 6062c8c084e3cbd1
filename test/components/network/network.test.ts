import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { Network } from "../../../components/network/network";
import { ofType, record, Registered, settled } from "../recorded";

const ZONES = ["us-east-1a", "us-east-1b"];
/** What awsx puts out: zone by zone a public, a private and an isolated one. */
const listed = (what: string) =>
  ZONES.flatMap((zone) => ["public", "private", "isolated"].map((kind) => ({ id: `${what}-${kind}-${zone}` })));
const VPC = { "awsx:ec2:Vpc": { vpcId: "vpc-1", subnets: listed("subnet"), routeTables: listed("rtb") } };

describe("Network", () => {
  let registered: Registered[];
  let network: Network;
  const inputs = (type: string) => ofType(registered, type)[0]?.inputs ?? {};

  before(async () => {
    registered = await record(VPC);
    network = new Network("net", {
      cidrBlock: "10.20.0.0/16",
      availabilityZones: ZONES,
      gatewayEndpoints: ["s3"],
      interfaceEndpoints: ["ssm", "ssmmessages"],
      flowLogRetentionDays: 30,
      kmsKeyArn: "arn:key",
    });
    await settled();
  });

  it("makes a VPC over its zones without NAT gateways: routes are the gateways'", () => {
    const { availabilityZoneNames, natGateways, cidrBlock } = inputs("awsx:ec2:Vpc");
    assert.deepEqual({ availabilityZoneNames, natGateways, cidrBlock }, { availabilityZoneNames: ZONES, natGateways: { strategy: "None" }, cidrBlock: "10.20.0.0/16" }); // prettier-ignore
  });
  it("knows each zone's own subnets and route table", async () => {
    const zones = await new Promise((resolve) => pulumi.output(network.zones).apply(resolve));
    assert.deepEqual(
      zones,
      ZONES.map((zone) => ({
        availabilityZone: zone,
        publicSubnetId: `subnet-public-${zone}`,
        privateSubnetId: `subnet-private-${zone}`,
        isolatedSubnetId: `subnet-isolated-${zone}`,
        privateRouteTableId: `rtb-private-${zone}`,
      })),
    );
  });
  it("closes the default security group", () => {
    const { vpcId, ingress, egress } = inputs("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup");
    assert.deepEqual([vpcId, ingress, egress], ["vpc-1", undefined, undefined]);
  });
  it("logs all traffic, encrypted, for as long as configured, by a role that may write these logs only", () => {
    assert.equal(inputs("aws:ec2/flowLog:FlowLog")["trafficType"], "ALL");
    const { retentionInDays, kmsKeyId } = inputs("aws:cloudwatch/logGroup:LogGroup");
    assert.deepEqual([retentionInDays, kmsKeyId], [30, "arn:key"]);
    const { Statement } = JSON.parse(String(inputs("aws:iam/rolePolicy:RolePolicy")["policy"])) as { Statement: { Resource: string[] }[] }; // prettier-ignore
    assert.deepEqual(
      Statement.flatMap((s) => s.Resource),
      ["arn:aws:::net-flow-logs", "arn:aws:::net-flow-logs:*"],
    );
  });
  it("puts interface endpoints into every zone, and lets nothing but HTTPS from the VPC reach them", () => {
    const endpoints = ofType(registered, "aws:ec2/vpcEndpoint:VpcEndpoint");
    const interfaces = endpoints.filter((e) => e.inputs["vpcEndpointType"] === "Interface");
    assert.equal(interfaces.length, 2);
    for (const { inputs: endpoint } of interfaces) {
      assert.deepEqual(endpoint["subnetIds"], ["subnet-private-us-east-1a", "subnet-private-us-east-1b"]);
      assert.equal(endpoint["privateDnsEnabled"], true);
    }
    const [rule, ...others] = inputs("aws:ec2/securityGroup:SecurityGroup")["ingress"] as Record<string, unknown>[];
    assert.deepEqual([rule?.["fromPort"], rule?.["toPort"], rule?.["cidrBlocks"]], [443, 443, ["10.20.0.0/16"]]);
    assert.deepEqual(others, []);
  });
  it("leads private subnets to gateway endpoints by their own tables", () => {
    const gateway = ofType(registered, "aws:ec2/vpcEndpoint:VpcEndpoint").find(
      (e) => e.inputs["vpcEndpointType"] === "Gateway",
    );
    assert.deepEqual(gateway?.inputs["routeTableIds"], ["rtb-private-us-east-1a", "rtb-private-us-east-1b"]);
    assert.equal(gateway.inputs["serviceName"], "com.amazonaws.us-east-1.s3");
  });
});
