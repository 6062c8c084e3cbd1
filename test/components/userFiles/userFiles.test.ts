import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import fc from "fast-check";
import { planReplicationAlarms } from "../../../components/userFiles/alarms";
import { bucketName, whyNotNamed } from "../../../components/userFiles/names";
import { UserFiles } from "../../../components/userFiles/userFiles";
import { UserFilesArgs } from "../../../components/userFiles/userFilesArgs";
import { PolicyDocument } from "../../../model/iam/document";
import { evaluateIdentityPolicies } from "../../../model/iam/evaluate";
import { ofType, record, Registered, settled } from "../recorded";

const BUCKET = "aws:s3/bucket:Bucket";
const KEY = "aws:kms/key:Key";
const REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig";
const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const HERE = "prod-us-uploads-us-east-1-123456789012";
const THERE = "prod-us-uploads-eu-west-1-123456789012";

const ALONE: UserFilesArgs = {
  ...{ stack: "prod-us", noncurrentDays: 30, protected: true, alarms: { latencyMinutes: 15 }, topicArn: "arn:topic" },
};
const PRIMARY: UserFilesArgs = { ...ALONE, partner: { role: "primary", stack: "prod-eu", region: "eu-west-1" } };
/** Seen from the other side: the mocked Region is the standby's own. */
const STANDBY: UserFilesArgs = {
  ...ALONE,
  stack: "prod-other",
  partner: { role: "standby", stack: "prod-us", region: "eu-west-1" },
};

/** A policy whose ARNs have as many parts as ARNs have: those of the mocks lack one. */
const parsed = (document: string) => JSON.parse(document.replaceAll("arn:aws:::", "arn:aws:s3:::")) as PolicyDocument;
const allows = (document: PolicyDocument, action: string, resource: string, context: Record<string, string[]> = {}) =>
  evaluateIdentityPolicies([{ name: "role", document }], { action, resource, context }).effect === "allowed";

/** What user files register, and what they offer. */
async function made(args: UserFilesArgs) {
  const registered = await record();
  const { offering } = new UserFiles("uploads", args);
  await settled();
  const valueOf = <T>(value: pulumi.Input<T>) => new Promise((resolve) => pulumi.output(value).apply(resolve));
  const Statement = await valueOf(offering.statements);
  const document = parsed(JSON.stringify({ Version: "2012-10-17", Statement }));
  return {
    registered,
    environment: (await valueOf(pulumi.output(offering.environment))) as Record<string, string>,
    /** Whether a task may do something. */
    may: (action: string, resource: string, context?: Record<string, string[]>) =>
      allows(document, action, resource, context),
  };
}

const named = (registered: readonly Registered[], name: string) =>
  registered.find((r) => r.name === name)?.inputs ?? {};
const none = (registered: readonly Registered[], type: string) => registered.every((r) => r.type !== type);

