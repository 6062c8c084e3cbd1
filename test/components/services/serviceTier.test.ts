import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { ServiceArgs, ServiceTier, ServiceTierArgs } from "../../../components/services/serviceTier";
import { StateTable } from "../../../components/common/stateTable";
import { ofType, record, Registered, settled } from "../recorded";

const service = (over: Partial<ServiceArgs> = {}): ServiceArgs => ({
  ...{ name: "cart", image: ":1.4.2", cpu: 256, memoryMiB: 512, port: 8080, drainSeconds: 30 },
  ...{ environment: { LOG_LEVEL: "info" }, secrets: {}, healthCheckPath: "/healthz", startSeconds: 60 },
  ...{ public: true, rule: { paths: ["/cart/*"] }, minimum: 4, maximum: 20, serverErrorsPerMinute: 10, offerings: [] },
  scaling: { type: "steps", metric: "cpu", outAbovePercent: 70, outMinutes: 5, inBelowPercent: 30, inMinutes: 30 },
  ...over,
});
const ARGS: Omit<ServiceTierArgs, "stateTable"> = {
  vpcId: "vpc-1",
  vpcCidrBlock: "10.20.0.0/16",
  zones: ["a", "b"].map((zone) => ({ publicSubnetId: `public-${zone}`, privateSubnetId: `private-${zone}` })),
  hosts: {
    ...{ instanceType: "m7g.large", volumeGiB: 30, agentGraceMinutes: 10 },
    scaling: { type: "managed", targetCapacityPercent: 100 },
  },
  entrance: { allowedCidrBlocks: ["0.0.0.0/0"] },
  services: [service(), service({ name: "prices", public: false, rule: undefined })],
  registry: { prefix: "nplusone/prod", owned: true },
  pilotLight: false,
  accessLogRetentionDays: 90,
  logRetentionDays: 30,
  deletionProtection: true,
  kmsKeyArn: "arn:key",
  topicArn: "arn:topic",
};

type Fields = Record<string, unknown>;

/** What a tier registers. */
async function tier(over: Partial<ServiceTierArgs> = {}): Promise<Registered[]> {
  const registered = await record({
    "aws:ecr/repository:Repository": { repositoryUrl: "123456789012.dkr.ecr.us-east-1.amazonaws.com/nplusone" },
    "aws:ec2/launchTemplate:LaunchTemplate": { latestVersion: 1 },
  });
  new ServiceTier("shop", { ...ARGS, stateTable: new StateTable("state", { kmsKeyArn: "arn:key" }), ...over });
  await settled();
  return registered;
}

