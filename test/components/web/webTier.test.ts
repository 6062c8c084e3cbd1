import assert from "node:assert/strict";
import { StateTable } from "../../../components/common/stateTable";
import { StepScaling } from "../../../components/web/scaling";
import { WebTier, WebTierArgs } from "../../../components/web/webTier";
import { ofType, record, Registered, settled } from "../recorded";

const CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d";
const ARGS: Omit<WebTierArgs, "stateTable"> = {
  vpcId: "vpc-1",
  vpcCidrBlock: "10.20.0.0/16",
  zones: ["a", "b", "c"].map((zone) => ({ publicSubnetId: `public-${zone}`, privateSubnetId: `private-${zone}` })),
  requiredInstances: 4,
  instanceType: "m7g.large",
  volumeGiB: 8,
  application: {
    ...{ command: "/opt/shop/start", port: 8080, environment: {} },
    ...{ healthCheckPath: "/healthz", startSeconds: 120 },
  },
  allowedCidrBlocks: ["0.0.0.0/0"],
  drainSeconds: 60,
  accessLogRetentionDays: 90,
  deletionProtection: true,
  scaling: {
    ...{ type: "steps", metric: "cpu", outAbovePercent: 75, inBelowPercent: 10 },
    ...{ periodSeconds: 60, outPeriods: 3, inPeriods: 15, notify: true },
  },
  alarms: { serverErrorsPerMinute: 10, memoryPercent: 90, diskPercent: 85 },
  kmsKeyArn: "arn:key",
  topicArn: "arn:topic",
};
const OUTPUTS = {
  "aws:ec2/eip:Eip": { allocationId: "eipalloc-1", publicIp: "198.51.100.1" },
  "awsx:lb:ApplicationLoadBalancer": {
    loadBalancer: { arnSuffix: "app/shop/1", dnsName: "shop.elb.amazonaws.com", zoneId: "Z1" },
    defaultTargetGroup: { arn: "arn:targets", arnSuffix: "targetgroup/shop/1" },
  },
};

type Fields = Record<string, unknown>;

/** What a tier registers. */
async function tier(over: Partial<WebTierArgs> = {}): Promise<Registered[]> {
  const registered = await record(OUTPUTS);
  new WebTier("shop", { ...ARGS, stateTable: new StateTable("state", { kmsKeyArn: "arn:key" }), ...over });
  await settled();
  return registered;
}