describe("UserFiles", () => {
  it("of a primary are a bucket with a key in each Region, versioned, private, and tidied up", async () => {
    const { registered } = await made(PRIMARY);
    const buckets = ofType(registered, BUCKET).map(({ inputs }) => [inputs["bucket"], inputs["region"]]);
    assert.deepEqual(buckets, [
      [HERE, undefined],
      [THERE, "eu-west-1"],
    ]);
    for (const [kind, region] of [
      ["uploads-files", undefined],
      ["uploads-files-partner", "eu-west-1"],
    ] as const) {
      const of = (part: string) => named(registered, `${kind}-bucket-${part}`);
      assert.deepEqual(of("versioning")["versioningConfiguration"], { status: "Enabled" });
      assert.equal(of("private")["restrictPublicBuckets"], true);
      assert.deepEqual(of("encryption")["rules"], [
        {
          applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: `arn:aws:::${kind}-key` },
          bucketKeyEnabled: true,
        },
      ]);
      assert.match(String(of("policy")["policy"]), /"aws:SecureTransport":"false"/);
      assert.match(JSON.stringify(of("lifecycle")["rules"]), /"daysAfterInitiation":7.*"noncurrentDays":30/);
      for (const part of ["versioning", "private", "encryption", "policy", "lifecycle"]) {
        assert.equal(of(part)["region"], region, part);
      }
    }
    const keys = ofType(registered, KEY).map(({ name, inputs }) => [name, inputs["region"]]);
    assert.deepEqual(keys, [
      ["uploads-files-key", undefined],
      ["uploads-files-partner-key", "eu-west-1"],
    ]);
  });

  it("are copied in both directions, what was copied and deleted too, in time, by the other Region's key", async () => {
    const { registered } = await made(PRIMARY);
    const configs = ofType(registered, REPLICATION).map(({ inputs }) => inputs);
    assert.deepEqual(
      configs.map((c) => [c["bucket"], c["region"]]),
      [
        [HERE, undefined],
        [THERE, "eu-west-1"],
      ],
    );
    const status = { status: "Enabled" };
    const rule = (region: string, to: string) => ({
      ...{ id: `to-${region}`, ...status, filter: {}, deleteMarkerReplication: status },
      sourceSelectionCriteria: { sseKmsEncryptedObjects: status, replicaModifications: status },
      destination: {
        bucket: `arn:aws:::${to}-bucket`,
        encryptionConfiguration: { replicaKmsKeyId: `arn:aws:::${to}-key` },
        replicationTime: { ...status, time: { minutes: 15 } },
        metrics: { ...status, eventThreshold: { minutes: 15 } },
      },
    });
    assert.deepEqual(
      configs.map((c) => c["rules"]),
      [[rule("eu-west-1", "uploads-files-partner")], [rule("us-east-1", "uploads-files")]],
    );
  });

  it("are copied by a role for each direction, which reads the one bucket and writes to the other alone", async () => {
    const { registered } = await made(PRIMARY);
    for (const [name, from, to, regionOfTo] of [
      ["uploads-out", "uploads-files", "uploads-files-partner", "eu-west-1"],
      ["uploads-back", "uploads-files-partner", "uploads-files", "us-east-1"],
    ] as const) {
      const document = parsed(String(named(registered, `${name}-policy`)["policy"]));
      const may = (action: string, resource: string, context?: Record<string, string[]>) =>
        allows(document, action, resource, context);
      assert.ok(may("s3:GetObjectVersionForReplication", `arn:aws:s3:::${from}-bucket/a.png`));
      assert.ok(may("s3:ReplicateDelete", `arn:aws:s3:::${to}-bucket/a.png`));
      assert.ok(!may("s3:ReplicateObject", `arn:aws:s3:::${from}-bucket/a.png`));
      const context = {
        "kms:ViaService": [`s3.${regionOfTo}.amazonaws.com`],
        "kms:EncryptionContext:aws:s3:arn": [`arn:aws:s3:::${to}-bucket`],
      };
      assert.ok(may("kms:Encrypt", `arn:aws:s3:::${to}-key`, context));
      assert.ok(!may("kms:Encrypt", `arn:aws:s3:::${to}-key`), "by S3 alone");
      assert.ok(!may("kms:Decrypt", `arn:aws:s3:::${to}-key`, context));
    }
  });

  it("of a standby are nothing but names: nothing of the primary's Region is needed, and nothing made twice", async () => {
    const { registered, environment } = await made(STANDBY);
    assert.ok(none(registered, BUCKET) && none(registered, KEY) && none(registered, REPLICATION));
    assert.deepEqual(environment, {
      ...{ USER_FILES_BUCKET: HERE, USER_FILES_REGION: "us-east-1" },
      ...{ USER_FILES_PARTNER_BUCKET: THERE, USER_FILES_PARTNER_REGION: "eu-west-1" },
    });
  });

  it("of a standby are opened by the key that has the alias which the primary gives its key there, and by no other", async () => {
    const { registered } = await made({ ...PRIMARY, stack: "test" });
    const aliases = ofType(registered, "aws:kms/alias:Alias").map(({ inputs }) => String(inputs["name"]));
    const { may } = await made({ ...STANDBY, partner: { role: "standby", stack: "test", region: "eu-west-1" } });
    const key = "arn:aws:kms:us-east-1:123456789012:key/1";
    const by = (alias: string | undefined) => ({
      "kms:ViaService": ["s3.us-east-1.amazonaws.com"],
      "kms:ResourceAliases": alias === undefined ? [] : ["alias/other", alias],
    });
    const [own, partners] = aliases;
    assert.deepEqual(aliases, ["alias/nplusone-test-uploads-files", "alias/nplusone-test-uploads-files-partner"]);
    assert.ok(may("kms:GenerateDataKey", key, by(partners)));
    assert.ok(!may("kms:GenerateDataKey", key, by(own)));
    assert.ok(!may("kms:GenerateDataKey", key, by(undefined)));
    assert.ok(!may("kms:GenerateDataKey", key.replace("us-east-1", "eu-west-1"), by(partners)));
  });

  it("may be written here and read there", async () => {
    for (const args of [PRIMARY, STANDBY]) {
      const { may } = await made(args);
      const [here, there] =
        args === STANDBY
          ? [`arn:aws:s3:::${HERE}`, `arn:aws:s3:::${THERE}`]
          : ["arn:aws:s3:::uploads-files-bucket", "arn:aws:s3:::uploads-files-partner-bucket"];
      for (const action of ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]) {
        assert.ok(may(action, `${here}/a.png`), action);
        assert.equal(may(action, `${there}/a.png`), action === "s3:GetObject", action);
      }
      assert.ok(may("s3:ListBucket", here) && may("s3:ListBucket", there));
      assert.ok(!may("s3:DeleteBucket", here) && !may("s3:DeleteObjectVersion", `${here}/a.png`));
    }
  });

  it("without a partner are one bucket, which nothing is copied from and nobody waits for", async () => {
    const { registered, environment } = await made(ALONE);
    assert.equal(ofType(registered, BUCKET).length, 1);
    assert.ok(none(registered, REPLICATION) && none(registered, ALARM));
    assert.deepEqual(environment, { USER_FILES_BUCKET: HERE, USER_FILES_REGION: "us-east-1" });
  });

  it("are watched over in each Region: what comes late there, and what fails to leave it", async () => {
    for (const args of [PRIMARY, STANDBY]) {
      const alarms = ofType((await made(args)).registered, ALARM).map(({ inputs }) => inputs);
      assert.deepEqual(
        alarms.map((a) => [a["metricName"], a["dimensions"], a["threshold"], a["alarmActions"]]).sort(),
        [
          [
            "OperationsFailedReplication",
            { SourceBucket: HERE, DestinationBucket: THERE, RuleId: "to-eu-west-1" },
            0,
            ["arn:topic"],
          ],
          [
            "ReplicationLatency",
            { SourceBucket: THERE, DestinationBucket: HERE, RuleId: "to-us-east-1" },
            900,
            ["arn:topic"],
          ],
        ],
      );
    }
    assert.deepEqual(
      planReplicationAlarms({ latencyMinutes: 20 }).map((a) => a.threshold),
      [1200, 0],
    );
  });

  it("go to another storage class only if that is asked for", async () => {
    const rules = async (args: Partial<UserFilesArgs>) =>
      JSON.stringify(named((await made({ ...ALONE, ...args })).registered, "uploads-files-bucket-lifecycle")["rules"]);
    assert.doesNotMatch(await rules({}), /transitions/);
    const tiering = { afterDays: 30, storageClass: "STANDARD_IA" } as const;
    assert.match(await rules({ tiering }), /"transitions":\[\{"days":30,"storageClass":"STANDARD_IA"\}\]/);
  });

  it("have names that S3 takes, or a reason why not", () =>
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z](-?[a-z0-9]){0,50}$/), (name) => {
        const place = { stack: "prod-us-east-1", name, region: "ap-southeast-1" };
        const whole = bucketName(place, "123456789012");
        assert.equal(whyNotNamed(place) === undefined, /^(?=.{3,63}$)[a-z0-9][a-z0-9-]*[a-z0-9]$/.test(whole));
      }),
    ));
});