describe("ServiceTier", () => {
  let registered: Registered[];
  const all = (type: string) => ofType(registered, type).map((r) => r.inputs);
  const none = (type: string) =>
    assert.deepEqual(
      registered.filter((r) => r.type === type),
      [],
    );
  const named = (name: string) => registered.find((r) => r.name === name)?.inputs ?? assert.fail(`no ${name}`);
  const container = (name: string) =>
    (JSON.parse(String(named(name)["containerDefinitions"])) as Fields[])[0] ?? assert.fail("no container");

  before(async () => {
    registered = await tier();
  });

  it("has hosts over all private subnets, as many as carry every minimum without the fullest zone", () => {
    const [group] = all("aws:autoscaling/group:Group");
    assert.deepEqual(group?.["vpcZoneIdentifiers"], ["private-a", "private-b"]);
    assert.deepEqual([group["minSize"], group["desiredCapacity"]], [2, 2]);
    const tags = (group["tags"] as Fields[]).map((tag) => [tag["key"], tag["value"]]);
    assert.deepEqual(tags.slice(1), [
      ["nplusone:required-instances", "1"],
      ["AmazonECSManaged", ""],
    ]);
  });

  it("keeps tasks from the hosts' metadata, and says which cluster a host belongs to", () => {
    const [template] = all("aws:ec2/launchTemplate:LaunchTemplate");
    assert.deepEqual(template?.["metadataOptions"], {
      ...{ httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
    });
    const script = Buffer.from(String(template["userData"]), "base64").toString();
    assert.match(script, /^ECS_CLUSTER=shop-cluster$/m);
    assert.match(script, /^ECS_RESERVED_MEMORY=256$/m);
  });

  it("lets ECS scale, protect and drain the hosts, and nobody else", () => {
    const [provider] = all("aws:ecs/capacityProvider:CapacityProvider");
    assert.deepEqual(provider?.["autoScalingGroupProvider"], {
      autoScalingGroupArn: "arn:aws:::shop-hosts-group",
      ...{ managedDraining: "ENABLED", managedTerminationProtection: "ENABLED" },
      managedScaling: {
        ...{ status: "ENABLED", targetCapacity: 100, minimumScalingStepSize: 1, maximumScalingStepSize: 100 },
        instanceWarmupPeriod: 300,
      },
    });
    assert.equal(provider["name"], undefined, "two providers can't share a name while one replaces the other");
    assert.equal(named("shop-hosts-group")["protectFromScaleIn"], true);
    none("aws:autoscaling/policy:Policy");
  });

  it("scales hosts by steps of two, if told to, and then ECS neither scales nor protects them", async () => {
    const scaling = {
      ...{ type: "steps" as const, outAbovePercent: 70, outMinutes: 5, inBelowPercent: 25, inMinutes: 30 },
    };
    registered = await tier({ hosts: { ...ARGS.hosts, scaling } });
    const [provider] = all("aws:ecs/capacityProvider:CapacityProvider");
    const { managedScaling, managedTerminationProtection, managedDraining } = provider?.[
      "autoScalingGroupProvider"
    ] as Fields;
    assert.deepEqual(
      [managedScaling, managedTerminationProtection, managedDraining],
      [{ status: "DISABLED" }, "DISABLED", "ENABLED"],
    );
    assert.equal(named("shop-hosts-group")["protectFromScaleIn"], false);
    const steps = ["out", "in"].map((way) => named(`shop-host-scaling-${way}`)["stepAdjustments"] as Fields[]);
    assert.deepEqual(
      steps.map(([step]) => step?.["scalingAdjustment"]),
      [2, -2],
    );
    const low = named("shop-host-scaling-low");
    assert.deepEqual([low["threshold"], low["evaluationPeriods"]], [25, 30]);
    registered = await tier();
  });

  it("runs tasks on the bridge at ports that Docker chooses, with a soft limit and roles of their own", () => {
    const definition = named("shop-cart-tasks");
    assert.deepEqual([definition["networkMode"], definition["requiresCompatibilities"]], ["bridge", ["EC2"]]);
    assert.deepEqual(
      [definition["taskRoleArn"], definition["executionRoleArn"]],
      ["arn:aws:::shop-cart-task-role", "arn:aws:::shop-cart-execution-role"],
    );
    assert.equal(definition["skipDestroy"], true);
    const { image, cpu, memory, memoryReservation, portMappings, stopTimeout } = container("shop-cart-tasks");
    assert.equal(image, "123456789012.dkr.ecr.us-east-1.amazonaws.com/nplusone:1.4.2");
    assert.deepEqual([cpu, memoryReservation, memory], [256, 512, undefined]);
    assert.deepEqual(portMappings, [{ containerPort: 8080, hostPort: 0, protocol: "tcp" }]);
    const [targets] = all("aws:lb/targetGroup:TargetGroup");
    assert.ok(Number(stopTimeout) > Number(targets?.["deregistrationDelay"]));
  });

  it("tells tasks where they are, and what they use of the stack", async () => {
    const connection = {
      ...{ host: pulumi.output("orders.example.com"), port: pulumi.output(5432), name: "orders" },
      ...{
        engine: "postgres" as const,
        secretArn: pulumi.output("arn:secret"),
        secretKmsKeyArn: pulumi.output("arn:key-of"),
      },
    };
    const offering = {
      environment: { SESSION_STORE_HOST: "cache", LOG_LEVEL: "theirs" },
      statements: [{ Effect: "Allow" as const, Action: "elasticache:Connect", Resource: "arn:cache" }],
    };
    const secrets = { API_KEY: "arn:aws:secretsmanager:us-east-1:123456789012:secret:api-AbCdEf:key::" };
    registered = await tier({ services: [service({ connection, offerings: [offering], secrets })] });
    const { environment, secrets: given } = container("shop-cart-tasks");
    assert.deepEqual(Object.fromEntries((environment as Fields[]).map((v) => [v["name"], v["value"]])), {
      ...{ AWS_REGION: "us-east-1", PORT: "8080", LOG_LEVEL: "info", SESSION_STORE_HOST: "cache" },
      ...{ DATABASE_ENGINE: "postgres", DATABASE_HOST: "orders.example.com", DATABASE_PORT: "5432" },
      ...{ DATABASE_NAME: "orders", DATABASE_SECRET_ARN: "arn:secret" },
    });
    assert.deepEqual(given, [{ name: "API_KEY", valueFrom: secrets.API_KEY }]);
    const statements = (name: string) =>
      (JSON.parse(String(named(name)["policy"])) as { Statement: Fields[] }).Statement;
    assert.deepEqual(
      statements("shop-cart-task-policy").map((s) => s["Action"]),
      ["secretsmanager:GetSecretValue", "kms:Decrypt", "elasticache:Connect"],
    );
    const read = statements("shop-cart-execution-policy").find((s) => s["Action"] === "secretsmanager:GetSecretValue");
    assert.deepEqual(read?.["Resource"], ["arn:aws:secretsmanager:us-east-1:123456789012:secret:api-AbCdEf"]);
    registered = await tier();
  });

  it("lets a task that takes all the time it may be seen by the balancer before ECS goes by that", () => {
    const { healthCheck } = ofType(registered, "aws:lb/targetGroup:TargetGroup")[0]?.inputs as Record<
      string,
      Record<string, number>
    >;
    assert.ok(healthCheck !== undefined, "the target group has a health check");
    const { healthyThreshold = 0, interval = 0 } = healthCheck;
    const grace = Number(named("shop-cart-service")["healthCheckGracePeriodSeconds"]);
    assert.ok(grace >= 60 + (healthyThreshold + 1) * interval, `${grace} s`);
  });

  it("spreads tasks over zones, then hosts, and takes bad deployments back", () => {
    const cart = named("shop-cart-service");
    assert.deepEqual(cart["orderedPlacementStrategies"], [
      { type: "spread", field: "attribute:ecs.availability-zone" },
      { type: "spread", field: "instanceId" },
    ]);
    assert.equal(cart["availabilityZoneRebalancing"], "ENABLED");
    assert.ok(Number(cart["deploymentMaximumPercent"]) > 100, "rebalancing needs room");
    assert.deepEqual(cart["deploymentCircuitBreaker"], { enable: true, rollback: true });
    assert.deepEqual(cart["alarms"], {
      ...{ enable: true, rollback: true, alarmNames: ["shop-cart-alarms-unhealthy", "shop-cart-alarms-errors"] },
    });
    assert.deepEqual(
      [cart["desiredCount"], cart["launchType"], cart["forceNewDeployment"], cart["waitForSteadyState"]],
      [4, undefined, true, false],
    );
    assert.deepEqual(cart["capacityProviderStrategies"], [
      { capacityProvider: "shop-capacity-provider", base: 0, weight: 1 },
    ]);
  });

  it("rolls new hosts out as long as they join the cluster", () => {
    const alarm = named("shop-not-joined");
    assert.deepEqual(
      (alarm["metricQueries"] as Fields[]).map((q) => q["expression"] ?? (q["metric"] as Fields)["metricName"]),
      ["instances - hosts", "GroupInServiceInstances", "ContainerInstanceCount"],
    );
    assert.deepEqual(named("shop-hosts-group")["enabledMetrics"], ["GroupInServiceInstances"]);
    const [invocation] = all("aws:lambda/invocation:Invocation");
    assert.equal(invocation?.["functionName"], "shop-rollout-function");
  });

  it("has a balancer for each side, which answers what is nobody's with 404", () => {
    const balancers = all("aws:lb/loadBalancer:LoadBalancer");
    assert.deepEqual(
      balancers.map((b) => [b["internal"], b["subnets"]]),
      [
        [false, ["public-a", "public-b"]],
        [true, ["private-a", "private-b"]],
      ],
    );
    for (const listener of all("aws:lb/listener:Listener")) {
      const [action] = listener["defaultActions"] as Fields[];
      assert.equal((action?.["fixedResponse"] as Fields)["statusCode"], "404");
    }
    assert.deepEqual(named("shop-public-cart")["conditions"], [{ pathPattern: { values: ["/cart/*"] } }]);
    assert.deepEqual(named("shop-internal-prices")["conditions"], [
      { hostHeader: { values: ["prices.shop.internal"] } },
    ]);
    assert.equal(named("shop-prices-name")["name"], "prices.shop.internal");
    assert.deepEqual(named("shop-names")["vpcs"], [{ vpcId: "vpc-1" }]);
  });

  it("leads users to HTTPS where there is a certificate, and what is called in the VPC not", async () => {
    const certificateArn = "arn:aws:acm:us-east-1:123456789012:certificate/1";
    registered = await tier({ entrance: { ...ARGS.entrance, certificateArn } });
    const action = (name: string) => (named(name)["defaultActions"] as Fields[])[0] ?? assert.fail("no action");
    assert.deepEqual(action("shop-public-http")["redirect"], {
      port: "443",
      protocol: "HTTPS",
      statusCode: "HTTP_301",
    });
    const { port, protocol, certificateArn: certificate, sslPolicy } = named("shop-public-https");
    assert.deepEqual([port, protocol, certificate], [443, "HTTPS", certificateArn]);
    assert.match(String(sslPolicy), /^ELBSecurityPolicy-TLS13-/);
    assert.equal((action("shop-public-https")["fixedResponse"] as Fields)["statusCode"], "404");
    assert.equal(
      named("shop-public-cart")["listenerArn"],
      "arn:aws:::shop-public-https",
      "rules are where requests are",
    );
    const open = named("shop-public-security-group")["ingress"] as Fields[];
    assert.deepEqual(
      open.map((rule) => rule["fromPort"]),
      [80, 443],
    );
    const internal = named("shop-internal-http");
    assert.deepEqual([internal["port"], action("shop-internal-http")["type"]], [80, "fixed-response"]);
    registered = await tier();
  });

  it("has only those balancers that are needed", async () => {
    registered = await tier({ services: [service()] });
    assert.deepEqual(
      all("aws:lb/loadBalancer:LoadBalancer").map((b) => b["internal"]),
      [false],
    );
    none("aws:route53/zone:Zone");
    registered = await tier();
  });

  it("scales tasks by steps of two, never below the minimum", () => {
    const target = named("shop-cart-scaling-target");
    assert.deepEqual([target["minCapacity"], target["maxCapacity"]], [4, 20]);
    assert.equal(target["resourceId"], "service/shop-cluster/shop-cart-service");
    const adjustment = (way: string) =>
      (
        (named(`shop-cart-scaling-${way}`)["stepScalingPolicyConfiguration"] as Fields)["stepAdjustments"] as Fields[]
      )[0]?.["scalingAdjustment"];
    assert.deepEqual([adjustment("out"), adjustment("in")], [2, -2]);
    const alarm = (name: string) => {
      const { threshold, evaluationPeriods, period, comparisonOperator } = named(name);
      return [comparisonOperator, threshold, evaluationPeriods, period];
    };
    assert.deepEqual(alarm("shop-cart-scaling-high"), ["GreaterThanOrEqualToThreshold", 70, 5, 60]);
    assert.deepEqual(alarm("shop-cart-scaling-low"), ["LessThanThreshold", 30, 30, 60]);
  });

  it("is a pilot light without tasks, whose hosts are there all the same", async () => {
    registered = await tier({ pilotLight: true });
    assert.equal(named("shop-cart-service")["desiredCount"], 0);
    assert.deepEqual(named("shop-cart-service")["tags"], { "nplusone:pilot-light": "true" });
    assert.equal(named("shop-light-function")["name"], "nplusone-test-shop-light");
    assert.equal(named("shop-cart-scaling-target")["minCapacity"], 0);
    assert.equal(named("shop-hosts-group")["minSize"], 2);
    assert.equal(named("shop-cart-alarms-capacity")["treatMissingData"], "notBreaching");
    registered = await tier();
  });

  it("keeps images in repositories of its own, in both Regions if it is the primary", async () => {
    const configuration = new pulumi.ComponentResource("test:index:Replication", "images");
    const replica = { region: "eu-west-1", kmsKeyArn: "arn:key-there", configuration };
    registered = await tier({ registry: { ...ARGS.registry, replica } });
    const kept = all("aws:ecr/repository:Repository").filter((r) => r["name"] === "nplusone/prod/shop/cart");
    assert.deepEqual(kept.map((r) => r["region"]).sort(), ["eu-west-1", undefined]);
    for (const repository of kept) {
      assert.deepEqual(
        [repository["imageTagMutability"], repository["imageScanningConfiguration"], repository["forceDelete"]],
        ["IMMUTABLE", { scanOnPush: true }, false],
      );
    }
    registered = await tier({ registry: { ...ARGS.registry, owned: false } });
    none("aws:ecr/repository:Repository");
    assert.equal(
      container("shop-cart-tasks")["image"],
      "123456789012.dkr.ecr.us-east-1.amazonaws.com/nplusone/prod/shop/cart:1.4.2",
    );
    registered = await tier();
  });

  it("builds an image for the hosts' architecture, and the standby runs the same by its tag", async () => {
    const services = [
      service({ image: undefined, build: { context: "examples/web-app", dockerfile: "package.json", arguments: {} } }),
    ];
    registered = await tier({ services });
    const [image] = all("awsx:ecr:Image");
    assert.equal(image?.["platform"], "linux/arm64");
    const tag = String(image["imageTag"]);
    registered = await tier({ services, registry: { ...ARGS.registry, owned: false } });
    none("awsx:ecr:Image");
    assert.match(String(container("shop-cart-tasks")["image"]), new RegExp(`/shop/cart:${tag}$`));
    registered = await tier();
  });

  it("lists everything that is wrong with its arguments at once", async () => {
    await record();
    const stateTable = new StateTable("state", { kmsKeyArn: "arn:key" });
    const services = [service({ memoryMiB: 9000 }), service({ name: "prices", cpu: 4096, rule: undefined })];
    assert.throws(
      () => new ServiceTier("shop", { ...ARGS, stateTable, services }),
      /services\.0\.memoryMiB: expected 7321 MiB or fewer.*services\.1\.cpu: expected 2048.*services\.1\.rule/,
    );
  });
});
