import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { ApplicationLoadBalancer, targetGroupProtocol } from "../../../../local/plugins/awsx/lb";
import { record, Registered, settled } from "../../../components/recorded";

const SUBNETS = ["subnet-a", "subnet-b"];
const GROUP = "aws:ec2/securityGroup:SecurityGroup";
const BALANCER = "aws:lb/loadBalancer:LoadBalancer";
const TARGETS = "aws:lb/targetGroup:TargetGroup";
const LISTENER = "aws:lb/listener:Listener";

describe("the stand-in of awsx.lb.ApplicationLoadBalancer", () => {
  let registered: Registered[];
  beforeEach(async () => {
    registered = await record();
  });
  const of = (type: string) => registered.filter((r) => r.type === type);
  const make = async (args: object) => {
    const made = new ApplicationLoadBalancer("shop", { subnetIds: SUBNETS, ...args }, {});
    await settled();
    return made;
  };

  it("names its children as awsx does, and listeners by their place", async () => {
    await make({ listeners: [{ port: 80 }, { port: 443, certificateArn: "arn" }] });
    const names = registered.filter((r) => r.type.startsWith("aws:")).map((r) => `${r.type.split(":")[2]} ${r.name}`);
    assert.deepEqual(names.sort(), [
      "Listener shop-0",
      "Listener shop-1",
      "LoadBalancer shop",
      "SecurityGroup shop",
      "TargetGroup shop",
    ]);
    assert.deepEqual(
      of(LISTENER).map((r) => r.inputs["protocol"]),
      ["HTTP", "HTTPS"],
    );
  });
  it("is open both ways unless it is told otherwise, and sends to addresses", async () => {
    await make({});
    const [group] = of(GROUP);
    const [ingress] = group?.inputs["ingress"] as { protocol: string; cidrBlocks: string[] }[];
    assert.deepEqual([ingress?.protocol, ingress?.cidrBlocks], ["-1", ["0.0.0.0/0"]]);
    assert.equal(of(TARGETS)[0]?.inputs["targetType"], "ip");
    assert.deepEqual([of(LISTENER)[0]?.inputs["port"], of(TARGETS)[0]?.inputs["port"]], [80, 80]);
  });
  it("makes no security group where one is given, or none wanted", async () => {
    await make({ securityGroups: ["sg-1"] });
    await make({ defaultSecurityGroup: { securityGroupId: "sg-2" } });
    await make({ defaultSecurityGroup: { skip: true } });
    assert.deepEqual(of(GROUP), []);
    assert.deepEqual(
      of(BALANCER).map((r) => r.inputs["securityGroups"]),
      [["sg-1"], ["sg-2"], undefined],
    );
  });
  it("passes the Region on to the load balancer alone", async () => {
    await make({ region: "eu-west-1" });
    assert.equal(of(BALANCER)[0]?.inputs["region"], "eu-west-1");
    assert.deepEqual(
      [GROUP, TARGETS, LISTENER].map((type) => of(type)[0]?.inputs["region"]),
      [undefined, undefined, undefined],
    );
  });
  it("lets what is said of target group and listeners win, but for the load balancer of listeners", async () => {
    const { state } = await make({
      defaultTargetGroup: { targetType: "instance", port: 8080, protocol: "HTTP" },
      listener: { port: 8443, protocol: "HTTPS", loadBalancerArn: "another" },
    });
    assert.deepEqual([of(TARGETS)[0]?.inputs["targetType"], of(TARGETS)[0]?.inputs["port"]], ["instance", 8080]);
    assert.equal(of(LISTENER)[0]?.inputs["port"], 8443);
    assert.notEqual(of(LISTENER)[0]?.inputs["loadBalancerArn"], "another");
    assert.deepEqual(Object.keys(state).sort(), [
      "defaultSecurityGroup",
      "defaultTargetGroup",
      "listeners",
      "loadBalancer",
      "vpcId",
    ]);
    assert.ok(pulumi.Output.isInstance(state["vpcId"]));
  });
  it("leaves a target group without port and protocol beside a list of one listener, as awsx does", () => {
    assert.equal(targetGroupProtocol({ listeners: [{ port: 80 }] }), undefined);
    assert.deepEqual(targetGroupProtocol({ listeners: [{ port: 8080, protocol: "HTTP" }, { port: 443 }] }), {
      port: 8080,
      protocol: "HTTP",
    });
    assert.deepEqual(targetGroupProtocol({ defaultTargetGroupPort: 9000 }), { port: 9000, protocol: "HTTP" });
  });
  it("refuses what awsx refuses, and says what it doesn't make", () => {
    const making = (args: object) => () => new ApplicationLoadBalancer("one", args, {});
    assert.throws(making({ subnetIds: SUBNETS, subnetMappings: [] }), /Only one of \[subnets\]/);
    assert.throws(making({ subnetIds: SUBNETS, listener: {}, listeners: [] }), /Only one of \[listener\]/);
    assert.throws(
      making({ subnetIds: SUBNETS, defaultSecurityGroup: { args: {}, securityGroupId: "sg-1" } }),
      /Only one of \[defaultSecurityGroup\]/,
    );
    assert.throws(
      making({ subnetIds: SUBNETS, defaultTargetGroup: {}, defaultTargetGroupPort: 80 }),
      /Only one of `defaultTargetGroup`/,
    );
    const defaultTargetGroup = pulumi.output({ port: 8080 });
    assert.throws(making({ subnetIds: SUBNETS, defaultTargetGroup }), /can't look into defaultTargetGroup/);
    assert.throws(making({ subnets: [] }), /of subnetIds only: add the others to local\/plugins\/awsx\/lb\.ts/);
  });
});
