import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { CloudWatchLogsClient, ResourceNotFoundException } from "@aws-sdk/client-cloudwatch-logs";
import { EC2Client } from "@aws-sdk/client-ec2";
import { IAMClient } from "@aws-sdk/client-iam";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { RDSClient } from "@aws-sdk/client-rds";
import { SQSClient } from "@aws-sdk/client-sqs";
import { mockClient } from "aws-sdk-client-mock";
import assert from "node:assert/strict";
import { create, diff, refresh, remove, update } from "../../../local/plugins/aws/lifecycle";
import { Props, ResourceRecord } from "../../../local/plugins/aws/record";
import { RESOURCES } from "../../../local/plugins/aws/services";

const recordOf = (type: string): ResourceRecord => RESOURCES[type] as ResourceRecord;
const VPC = "aws:ec2/vpc:Vpc";
const GROUP = "aws:ec2/securityGroup:SecurityGroup";
const TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";
const LOGS = "aws:cloudwatch/logGroup:LogGroup";
const ROLE = "aws:iam/role:Role";
const FUNCTION = "aws:lambda/function:Function";
const QUEUE = "aws:sqs/queue:Queue";

const CLIENTS = [EC2Client, IAMClient, CloudWatchLogsClient, LambdaClient, SQSClient, AutoScalingClient];
const mockOf = (client: (typeof CLIENTS)[number]) => mockClient(client as typeof EC2Client);
type Mock = ReturnType<typeof mockOf>;
/** Mocks of the classes themselves, since the plugin makes its clients: only while these tests run. */
let mocks: Mock[] = [];
let ec2: Mock;
let iam: Mock;
let logs: Mock;
let lambda: Mock;

/** The calls that were made, as `[operation, request]`. */
const calls = () =>
  mocks
    .flatMap((mock) => mock.calls())
    .map(({ args: [command] }) => [command.constructor.name.replace(/Command$/, ""), command.input] as const);

/** An update from one state to another: the calls that it makes, and the state that it leaves. */
async function updated(type: string, olds: Props, news: Props) {
  const state = await update(type, recordOf(type), olds, { id: olds["id"], ...news });
  return { calls: calls(), state };
}

