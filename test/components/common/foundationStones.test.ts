import assert from "node:assert/strict";
import { EncryptionKey } from "../../../components/common/encryptionKey";
import { ManagementTrail } from "../../../components/common/managementTrail";
import { Notifications } from "../../../components/common/notifications";
import { StateTable } from "../../../components/common/stateTable";
import { Registered, record, settled } from "../recorded";

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Principal?: { readonly Service?: string | string[] };
  readonly Action: string | string[];
  readonly Resource: string;
  readonly Condition?: Record<string, Record<string, string | string[]>>;
}

const statementsOf = (policy: unknown) => (JSON.parse(String(policy)) as { Statement: Statement[] }).Statement;

describe("EncryptionKey, Notifications, ManagementTrail and StateTable", () => {
  let registered: Registered[];
  let table: StateTable;
  const of = (type: string) => registered.find((r) => r.type === type);
  const inputs = (type: string) => of(type)?.inputs ?? {};

  before(async () => {
    registered = await record();
    const { arn: kmsKeyArn } = new EncryptionKey("main", { description: "Everything" });
    new Notifications("notifications", { emails: ["a@example.com"], kmsKeyArn });
    new ManagementTrail("management", { kmsKeyArn, retentionDays: 10 });
    table = new StateTable("state", { kmsKeyArn });
    await settled();
  });

  describe("the key", () => {
    const statements = (service: string) =>
      statementsOf(inputs("aws:kms/key:Key")["policy"]).filter((s) => s.Principal?.Service === service);
    const statement = (service: string) => {
      const found = statements(service);
      assert.equal(found.length, 1, service);
      return found[0];
    };
    it("is rotated, and kept for 30 days when it is deleted", () => {
      const { enableKeyRotation, deletionWindowInDays } = inputs("aws:kms/key:Key");
      assert.deepEqual([enableKeyRotation, deletionWindowInDays], [true, 30]);
    });
    it("may be used by EventBridge without a condition, since it tells KMS no account", () => {
      assert.equal(statement("events.amazonaws.com")?.Condition, undefined);
      assert.deepEqual(statement("events.amazonaws.com")?.Action, ["kms:Decrypt", "kms:GenerateDataKey*"]);
    });
    it("may be used by the account's alarms and logs", () => {
      assert.deepEqual(statement("cloudwatch.amazonaws.com")?.Condition, {
        StringEquals: { "aws:SourceAccount": "123456789012" },
      });
      assert.deepEqual(statement("logs.us-east-1.amazonaws.com")?.Condition, {
        ArnLike: { "kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:us-east-1:123456789012:*" },
      });
    });
    it("lets CloudTrail do for the account's trails what a bucket with an S3 Bucket Key asks for", () => {
      const found = statements("cloudtrail.amazonaws.com");
      assert.deepEqual(found.flatMap((s) => s.Action).sort(), [
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:GenerateDataKey*",
      ]);
      for (const { Condition } of found) {
        assert.deepEqual(Condition?.["ArnLike"], {
          "aws:SourceArn": "arn:aws:cloudtrail:us-east-1:123456789012:trail/*",
        });
      }
    });
    it("may be used without a condition by the account and by services that document none", () => {
      const free = statementsOf(inputs("aws:kms/key:Key")["policy"]).filter((s) => s.Condition === undefined);
      assert.deepEqual(
        free.map((s) => s.Sid),
        ["Account", "Events", "DatabaseEvents", "Mail", "LogDelivery"],
      );
    });
  });

  it("lets nobody but the account's alarms and databases publish to the topic by its policy", () => {
    const statements = statementsOf(inputs("aws:sns/topicPolicy:TopicPolicy")["policy"]);
    assert.deepEqual(
      statements.map((s) => [s.Principal, s.Condition]),
      [
        [
          { Service: "cloudwatch.amazonaws.com" },
          { ArnLike: { "aws:SourceArn": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:*" } },
        ],
        [
          { Service: "events.rds.amazonaws.com" },
          {
            ArnLike: { "aws:SourceArn": "arn:aws:rds:us-east-1:123456789012:*" },
            StringEquals: { "aws:SourceAccount": "123456789012" },
          },
        ],
      ],
    );
    assert.equal(inputs("aws:sns/topicSubscription:TopicSubscription")["endpoint"], "a@example.com");
  });

  describe("the trail's bucket", () => {
    it("is versioned, private and encrypted", () => {
      assert.deepEqual(inputs("aws:s3/bucketVersioning:BucketVersioning")["versioningConfiguration"], {
        status: "Enabled",
      });
      const { bucket: _, ...access } = inputs("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock");
      assert.deepEqual([...new Set(Object.values(access))], [true]);
      assert.match(
        JSON.stringify(
          inputs("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"),
        ),
        /aws:kms/,
      );
    });
    it("keeps log files as long as asked, then their last versions for a month, and no stale uploads", () => {
      const [rule] = inputs("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")["rules"] as object[];
      assert.deepEqual(rule, {
        id: "expire",
        status: "Enabled",
        filter: {},
        expiration: { days: 10 },
        noncurrentVersionExpiration: { noncurrentDays: 30 },
        abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
      });
    });
    it("takes log files of this account's trails only, and nothing over plain HTTP", () => {
      const [acl, put, plain] = statementsOf(inputs("aws:s3/bucketPolicy:BucketPolicy")["policy"]);
      for (const statement of [acl, put]) {
        const trails = "arn:aws:cloudtrail:us-east-1:123456789012:trail/*";
        assert.equal(statement?.Condition?.["ArnLike"]?.["aws:SourceArn"], trails);
      }
      assert.match(put?.Resource ?? "", /\/AWSLogs\/123456789012\/\*$/);
      assert.deepEqual([plain?.Effect, plain?.Condition], ["Deny", { Bool: { "aws:SecureTransport": "false" } }]);
    });
  });

  describe("the state table", () => {
    it("is on demand, encrypted, backed up, and protected by DynamoDB", () => {
      const { billingMode, pointInTimeRecovery, deletionProtectionEnabled, serverSideEncryption } =
        inputs("aws:dynamodb/table:Table");
      assert.deepEqual(
        [billingMode, pointInTimeRecovery, deletionProtectionEnabled, serverSideEncryption],
        ["PAY_PER_REQUEST", { enabled: true }, true, { enabled: true, kmsKeyArn: "arn:aws:::main-key" }],
      );
    });
    it("offers statements for some systems' items and no others", () => {
      const [statement] = table.statements(["gateway/main"], ["Query"]);
      assert.deepEqual(statement?.Action, ["dynamodb:Query"]);
      assert.deepEqual(statement?.Condition, {
        "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["gateway/main"] },
      });
    });
  });
});
