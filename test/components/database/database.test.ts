import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { Database } from "../../../components/database/database";
import { DatabaseArgs } from "../../../components/database/databaseArgs";
import { sourceProblems } from "../../../components/database/lookup";
import { ofType, record, Registered, settled } from "../recorded";

const INSTANCE = "aws:rds/instance:Instance";
const CLUSTER = "aws:rds/cluster:Cluster";
const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const KEY = "aws:kms/key:Key";
const SUBSCRIPTION = "aws:rds/eventSubscription:EventSubscription";

const ARGS: DatabaseArgs = {
  ...{ identifier: "prod-orders", engine: "postgres", engineVersion: "17", topology: "instance" },
  ...{ instanceClass: "db.m7g.large", storage: { allocatedGiB: 100 }, databaseName: "orders" },
  ...{ partnerRegion: "eu-west-1", backupRetentionDays: 14, protected: true },
  ...{ vpcId: "vpc-1", subnetIds: ["subnet-1", "subnet-2", "subnet-3"], clientGroupIds: { shop: "sg-shop" } },
  ...{ kmsKeyArn: "arn:main", topicArn: "arn:topic" },
  alarms: { cpuPercent: 80, freeStoragePercent: 10, replicaLagSeconds: 60 },
};
const OWN: Partial<DatabaseArgs> = { masterPassword: "own", hasReplica: true };
const OF_CLUSTER: Partial<DatabaseArgs> = {
  ...{ topology: "cluster", instanceClass: "db.m6gd.large", storage: { allocatedGiB: 100, iops: 3000 } },
  partnerRegion: undefined,
};
const REPLICA: Partial<DatabaseArgs> = {
  partnerRegion: undefined,
  replicaOf: {
    sourceArn: "arn:aws:rds:eu-west-1:123456789012:db:prod-orders",
    ...{ secretArn: "arn:aws:secretsmanager:us-east-1:123456789012:secret:orders", secretKmsKeyArn: "arn:secret-key" },
  },
};

/** What a database registers, and how it is reached. */
async function made(over: Partial<DatabaseArgs> = {}) {
  const secrets = [{ secretArn: "arn:managed" }];
  const registered = await record({
    [INSTANCE]: { address: "host", port: 5432, masterUserSecrets: secrets },
    [CLUSTER]: { endpoint: "host", port: 3306, masterUserSecrets: secrets, clusterMembers: ["c-3", "c-1", "c-2"] },
  });
  const { connection } = new Database("orders", { ...ARGS, ...over });
  await settled();
  const valueOf = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => output.apply(resolve));
  return {
    registered,
    one: (type: string) => {
      const [found, ...others] = ofType(registered, type);
      assert.deepEqual(others, []);
      return found?.inputs ?? {};
    },
    secretArn: await valueOf(connection.secretArn),
    secretKmsKeyArn: await valueOf(connection.secretKmsKeyArn),
    host: await valueOf(connection.host),
  };
}

const types = (registered: readonly Registered[]) => new Set(registered.map(({ type }) => type));

