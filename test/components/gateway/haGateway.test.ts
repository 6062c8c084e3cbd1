import assert from "node:assert/strict";
import { HaGateway, HaGatewayArgs } from "../../../components/gateway/haGateway";
import { StateTable } from "../../../components/common/stateTable";
import { ofType, record, Registered, settled } from "../recorded";

const ARGS: Omit<HaGatewayArgs, "stateTable"> = {
  vpcId: "vpc-1",
  vpcCidrBlock: "10.20.0.0/16",
  flavour: "nat",
  allowedDomains: [],
  instanceType: "t4g.small",
  imageIsBaked: false,
  proofTargets: ["checkip.example.com", "192.0.2.1"],
  longFailoverMinutes: 30,
  zones: ["us-east-1a", "us-east-1b"].map((availabilityZone) => ({
    availabilityZone,
    publicSubnetId: `subnet-${availabilityZone}`,
    routeTableIds: [`rtb-${availabilityZone}-1`, `rtb-${availabilityZone}-2`],
  })),
  kmsKeyArn: "arn:key",
  topicArn: "arn:topic",
};

describe("HaGateway", () => {
  let registered: Registered[];
  let args: HaGatewayArgs;
  const all = (type: string) => ofType(registered, type).map((r) => r.inputs);

  before(async () => {
    registered = await record();
    args = { ...ARGS, stateTable: new StateTable("state", { kmsKeyArn: "arn:key" }) };
    new HaGateway("gateway", args);
    await settled();
  });

  it("has a persistent interface that forwards, with an Elastic IP, in each zone's public subnet", () => {
    const interfaces = all("aws:ec2/networkInterface:NetworkInterface");
    assert.deepEqual(
      interfaces.map((n) => [n["subnetId"], n["sourceDestCheck"]]),
      [
        ["subnet-us-east-1a", false],
        ["subnet-us-east-1b", false],
      ],
    );
    assert.deepEqual(
      all("aws:ec2/eip:Eip").map((e) => e["networkInterface"]),
      ["gateway-us-east-1a-interface-id", "gateway-us-east-1b-interface-id"],
    );
  });

  it("points every private route table at its own zone's interface", () => {
    const routes = all("aws:ec2/route:Route").map((r) => [r["routeTableId"], r["networkInterfaceId"]]);
    assert.equal(routes.length, 4);
    for (const [table, target] of routes) {
      assert.equal(String(target), `gateway-${String(table).slice(4, -2)}-interface-id`);
    }
  });

  it("has a group of exactly one in each zone, with both hooks", () => {
    for (const group of all("aws:autoscaling/group:Group")) {
      assert.deepEqual([group["minSize"], group["maxSize"], group["desiredCapacity"]], [1, 1, 1]);
      const [hook] = group["initialLifecycleHooks"] as Record<string, unknown>[];
      assert.equal(hook?.["defaultResult"], "ABANDON");
    }
    assert.deepEqual(
      all("aws:autoscaling/lifecycleHook:LifecycleHook").map((h) => h["defaultResult"]),
      ["CONTINUE", "CONTINUE"],
    );
  });

  it("requires IMDSv2, encrypts its disk with the stack's key, and opens no port to the internet", () => {
    for (const template of all("aws:ec2/launchTemplate:LaunchTemplate")) {
      assert.equal((template["metadataOptions"] as Record<string, unknown>)["httpTokens"], "required");
      const [disk] = template["blockDeviceMappings"] as { ebs: Record<string, unknown> }[];
      assert.deepEqual([disk?.ebs["encrypted"], disk?.ebs["kmsKeyId"]], ["true", "arn:key"]);
      assert.equal(template["keyName"], undefined);
    }
    const [securityGroup] = all("aws:ec2/securityGroup:SecurityGroup");
    const ingress = securityGroup?.["ingress"] as { cidrBlocks: string[] }[];
    assert.deepEqual(
      ingress.flatMap((i) => i.cidrBlocks),
      ["10.20.0.0/16"],
    );
  });

  it("lets an instance attach its zone's interface, speak of its own group and its metric, nothing else", () => {
    const policies = registered.filter((r) => r.name === "gateway-us-east-1a-policy");
    const { Statement } = JSON.parse(String(policies[0]?.inputs["policy"])) as { Statement: Record<string, unknown>[] };
    assert.deepEqual(
      Statement.flatMap((s) => s["Action"]),
      [
        "ec2:AttachNetworkInterface",
        "autoscaling:CompleteLifecycleAction",
        "autoscaling:SetInstanceHealth",
        "cloudwatch:PutMetricData",
      ],
    );
    assert.deepEqual(Statement[0]?.["Condition"], {
      StringEquals: { "aws:ResourceTag/nplusone:gateway": "nplusone-test-gateway/us-east-1a" },
    });
    assert.match(String(Statement[1]?.["Resource"]), /autoScalingGroupName\/nplusone-test-gateway-us-east-1a$/);
    assert.deepEqual(Statement[2]?.["Condition"], { StringEquals: { "cloudwatch:namespace": "nplusone/Gateway" } });
  });

  it("has metrics that no other stack's gateway has, though names and zones be the same", () => {
    const expected = { Gateway: "nplusone-test-gateway", AvailabilityZone: "us-east-1a" };
    const alarm = registered.find((r) => r.name === "gateway-us-east-1a-long-failover");
    assert.deepEqual(alarm?.inputs["dimensions"], expected);
    const [template] = ofType(registered, "aws:ec2/launchTemplate:LaunchTemplate");
    const script = Buffer.from(String(template?.inputs["userData"]), "base64").toString();
    assert.match(script, /--dimensions Gateway=nplusone-test-gateway,AvailabilityZone=us-east-1a"/);
    const [dashboard] = ofType(registered, "aws:cloudwatch/dashboard:Dashboard");
    assert.match(String(dashboard?.inputs["dashboardBody"]), /"Gateway","nplusone-test-gateway"/);
  });

  it("has one callback that writes routes, and every rule leads to it through the same group of one queue", () => {
    assert.equal(all("aws:lambda/function:Function").length, 1);
    const targets = all("aws:cloudwatch/eventTarget:EventTarget");
    assert.equal(targets.length, all("aws:cloudwatch/eventRule:EventRule").length);
    for (const target of targets) {
      assert.equal(target["arn"], "arn:aws:::gateway-reconcile-queue");
      assert.deepEqual(target["sqsTarget"], { messageGroupId: "gateway-reconcile" });
    }
    const reserved = all("aws:lambda/function:Function").map((f) => f["reservedConcurrentExecutions"]);
    assert.deepEqual(reserved, [undefined]);
  });

  it("hears of what ends, of what begins, of alarms, and looks every minute", () => {
    const patterns = all("aws:cloudwatch/eventRule:EventRule").map((r) => String(r["eventPattern"] ?? r["scheduleExpression"])); // prettier-ignore
    for (const expected of [
      /EC2 Instance-terminate Lifecycle Action.*EC2 Instance Terminate Successful/,
      /State-change Notification.*shutting-down.*stopping.*stopped.*terminated/,
      /EC2 Instance Launch Successful/,
      /AttachNetworkInterface.*gateway-us-east-1a-interface-id/,
      /Alarm State Change.*gateway-us-east-1a-status-checks.*ALARM/,
      /Alarm State Change.*gateway-us-east-1a-status-checks.*OK/,
      /^rate\(1 minute\)$/,
    ]) {
      assert.equal(patterns.filter((p) => expected.test(p)).length, 1, String(expected));
    }
  });

  it("limits the callback to the gateway's own route tables, groups, topic and table", () => {
    const policy = registered.find((r) => r.name === "gateway-reconcile-policy")?.inputs["policy"];
    const { Statement } = JSON.parse(String(policy)) as {
      Statement: { Action: string | string[]; Resource: string | string[] }[];
    };
    const resources = (action: string) => Statement.find((s) => [s.Action].flat().includes(action))?.Resource;
    assert.equal(resources("ec2:ReplaceRoute")?.length, 4);
    assert.match(String(resources("ec2:ReplaceRoute")), /route-table\/rtb-us-east-1a-1/);
    assert.equal(resources("sns:Publish"), "arn:topic");
    assert.equal(resources("dynamodb:UpdateItem"), "arn:aws:::state-table");
    assert.equal(resources("autoscaling:CompleteLifecycleAction")?.length, 2);
  });

  it("refuses bad arguments with every problem's path", () => {
    const zones = [ARGS.zones[0], ARGS.zones[0], { ...ARGS.zones[1], routeTableIds: [] }];
    assert.throws(
      () => new HaGateway("bad", { ...args, zones: zones as HaGatewayArgs["zones"], flavour: "squid" }),
      /zones: a zone is named twice; zones\[2\]\.routeTableIds: .*; allowedDomains: squid without/,
    );
  });
});
