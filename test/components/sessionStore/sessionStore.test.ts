import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { StateTable } from "../../../components/common/stateTable";
import { SessionStore } from "../../../components/sessionStore/sessionStore";
import { SessionStoreArgs } from "../../../components/sessionStore/sessionStoreArgs";
import { StoreEvents } from "../../../components/sessionStore/storeEvents";
import { ofType, record, settled } from "../recorded";

const GROUP = "aws:elasticache/replicationGroup:ReplicationGroup";
const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";

const ARGS: SessionStoreArgs = {
  ...{ userId: "prod-sessions", engineVersion: "8.0", nodeType: "cache.t4g.small", members: 2 },
  ...{ maintenanceWindow: "sun:05:00-sun:06:00", snapshotWindow: "03:00-04:00", snapshotRetentionDays: 1 },
  alarms: { memoryPercent: 80, cpuPercent: 80, replicationLagSeconds: 5 },
  ...{ vpcId: "vpc-1", subnetIds: { a: "subnet-a", b: "subnet-b", c: "subnet-c" } },
  ...{ clientGroupIds: { shop: "sg-shop" }, kmsKeyArn: "arn:main", topicArn: "arn:topic", eventTopicArn: "arn:events" },
};

/** What a session store registers, and what it offers. */
async function made(over: Partial<SessionStoreArgs> = {}) {
  const registered = await record({
    [GROUP]: {
      primaryEndpointAddress: "host",
      memberClusters: ["s-002", "s-001", "s-003"].slice(0, over.members ?? 2),
    },
  });
  const { offering } = new SessionStore("sessions", { ...ARGS, ...over });
  await settled();
  const valueOf = <T>(value: pulumi.Input<T>) => new Promise((resolve) => pulumi.output(value).apply(resolve));
  return {
    registered,
    one: (type: string) => {
      const [found, ...others] = ofType(registered, type);
      assert.deepEqual(others, []);
      return found?.inputs ?? {};
    },
    environment: (await valueOf(pulumi.output(offering.environment))) as Record<string, string>,
    statements: (await valueOf(offering.statements)) as object[],
  };
}