describe("Database", () => {
  describe("as an instance", () => {
    it("is in two zones, encrypted, private, backed up and protected, and stays restorable once it is deleted", async () => {
      const { one, registered } = await made();
      const instance = one(INSTANCE);
      const expected = {
        ...{ multiAz: true, storageEncrypted: true, publiclyAccessible: false, deletionProtection: true },
        ...{ backupRetentionPeriod: 14, deleteAutomatedBackups: false, skipFinalSnapshot: false },
        ...{ copyTagsToSnapshot: true, performanceInsightsEnabled: true, engineVersion: "17" },
        ...{ allocatedStorage: 100, maxAllocatedStorage: 200, kmsKeyId: "arn:aws:::orders-data-key" },
        ...{ performanceInsightsKmsKeyId: "arn:aws:::orders-data-key", vpcSecurityGroupIds: ["orders-database-id"] },
        enabledCloudwatchLogsExports: ["postgresql", "upgrade"],
      };
      for (const [property, value] of Object.entries(expected)) {
        assert.deepEqual(instance[property], value, property);
      }
      const logs = ofType(registered, "aws:cloudwatch/logGroup:LogGroup").map(({ inputs }) => inputs["name"]);
      assert.deepEqual(logs, ["/aws/rds/instance/prod-orders/postgresql", "/aws/rds/instance/prod-orders/upgrade"]);
    });
    it("lets its tiers in on its port and nobody else, and itself nowhere", async () => {
      const { ingress, egress } = (await made()).one("aws:ec2/securityGroup:SecurityGroup");
      const rule = { protocol: "tcp", fromPort: 5432, toPort: 5432, securityGroups: ["sg-shop"], description: "shop" };
      assert.deepEqual([ingress, egress], [[rule], undefined]);
    });
    it("refuses connections without TLS, whatever the engine", async () => {
      const parameters = async (over: Partial<DatabaseArgs>) =>
        (await made(over)).one("aws:rds/parameterGroup:ParameterGroup");
      assert.deepEqual(await parameters({}), {
        ...{ family: "postgres17", description: "Connections need TLS" },
        parameters: [{ name: "rds.force_ssl", value: "1", applyMethod: "pending-reboot" }],
      });
      const mysql = await parameters({ engine: "mysql", engineVersion: "8.4" });
      assert.equal(mysql["family"], "mysql8.4");
      assert.match(JSON.stringify(mysql["parameters"]), /"require_secure_transport","value":"1"/);
    });
    it("has a password that RDS manages and rotates, encrypted by its own key", async () => {
      const { one, secretArn, secretKmsKeyArn, host, registered } = await made();
      const { manageMasterUserPassword, masterUserSecretKmsKeyId, password } = one(INSTANCE);
      assert.deepEqual([manageMasterUserPassword, password], [true, undefined]);
      assert.equal(masterUserSecretKmsKeyId, "arn:aws:::orders-data-key");
      assert.deepEqual([host, secretArn, secretKmsKeyArn], ["host", "arn:managed", "arn:aws:::orders-data-key"]);
      assert.ok(!types(registered).has("aws:secretsmanager/secret:Secret"));
    });
    it("has its backups replicated to the partner Region, by a key there", async () => {
      const { one, registered } = await made();
      const replication = one("aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication");
      assert.deepEqual(replication, {
        sourceDbInstanceArn: "arn:aws:::orders-instance",
        kmsKeyId: "arn:aws:::orders-partner-key",
        retentionPeriod: 14,
        region: "eu-west-1",
      });
      const partner = ofType(registered, KEY).find(({ name }) => name === "orders-partner-key");
      assert.equal(partner?.inputs["region"], "eu-west-1");
      assert.match(String(partner?.inputs["policy"]), /logs\.eu-west-1\.amazonaws\.com/);
    });
    it("names its final snapshot after what is another each time that it is made", async () => {
      const { finalSnapshotIdentifier } = (await made()).one(INSTANCE);
      assert.equal(finalSnapshotIdentifier, "prod-orders-final-subnets");
    });
    it("can be deleted once its protection is taken off", async () =>
      assert.equal((await made({ protected: false })).one(INSTANCE)["deletionProtection"], false));
  });

  describe("with a password of its own", () => {
    it("keeps it in a secret that is replicated and rotated at once, and gives RDS the first one", async () => {
      const { one, secretArn } = await made(OWN);
      const { username, manageMasterUserPassword } = one(INSTANCE);
      assert.deepEqual([username, manageMasterUserPassword], ["dbadmin", undefined]);
      const { replicas, kmsKeyId } = one("aws:secretsmanager/secret:Secret");
      assert.deepEqual(replicas, [{ region: "eu-west-1", kmsKeyId: "arn:aws:::orders-partner-key" }]);
      assert.equal(kmsKeyId, "arn:aws:::orders-data-key");
      assert.equal(secretArn, "arn:aws:::orders-master-secret");
      const { rotateImmediately, rotationRules } = one("aws:secretsmanager/secretRotation:SecretRotation");
      assert.deepEqual([rotateImmediately, rotationRules], [true, { automaticallyAfterDays: 30 }]);
    });
    it("encrypts the password wherever Pulumi keeps it", async () => {
      const { one } = await made(OWN);
      const secret = (value: unknown) => Object.keys(value as object).some((key) => /^[0-9a-f]{32}$/.test(key));
      // The SDK sends secrets wrapped; nothing that is sent in the clear holds the password.
      const { password } = one(INSTANCE);
      assert.ok(typeof password === "object" && secret(password), "the instance's");
      const { secretString } = one("aws:secretsmanager/secretVersion:SecretVersion");
      assert.ok(typeof secretString === "object" && secret(secretString), "the secret's");
    });
    it("lets the rotation touch this secret and this instance alone, and Secrets Manager of this account run it", async () => {
      const { one } = await made(OWN);
      const { Statement } = JSON.parse(String(one("aws:iam/rolePolicy:RolePolicy")["policy"])) as {
        Statement: { Action: string | string[]; Resource: string }[];
      };
      const on = (action: string) => Statement.find((s) => [s.Action].flat().includes(action))?.Resource;
      assert.equal(on("rds:ModifyDBInstance"), "arn:aws:rds:us-east-1:123456789012:db:prod-orders");
      assert.equal(on("secretsmanager:PutSecretValue"), "arn:aws:::orders-master-secret");
      const { principal, sourceAccount } = one("aws:lambda/permission:Permission");
      assert.deepEqual([principal, sourceAccount], ["secretsmanager.amazonaws.com", "123456789012"]);
    });
    it("tells people of a rotation that fails", async () => {
      const alarm = ofType((await made(OWN)).registered, ALARM).find(({ inputs }) => inputs["metricName"] === "Errors");
      assert.deepEqual(alarm?.inputs["alarmActions"], ["arn:topic"]);
    });
  });

  describe("as a cluster", () => {
    it("has no replicated backups, and what a cluster needs", async () => {
      const { one, registered, secretArn } = await made(OF_CLUSTER);
      const cluster = one(CLUSTER);
      const expected = {
        ...{ storageType: "io1", iops: 3000, allocatedStorage: 100, dbClusterInstanceClass: "db.m6gd.large" },
        ...{ storageEncrypted: true, deletionProtection: true, backupRetentionPeriod: 14, skipFinalSnapshot: false },
        ...{ manageMasterUserPassword: true, copyTagsToSnapshot: true, performanceInsightsEnabled: true },
      };
      for (const [property, value] of Object.entries(expected)) {
        assert.deepEqual(cluster[property], value, property);
      }
      assert.equal(secretArn, "arn:managed");
      assert.ok(![...types(registered)].some((type) => type.includes("BackupsReplication")));
      assert.ok(types(registered).has("aws:rds/clusterParameterGroup:ClusterParameterGroup"));
    });
    it("is watched over instance by instance, as AWS calls them", async () => {
      const alarms = ofType((await made(OF_CLUSTER)).registered, ALARM).map(({ inputs }) => inputs);
      const watched = alarms.map((a) => `${JSON.stringify(a["dimensions"])} ${String(a["metricName"])}`);
      const metrics = ["CPUUtilization", "FreeStorageSpace", "DatabaseConnections", "ReplicaLag"];
      const expected = ["c-1", "c-2", "c-3"].flatMap((c) => metrics.map((m) => `{"DBInstanceIdentifier":"${c}"} ${m}`));
      assert.deepEqual(watched.sort(), expected.sort());
    });
    it("tells of a failover once: by the cluster, not by its instances", async () => {
      const subscriptions = ofType((await made(OF_CLUSTER)).registered, SUBSCRIPTION).map(({ inputs }) => inputs);
      const telling = subscriptions.filter((s) => (s["eventCategories"] as string[]).includes("failover"));
      assert.deepEqual(
        telling.map((s) => [s["sourceType"], s["sourceIds"]]),
        [["db-cluster", ["prod-orders"]]],
      );
    });
  });

  describe("as a replica", () => {
    it("follows its source by the ARN, encrypted by a key of its own Region, without user, password or snapshot", async () => {
      const { one, secretArn, secretKmsKeyArn } = await made(REPLICA);
      const instance = one(INSTANCE);
      assert.equal(instance["replicateSourceDb"], REPLICA.replicaOf?.sourceArn);
      assert.equal(instance["kmsKeyId"], "arn:aws:::orders-data-key");
      for (const property of [
        "username",
        "password",
        "dbName",
        "manageMasterUserPassword",
        "finalSnapshotIdentifier",
      ]) {
        assert.equal(instance[property], undefined, property);
      }
      assert.deepEqual([instance["skipFinalSnapshot"], instance["multiAz"]], [true, true]);
      assert.deepEqual([secretArn, secretKmsKeyArn], [REPLICA.replicaOf?.secretArn, "arn:secret-key"]);
    });
    it("goes off when it is behind, and when nothing is known of that", async () => {
      const lag = ofType((await made(REPLICA)).registered, ALARM).find((a) => a.inputs["metricName"] === "ReplicaLag");
      assert.deepEqual([lag?.inputs["threshold"], lag?.inputs["treatMissingData"]], [60, "breaching"]);
    });
    const SOURCE = {
      ...{ masterUserSecrets: [], backupRetentionPeriod: 7, storageEncrypted: true },
      ...{ engine: "postgres", engineVersion: "17.4", dbName: "orders" },
    };
    const whyNot = (over: object) =>
      sourceProblems({ ...ARGS, ...REPLICA }, { ...SOURCE, ...over }, "arn").map(({ path }) => path.join("."));
    it("is made of a source that RDS makes replicas of", () => assert.deepEqual(whyNot({}), []));
    it("is refused of any other, for all reasons at once", () => {
      const secret = { secretArn: "a", secretStatus: "active", kmsKeyId: "k" };
      assert.deepEqual(whyNot({ masterUserSecrets: [secret] }), ["replicaOf.sourceArn"]);
      assert.deepEqual(whyNot({ engine: "mysql" }), ["engine"]);
      const all = { backupRetentionPeriod: 0, storageEncrypted: false, engineVersion: "170.1", dbName: "other" };
      assert.deepEqual(whyNot(all), ["replicaOf.sourceArn", "replicaOf.sourceArn", "engineVersion", "databaseName"]);
    });
  });

  it("tells people of everything that RDS reports of it", async () => {
    const { sourceType, sourceIds, eventCategories, snsTopic } = (await made()).one(SUBSCRIPTION);
    assert.deepEqual([sourceType, snsTopic], ["db-instance", "arn:topic"]);
    assert.deepEqual(sourceIds, ["prod-orders"]);
    for (const category of ["failover", "failure", "availability", "recovery", "low storage", "read replica"]) {
      assert.ok((eventCategories as string[]).includes(category), category);
    }
  });
  it("goes off loudly: every alarm has the topic, for both of its ends", async () => {
    const alarms = ofType((await made()).registered, ALARM);
    assert.equal(alarms.length, 3);
    for (const { inputs } of alarms) {
      assert.deepEqual([inputs["alarmActions"], inputs["okActions"]], [["arn:topic"], ["arn:topic"]]);
    }
  });
  it("refuses arguments with all of their problems", async () => {
    await record();
    const wrong = { identifier: "Prod--orders", subnetIds: ["subnet-1"], engineVersion: "17.2" };
    assert.throws(() => new Database("orders", { ...ARGS, ...wrong }), /engineVersion: .*identifier: .*subnetIds: /);
  });
});