describe("a resource of the stand-in", () => {
  before(() => {
    mocks = CLIENTS.map(mockOf);
    [ec2, iam, logs, lambda] = mocks as [Mock, Mock, Mock, Mock];
  });
  beforeEach(() => mocks.forEach((mock) => mock.reset()));
  after(() => mocks.forEach((mock) => mock.restore()));

  describe("is compared", () => {
    it("by what was added, changed and removed, however deep", () => {
      const record = recordOf(VPC);
      const olds = { id: "vpc-1", cidrBlock: "10.0.0.0/16", enableDnsHostnames: true, arn: "arn:1", ipv6CidrBlock: "" };
      const changes = (news: Props) => diff(record, "net", olds, news).changes;
      assert.equal(changes({ cidrBlock: "10.0.0.0/16", enableDnsHostnames: true }), false);
      assert.equal(changes({ cidrBlock: "10.0.0.0/16" }), true);
      assert.equal(changes({ cidrBlock: "10.0.0.0/16", enableDnsHostnames: true, tags: { a: "b" } }), true);
      const template = (ebs: Props) => ({ name: "t", blockDeviceMappings: [{ ebs }] });
      const nested = diff(recordOf(TEMPLATE), "t", template({ volumeSize: 8, iops: 3 }), template({ volumeSize: 8 }));
      assert.equal(nested.changes, true);
    });
    it("by what documents say, not how they are written", () => {
      const changes = (policy: string) =>
        diff(recordOf(ROLE), "r", { assumeRolePolicy: '{"a":1,"b":2}' }, { assumeRolePolicy: policy }).changes;
      assert.equal(changes('{ "b": 2, "a": 1 }'), false);
      assert.equal(changes('{ "b": 2 }'), true);
    });
    it("and replaced for what can't be changed, the old one first only if its name is its own", () => {
      const olds = { id: "sg-1", name: "web-0a1b2c3", vpcId: "vpc-1" };
      const replaced = (news: Props) =>
        diff(recordOf(GROUP), "web", { ...olds, ...news }, { ...olds, ...news, vpcId: "vpc-2" });
      assert.deepEqual(replaced({}).replaces, ["vpcId"]);
      assert.equal(replaced({}).deleteBeforeReplace, false);
      assert.equal(replaced({ name: "mine" }).deleteBeforeReplace, true);
      assert.deepEqual(diff(recordOf(VPC), "n", {}, { region: "eu-west-1" }).replaces, ["region"]);
      const provider = recordOf("aws:ecs/capacityProvider:CapacityProvider");
      const over = (autoScalingGroupArn: string, targetCapacity: number) => ({
        autoScalingGroupProvider: { autoScalingGroupArn, managedScaling: { targetCapacity } },
      });
      assert.deepEqual(diff(provider, "n", over("arn:a", 100), over("arn:a", 90)).replaces, []);
      assert.deepEqual(diff(provider, "n", over("arn:a", 100), over("arn:b", 100)).replaces, [
        "autoScalingGroupProvider",
      ]);
    });
  });

  describe("is created", () => {
    it("with all of its inputs and no needless call", async () => {
      ec2.onAnyCommand().resolves({ Vpc: { VpcId: "vpc-1" } } as never);
      const inputs = { cidrBlock: "10.0.0.0/16", enableDnsHostnames: true, enableDnsSupport: true, tags: { a: "b" } };
      const state = await create(VPC, recordOf(VPC), inputs);
      assert.deepEqual(calls(), [
        [
          "CreateVpc",
          {
            CidrBlock: "10.0.0.0/16",
            TagSpecifications: [{ ResourceType: "vpc", Tags: [{ Key: "a", Value: "b" }] }],
          },
        ],
        ["ModifyVpcAttribute", { VpcId: "vpc-1", EnableDnsHostnames: { Value: true } }],
      ]);
      assert.equal(state["id"], "vpc-1");
      assert.match(state["arn"], /:vpc\/vpc-1$/);
    });
    it("with the rules of a security group, and without the one that EC2 makes", async () => {
      ec2.onAnyCommand().resolves({ GroupId: "sg-1" } as never);
      const egress = [{ protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["10.0.0.0/8"], description: "d" }];
      await create(GROUP, recordOf(GROUP), { name: "web", vpcId: "vpc-1", description: "d", egress });
      const [, revoked, authorized] = calls();
      assert.equal(revoked?.[0], "RevokeSecurityGroupEgress");
      assert.deepEqual(JSON.parse(JSON.stringify(authorized)), [
        "AuthorizeSecurityGroupEgress",
        {
          GroupId: "sg-1",
          IpPermissions: [
            {
              IpProtocol: "tcp",
              FromPort: 443,
              ToPort: 443,
              IpRanges: [{ CidrIp: "10.0.0.0/8", Description: "d" }],
              UserIdGroupPairs: [],
            },
          ],
        },
      ]);
    });
    it("never without an input that nothing takes", async () => {
      await assert.rejects(
        create(VPC, recordOf(VPC), { cidrBlock: "10.0.0.0/16", invented: true }),
        /aws:ec2\/vpc:Vpc's invented: pass it on in local\/plugins\/aws\/ec2.ts, or name it there under notApplied/,
      );
      assert.deepEqual(calls(), []);
    });
    it("with AWS's own code in the error if AWS refuses", async () => {
      ec2.onAnyCommand().rejects(Object.assign(new Error("no more"), { name: "VpcLimitExceeded" }));
      await assert.rejects(create(VPC, recordOf(VPC), { cidrBlock: "10.0.0.0/16" }), {
        message: "CreateVpc: VpcLimitExceeded: no more",
        code: "VpcLimitExceeded",
      });
    });
  });

  describe("is updated", () => {
    it("by the calls that are for what has changed", async () => {
      const olds = { id: "f", name: "f", arn: "arn:f", timeout: 3, code: { assets: {} }, tags: { a: "1", b: "2" } };
      const { calls: made } = await updated(FUNCTION, olds, {
        name: "f",
        timeout: 9,
        code: { assets: {} },
        tags: { a: "3" },
      });
      assert.deepEqual(
        made.map(([action]) => action),
        ["UpdateFunctionConfiguration", "UntagResource", "TagResource"],
      );
      assert.deepEqual(made[1]?.[1], { Resource: "arn:f", TagKeys: ["b"] });
      assert.deepEqual(made[2]?.[1], { Resource: "arn:f", Tags: { a: "3" } });
    });
    it("by the call that undoes what is not given any more", async () => {
      const olds = { id: "l", name: "l", retentionInDays: 30, kmsKeyId: "key-1", arn: "arn:l" };
      const { calls: made, state } = await updated(LOGS, olds, { name: "l" });
      assert.deepEqual(made, [
        ["DisassociateKmsKey", { logGroupName: "l" }],
        ["DeleteRetentionPolicy", { logGroupName: "l" }],
      ]);
      assert.deepEqual(Object.keys(state).sort(), ["arn", "id", "name"]);
    });
    it("by an empty value where an operation leaves alone what it isn't given", async () => {
      const role = {
        id: "r",
        name: "r",
        arn: "arn:r",
        description: "d",
        maxSessionDuration: 7200,
        assumeRolePolicy: "{}",
      };
      const { calls: made } = await updated(ROLE, role, { name: "r", assumeRolePolicy: "{}" });
      assert.deepEqual(made, [["UpdateRole", { RoleName: "r", Description: "", MaxSessionDuration: 3600 }]]);
    });
    it("by the default of what has one", async () => {
      const queue = { id: "u", name: "q", arn: "arn:q", visibilityTimeoutSeconds: 90, redrivePolicy: "{}" };
      const { calls: made } = await updated(QUEUE, queue, { name: "q" });
      assert.deepEqual(made, [
        ["SetQueueAttributes", { QueueUrl: "u", Attributes: { VisibilityTimeout: "30", RedrivePolicy: "" } }],
      ]);
    });
    it("by a new version of a launch template, which becomes the default if asked for", async () => {
      ec2.onAnyCommand().resolves({
        LaunchTemplateVersion: { VersionNumber: 4 },
        LaunchTemplate: { DefaultVersionNumber: 4 },
      } as never);
      const olds = {
        id: "lt-1",
        name: "t",
        imageId: "ami-1",
        updateDefaultVersion: true,
        latestVersion: 3,
        defaultVersion: 3,
      };
      const { calls: made, state } = await updated(TEMPLATE, olds, {
        name: "t",
        imageId: "ami-2",
        updateDefaultVersion: true,
      });
      assert.deepEqual(made, [
        ["CreateLaunchTemplateVersion", { LaunchTemplateId: "lt-1", LaunchTemplateData: { ImageId: "ami-2" } }],
        ["ModifyLaunchTemplate", { LaunchTemplateId: "lt-1", DefaultVersion: "4" }],
      ]);
      assert.deepEqual([state["latestVersion"], state["defaultVersion"]], [4, 4]);
    });
    it("by taking back a security group's rules before it gets new ones", async () => {
      const rule = (port: number) => [{ protocol: "tcp", fromPort: port, toPort: port, cidrBlocks: ["10.0.0.0/8"] }];
      const olds = { id: "sg-1", name: "n", ingress: rule(80), egress: rule(1) };
      const { calls: made } = await updated(GROUP, olds, { name: "n", ingress: rule(443), egress: rule(1) });
      assert.deepEqual(
        made.map(([action, input]) => [action, (input as Props)["IpPermissions"][0].FromPort]),
        [
          ["RevokeSecurityGroupIngress", 80],
          ["AuthorizeSecurityGroupIngress", 443],
        ],
      );
    });
  });

  describe("is read", () => {
    const inputs = { name: "r", assumeRolePolicy: '{"Version":"1"}', description: "d", tags: { a: "b" } };
    const found = (role: Props) =>
      iam.onAnyCommand().resolves({
        Role: {
          ...{ RoleName: "r", Description: "d", AssumeRolePolicyDocument: encodeURIComponent('{"Version":"1"}') },
          ...{ Tags: [{ Key: "a", Value: "b" }], ...role },
        },
      } as never);
    const now = async () => refresh(recordOf(ROLE), { ...inputs, id: "r", arn: "arn:r", uniqueId: "A" });

    it("as it was, if nobody has changed it", async () => {
      found({});
      assert.deepEqual((await now())?.inputs, inputs);
    });
    it("as others have made it", async () => {
      found({
        Description: "other",
        Tags: [
          { Key: "a", Value: "c" },
          { Key: "aws:own", Value: "x" },
        ],
      });
      assert.deepEqual((await now())?.inputs, { ...inputs, description: "other", tags: { a: "c" } });
    });
    it("without what others have taken away", async () => {
      found({ Description: undefined, Tags: [] });
      assert.deepEqual((await now())?.inputs, { name: "r", assumeRolePolicy: '{"Version":"1"}', tags: {} });
    });
    it("with its archive as the engine tells of one: by its hash, which the engine knows it by", async () => {
      const code = { "4dabf18193072939515e22adb298388d": "0def7320c3a5731c473e5ecbe6d01bc7", hash: "h" };
      lambda.onAnyCommand().resolves({ Configuration: { FunctionName: "f", Handler: "index.handler" } } as never);
      const state = { id: "f", name: "f", arn: "arn:f", handler: "index.handler", code };
      const read = await refresh(recordOf(FUNCTION), state);
      assert.deepEqual([read?.inputs["code"], read?.props["code"]], [code, code]);
    });
    it("as gone, if it is", async () => {
      iam.onAnyCommand().rejects(Object.assign(new Error("gone"), { name: "NoSuchEntityException" }));
      assert.equal(await now(), undefined);
    });
    it("never as gone, if AWS can't say", async () => {
      iam.onAnyCommand().rejects(Object.assign(new Error("later"), { name: "ThrottlingException" }));
      await assert.rejects(now, /GetRole: ThrottlingException: later/);
    });
  });

  it("may be gone already when it is deleted", async () => {
    logs.onAnyCommand().rejects(new ResourceNotFoundException({ message: "gone", $metadata: {} }));
    await remove(recordOf(LOGS), { id: "l", name: "l" });
    assert.deepEqual(calls(), [["DeleteLogGroup", { logGroupName: "l" }]]);
  });

  describe("that is a database", () => {
    const DATABASE = "aws:rds/instance:Instance";
    const found = {
      ...{ DbiResourceId: "db-1", DBInstanceArn: "arn", Endpoint: { Address: "host", Port: 5432 } },
      ...{ DBName: "orders", MasterUsername: "dbadmin" },
    };
    const REPLICA = {
      identifier: "copy",
      instanceClass: "db.m7g.large",
      backupRetentionPeriod: 7,
      replicateSourceDb: "arn:db",
    };
    let rds: Mock;
    beforeEach(() => {
      rds = mockClient(RDSClient as unknown as typeof EC2Client);
      rds.onAnyCommand().resolves({ DBInstance: found } as object);
    });
    afterEach(() => rds.restore());
    const made = () => rds.calls().map(({ args: [command] }) => command.constructor.name.replace(/Command$/, ""));

    it("is made by itself, or as a replica whose backups are turned on once it is there", async () => {
      const { replicateSourceDb: _, ...own } = REPLICA;
      await create(DATABASE, recordOf(DATABASE), { ...own, engine: "postgres", __name: "own" });
      assert.deepEqual(made(), ["CreateDBInstance"]);
      rds.resetHistory();
      await create(DATABASE, recordOf(DATABASE), { ...REPLICA, __name: "copy" });
      assert.deepEqual(made(), ["CreateDBInstanceReadReplica", "ModifyDBInstance"]);
    });
    it("is promoted when its source is taken out, and neither replaced nor modified", async () => {
      const olds = await create(DATABASE, recordOf(DATABASE), { ...REPLICA, __name: "copy" });
      const { replicateSourceDb: _, ...own } = { ...REPLICA, id: "db-1", __name: "copy" };
      const news = { ...own, dbName: "orders", username: "dbadmin" };
      rds.resetHistory();
      assert.deepEqual(diff(recordOf(DATABASE), "copy", olds, news).replaces, []);
      await update(DATABASE, recordOf(DATABASE), olds, news);
      assert.deepEqual(made(), ["PromoteReadReplica"]);
    });
    it("is unprotected and takes its last snapshot when the rehearsal ends", async () => {
      const last = { skipFinalSnapshot: false, finalSnapshotIdentifier: "last", deleteAutomatedBackups: false };
      await remove(recordOf(DATABASE), { identifier: "own", deletionProtection: true, ...last });
      assert.deepEqual(made(), ["ModifyDBInstance", "DeleteDBInstance"]);
      assert.deepEqual(rds.calls()[1]?.args[0].input, {
        ...{ DBInstanceIdentifier: "own", SkipFinalSnapshot: false },
        ...{ FinalDBSnapshotIdentifier: "last", DeleteAutomatedBackups: false },
      });
    });
  });
});