describe("SessionStore", () => {
  it("has a primary and replicas in several zones, of which one takes over by itself", async () => {
    const group = (await made({ members: 4 })).one(GROUP);
    assert.deepEqual(group["preferredCacheClusterAzs"], ["a", "b", "c", "a"]);
    assert.deepEqual(
      [group["numCacheClusters"], group["multiAzEnabled"], group["automaticFailoverEnabled"]],
      [4, true, true],
    );
    assert.deepEqual([group["engine"], group["engineVersion"]], ["valkey", "8.0"]);
  });
  it("is encrypted on its way and at rest, in isolated subnets, open to its tiers alone", async () => {
    const { one } = await made();
    const group = one(GROUP);
    assert.deepEqual([group["transitEncryptionEnabled"], group["transitEncryptionMode"]], [true, "required"]);
    assert.deepEqual([group["atRestEncryptionEnabled"], group["kmsKeyId"]], [true, "arn:main"]);
    assert.deepEqual(one("aws:elasticache/subnetGroup:SubnetGroup")["subnetIds"], ["subnet-a", "subnet-b", "subnet-c"]);
    const { ingress, egress } = one("aws:ec2/securityGroup:SecurityGroup");
    const rule = { protocol: "tcp", fromPort: 6379, toPort: 6379, securityGroups: ["sg-shop"], description: "shop" };
    assert.deepEqual([ingress, egress], [[rule], undefined]);
  });
  it("knows one user, who says by IAM who it is, and none that needs no password", async () => {
    const { one } = await made();
    const user = one("aws:elasticache/user:User");
    assert.deepEqual([user["userId"], user["userName"]], ["prod-sessions", "prod-sessions"]);
    assert.deepEqual(user["authenticationMode"], { type: "iam" });
    assert.match(String(user["accessString"]), /^on .* -@dangerous \+info$/);
    const users = one("aws:elasticache/userGroup:UserGroup");
    assert.deepEqual([users["engine"], users["userIds"]], ["valkey", ["prod-sessions"]]);
    const group = one(GROUP);
    assert.deepEqual([group["userGroupIds"], group["authToken"]], [["prod-sessions"], undefined]);
  });
  it("offers where it is, and leave to connect to exactly this store as exactly this user", async () => {
    const { environment, statements } = await made();
    assert.equal(environment["SESSION_STORE_HOST"], "host");
    assert.equal(environment["SESSION_STORE_PORT"], "6379");
    assert.equal(environment["SESSION_STORE_USER"], "prod-sessions");
    assert.equal(environment["SESSION_STORE_REGION"], "us-east-1");
    const Resource = ["arn:aws:::sessions-store", "arn:aws:::sessions-user"];
    assert.deepEqual(statements, [{ Effect: "Allow", Action: "elasticache:Connect", Resource }]);
  });
  it("logs what is slow and what the engine says into encrypted log groups that end", async () => {
    const { one, registered } = await made();
    const logs = ofType(registered, "aws:cloudwatch/logGroup:LogGroup").map(({ inputs }) => inputs);
    assert.deepEqual(
      logs.map((l) => [l["kmsKeyId"], l["retentionInDays"]]),
      [
        ["arn:main", 90],
        ["arn:main", 90],
      ],
    );
    const delivered = one(GROUP)["logDeliveryConfigurations"] as { logType: string; destination: string }[];
    assert.deepEqual(
      delivered.map((d) => [d.logType, d.destination]),
      [
        ["slow-log", "sessions-slow-log"],
        ["engine-log", "sessions-engine-log"],
      ],
    );
  });
  it("is watched over member by member, as AWS calls them, and loudly", async () => {
    const alarms = ofType((await made({ members: 3 })).registered, ALARM).map(({ inputs }) => inputs);
    const watched = alarms.map((a) => `${JSON.stringify(a["dimensions"])} ${String(a["metricName"])}`);
    const metrics = ["DatabaseMemoryUsagePercentage", "Evictions", "EngineCPUUtilization", "ReplicationLag"];
    const members = ["s-001", "s-002", "s-003"];
    assert.deepEqual(
      watched.sort(),
      members.flatMap((m) => metrics.map((metric) => `{"CacheClusterId":"${m}"} ${metric}`)).sort(),
    );
    for (const alarm of alarms) {
      assert.deepEqual([alarm["alarmActions"], alarm["okActions"]], [["arn:topic"], ["arn:topic"]]);
    }
  });
  it("refuses arguments with all of their problems", async () => {
    await record();
    const wrong = { userId: "Prod--sessions", subnetIds: { a: "subnet-a" }, members: 1 };
    assert.throws(() => new SessionStore("sessions", { ...ARGS, ...wrong }), /members: .*userId: .*subnetIds: /);
  });
});

describe("StoreEvents", () => {
  it("has a topic that ElastiCache can publish to: unencrypted, for this account alone, and read by a function", async () => {
    const registered = await record();
    const stateTable = new StateTable("state", { kmsKeyArn: "arn:main" });
    new StoreEvents("events", { stateTable, kmsKeyArn: "arn:main", topicArn: "arn:topic" });
    await settled();
    const [topic, ...others] = ofType(registered, "aws:sns/topic:Topic");
    assert.deepEqual([topic?.inputs["kmsMasterKeyId"], others], [undefined, []]);
    const policy = ofType(registered, "aws:sns/topicPolicy:TopicPolicy")[0]?.inputs["policy"];
    const { Statement } = JSON.parse(String(policy)) as { Statement: { Condition: object; Action: string }[] };
    assert.deepEqual(
      Statement.map((s) => [s.Action, s.Condition]),
      [["sns:Publish", { StringEquals: { "aws:SourceOwner": "123456789012" } }]],
    );
    const [subscription] = ofType(registered, "aws:sns/topicSubscription:TopicSubscription");
    assert.deepEqual(
      [subscription?.inputs["protocol"], subscription?.inputs["endpoint"]],
      ["lambda", "arn:aws:::events-tell-function"],
    );
    const [permission] = ofType(registered, "aws:lambda/permission:Permission");
    assert.deepEqual(
      [permission?.inputs["principal"], permission?.inputs["sourceArn"]],
      ["sns.amazonaws.com", "arn:aws:::events-topic"],
    );
  });
});