describe("WebTier", () => {
  let registered: Registered[];
  const all = (type: string) => ofType(registered, type).map((r) => r.inputs);
  const named = (name: string) => registered.find((r) => r.name === name)?.inputs ?? assert.fail(`no ${name}`);

  before(async () => {
    registered = await tier();
  });

  it("has a balancer with a security group of its own, in all public subnets, that forwards to instances", () => {
    const [balancer] = all("awsx:lb:ApplicationLoadBalancer");
    assert.deepEqual(balancer?.["subnetIds"], ["public-a", "public-b", "public-c"]);
    assert.deepEqual(balancer["securityGroups"], ["shop-lb-security-group-id"]);
    assert.deepEqual(balancer["listeners"], [{ port: 80, protocol: "HTTP" }]);
    assert.deepEqual(
      [balancer["enableDeletionProtection"], balancer["enableZonalShift"], balancer["dropInvalidHeaderFields"]],
      [true, true, true],
    );
    const targets = balancer["defaultTargetGroup"] as Fields;
    assert.deepEqual([targets["targetType"], targets["port"], targets["deregistrationDelay"]], ["instance", 8080, 60]);
    assert.deepEqual(targets["targetGroupHealth"], {
      dnsFailover: { minimumHealthyTargetsCount: "1", minimumHealthyTargetsPercentage: "off" },
      unhealthyStateRouting: { minimumHealthyTargetsCount: 1, minimumHealthyTargetsPercentage: "off" },
    });
  });

  it("has names that leave room for those that AWS makes of them", () => {
    const longest = `${"a".repeat(20)}-lb-1234567`;
    assert.ok(longest.length <= 32);
    assert.equal(ofType(registered, "awsx:lb:ApplicationLoadBalancer")[0]?.name, "shop-lb");
  });

  it("admits the world to the balancer, and to the instances the balancer only", () => {
    const rules = (name: string, way: "ingress" | "egress") =>
      (named(name)[way] as Fields[]).map((r) => [r["fromPort"], r["cidrBlocks"] ?? r["securityGroups"]]);
    assert.deepEqual(rules("shop-lb-security-group", "ingress"), [[80, ["0.0.0.0/0"]]]);
    assert.deepEqual(rules("shop-lb-security-group", "egress"), [[8080, ["10.20.0.0/16"]]]);
    assert.deepEqual(rules("shop-instances-security-group", "ingress"), [[8080, ["shop-lb-security-group-id"]]]);
  });

  it("keeps access logs in a private bucket, with the only encryption that balancers know, once they may deliver", () => {
    const [encryption] = all("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration");
    assert.deepEqual(encryption?.["rules"], [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }]);
    const policy = JSON.parse(String(named("shop-lb-logs-policy")["policy"])) as { Statement: Fields[] };
    assert.deepEqual(policy.Statement[0], {
      Effect: "Allow",
      Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
      Action: "s3:PutObject",
      Resource: "arn:aws:::shop-lb-logs/AWSLogs/123456789012/*",
    });
    const types = registered.map((r) => r.type);
    const place = (type: string) => types.indexOf(type);
    assert.ok(place("aws:s3/bucketPolicy:BucketPolicy") < place("awsx:lb:ApplicationLoadBalancer"));
  });

  it("has so many instances over the private subnets that the loss of a zone leaves enough", () => {
    const [group] = all("aws:autoscaling/group:Group");
    assert.deepEqual([group?.["minSize"], group?.["desiredCapacity"], group?.["maxSize"]], [6, 6, 12]);
    assert.deepEqual(group?.["vpcZoneIdentifiers"], ["private-a", "private-b", "private-c"]);
    assert.deepEqual(group["targetGroupArns"], ["arn:targets"]);
    assert.deepEqual([group["healthCheckType"], group["healthCheckGracePeriod"]], ["ELB", 120]);
    assert.deepEqual(group["instanceMaintenancePolicy"], { minHealthyPercentage: 100, maxHealthyPercentage: 110 });
    assert.deepEqual((group["tags"] as Fields[])[1], {
      ...{ key: "nplusone:required-instances", value: "4", propagateAtLaunch: false },
    });
    assert.equal(group["instanceRefresh"], undefined, "the provider's own can't go back");
  });

  it("launches instances without public address, with IMDSv2, encrypted volumes and the image of their architecture", () => {
    const [template] = all("aws:ec2/launchTemplate:LaunchTemplate");
    const [networkInterface] = template?.["networkInterfaces"] as Fields[];
    assert.equal(networkInterface?.["associatePublicIpAddress"], "false");
    assert.equal((template?.["metadataOptions"] as Fields)["httpTokens"], "required");
    const [disk] = template?.["blockDeviceMappings"] as { ebs: Fields }[];
    assert.deepEqual([disk?.ebs["encrypted"], disk?.ebs["kmsKeyId"]], ["true", "arn:key"]);
    assert.equal(template?.["keyName"], undefined);
  });

  it("scales out above the published threshold and in below it, by alarms that people hear of", () => {
    const alarm = (name: string) => {
      const { threshold, metricName, alarmActions, evaluationPeriods } = named(name);
      return [metricName, threshold, evaluationPeriods, alarmActions];
    };
    const actions = (policy: string) => [`arn:aws:::shop-scaling-${policy}`, "arn:topic"];
    assert.deepEqual(alarm("shop-scaling-high"), ["CPUUtilization", 75, 3, actions("out")]);
    assert.deepEqual(alarm("shop-scaling-low"), ["CPUUtilization", 10, 15, actions("in")]);
    const steps = (policy: string) =>
      (named(policy)["stepAdjustments"] as Fields[]).map((step) => step["scalingAdjustment"]);
    assert.deepEqual([steps("shop-scaling-out"), steps("shop-scaling-in")], [[1, 2], [-1]]);
  });

  it("has every alarm heard, and takes a rollout's time to start into account before it calls instances unhealthy", () => {
    for (const alarm of all("aws:cloudwatch/metricAlarm:MetricAlarm")) {
      assert.ok((alarm["alarmActions"] as string[]).includes("arn:topic"), String(alarm["alarmDescription"]));
    }
    assert.equal(named("shop-alarms-unhealthy")["evaluationPeriods"], 3);
    assert.equal(named("shop-alarms-capacity")["threshold"], 4);
  });

  it("hands every new version of the template to a rollout, whose permissions name no image", () => {
    const [invocation] = all("aws:lambda/invocation:Invocation");
    assert.equal(invocation?.["functionName"], "shop-rollout-function");
    assert.match(String(invocation["input"]), /^{"version":"\w+"}$/);
    const { Statement } = JSON.parse(String(named("shop-rollout-policy")["policy"])) as { Statement: Fields[] };
    assert.deepEqual(Statement[1], {
      Effect: "Allow",
      Action: ["autoscaling:StartInstanceRefresh", "autoscaling:CancelInstanceRefresh"],
      Resource: "arn:aws:::shop-instances-group",
    });
    assert.doesNotMatch(JSON.stringify(Statement), /ami-/);
  });

  it("tells people of every way in which a refresh can end, even if no event comes", () => {
    const pattern = String(named("shop-rollout-on-refresh-rule")["eventPattern"]);
    for (const ended of [
      "Succeeded",
      "Failed",
      "Cancelled",
      "Rollback Started",
      "Rollback Succeeded",
      "Rollback Failed",
    ]) {
      assert.ok(pattern.includes(`"EC2 Auto Scaling Instance Refresh ${ended}"`), ended);
    }
    assert.equal(named("shop-rollout-on-schedule-rule")["scheduleExpression"], "rate(5 minutes)");
  });

  it("leads HTTP to HTTPS with a certificate, under the site's own name", async () => {
    registered = await tier({ certificateArn: CERTIFICATE, domainName: "shop.example.com", zoneId: "Z2" });
    const [balancer] = all("awsx:lb:ApplicationLoadBalancer");
    assert.deepEqual(balancer?.["listeners"], [
      {
        ...{ port: 80, protocol: "HTTP" },
        defaultActions: [{ type: "redirect", redirect: { port: "443", protocol: "HTTPS", statusCode: "HTTP_301" } }],
      },
      {
        port: 443,
        protocol: "HTTPS",
        certificateArn: CERTIFICATE,
        sslPolicy: "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
      },
    ]);
    const [alias] = all("aws:route53/record:Record");
    assert.deepEqual(alias?.["aliases"], [
      { name: "shop.elb.amazonaws.com", zoneId: "Z1", evaluateTargetHealth: true },
    ]);
    const ports = (named("shop-lb-security-group")["ingress"] as Fields[]).map((r) => r["fromPort"]);
    assert.deepEqual(ports, [80, 443]);
  });

  it("scales without a word, if told to", async () => {
    registered = await tier({ scaling: { ...(ARGS.scaling as StepScaling), notify: false } });
    assert.deepEqual(named("shop-scaling-high")["alarmActions"], ["arn:aws:::shop-scaling-out"]);
  });

  it("tracks memory by the group's metric, if told to", async () => {
    registered = await tier({ scaling: { type: "target-tracking", metric: "memory", targetPercent: 60 } });
    const [policy] = all("aws:autoscaling/policy:Policy");
    assert.deepEqual(policy?.["targetTrackingConfiguration"], {
      targetValue: 60,
      customizedMetricSpecification: {
        ...{ namespace: "CWAgent", metricName: "mem_used_percent", statistic: "Average" },
        metricDimensions: [{ name: "AutoScalingGroupName", value: "shop-instances-group" }],
      },
    });
  });

  it("has a bastion that heals over all public subnets, keeps its address and may give it to itself only", async () => {
    registered = await tier({ bastion: { allowedCidrBlocks: ["203.0.113.0/24"], instanceType: "t4g.nano" } });
    const group = named("shop-bastion-group");
    assert.deepEqual([group["minSize"], group["maxSize"]], [1, 1]);
    assert.deepEqual(group["vpcZoneIdentifiers"], ["public-a", "public-b", "public-c"]);
    const ingress = (name: string) => named(name)["ingress"] as Fields[];
    assert.deepEqual(ingress("shop-bastion-security-group")[0]?.["cidrBlocks"], ["203.0.113.0/24"]);
    assert.deepEqual(ingress("shop-instances-security-group")[1]?.["securityGroups"], [
      "shop-bastion-security-group-id",
    ]);
    const { Statement } = JSON.parse(String(named("shop-bastion-policy")["policy"])) as { Statement: Fields[] };
    assert.match(String(Statement[1]?.["Resource"]), /:elastic-ip\/eipalloc-1$/);
    assert.deepEqual(Statement[2]?.["Condition"], {
      StringEquals: { "aws:ResourceTag/nplusone:bastion": "nplusone-test-shop-bastion" },
    });
  });

  it("lists everything that is wrong with its arguments at once", async () => {
    await record(OUTPUTS);
    const stateTable = new StateTable("state", { kmsKeyArn: "arn:key" });
    const make = () =>
      new WebTier("shop", {
        ...ARGS,
        ...{ stateTable, maxInstances: 5, domainName: "shop.example.com" },
        bastion: { allowedCidrBlocks: ["0.0.0.0/0"], instanceType: "t4g.nano" },
      });
    assert.throws(make, (error: Error) => {
      assert.match(error.message, /maxInstances: expected 6 or more.*domainName: .*bastion\.allowedCidrBlocks\[0\]: /);
      return true;
    });
    assert.throws(
      () => new WebTier("shop", { ...ARGS, stateTable, zones: ARGS.zones.slice(0, 1) }),
      /one alone survives no loss/,
    );
  });
});
