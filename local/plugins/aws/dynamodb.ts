import { client, Props, reader, ServiceRecords, tagged } from "./record";

const dynamodb = client("dynamodb");
const read = reader("dynamodb");

const keyTypes = (_: Props, request: Props) => ({
  KeySchema: request["KeySchema"].map((key: Props, i: number) => ({ ...key, KeyType: i === 0 ? "HASH" : "RANGE" })),
});

export const records: ServiceRecords = {
  resources: {
    "aws:dynamodb/table:Table": {
      autoName: "name",
      key: { name: "TableName" },
      names: {
        hashKey: "KeySchema.0.AttributeName",
        rangeKey: "KeySchema.1.AttributeName",
        attributes: "AttributeDefinitions",
        "attributes.name": "AttributeName",
        "attributes.type": "AttributeType",
        serverSideEncryption: "SSESpecification",
        "serverSideEncryption.kmsKeyArn": "KMSMasterKeyId",
        ttl: "TimeToLiveSpecification",
        pointInTimeRecovery: "PointInTimeRecoverySpecification",
        "pointInTimeRecovery.enabled": "PointInTimeRecoveryEnabled",
      },
      defaults: { billingMode: "PROVISIONED" },
      unset: {
        serverSideEncryption: { enabled: false },
        pointInTimeRecovery: { enabled: false },
        deletionProtectionEnabled: false,
      },
      create: [dynamodb("CreateTable", { with: keyTypes, outputs: { arn: "TableDescription.TableArn" } })],
      update: [dynamodb("UpdateTable")],
      settings: [
        dynamodb("UpdateTimeToLive", { of: ["ttl"] }),
        dynamodb("UpdateContinuousBackups", { of: ["pointInTimeRecovery"] }),
      ],
      // The provider leaves it to the user to turn the deletion protection off first; a rehearsal's end does it by itself.
      delete: [
        dynamodb("UpdateTable", {
          of: ["deletionProtectionEnabled"],
          with: () => ({ DeletionProtectionEnabled: false }),
        }),
        dynamodb("DeleteTable"),
      ],
      read: [
        read("DescribeTable", "Table", {
          names: {
            billingMode: "BillingModeSummary.BillingMode",
            serverSideEncryption: "SSEDescription",
            "serverSideEncryption.kmsKeyArn": "KMSMasterKeyArn",
          },
        }),
        read("DescribeTimeToLive", "TimeToLiveDescription", {
          of: [],
          also: (found, { ttl }) =>
            ttl && {
              ttl: { ...ttl, attributeName: found.AttributeName, enabled: found.TimeToLiveStatus === "ENABLED" },
            },
        }),
        read("DescribeContinuousBackups", "ContinuousBackupsDescription.PointInTimeRecoveryDescription", {
          of: [],
          also: (found, { pointInTimeRecovery: was }) =>
            was && { pointInTimeRecovery: { ...was, enabled: found.PointInTimeRecoveryStatus === "ENABLED" } },
        }),
        read("ListTagsOfResource", "", { of: ["tags"], names: { arn: "ResourceArn" } }),
      ],
      tagging: tagged("dynamodb", { arn: "ResourceArn" }),
      outputs: { id: (p) => p["name"] },
      replaceOn: ["name", "hashKey", "rangeKey"],
    },
  },
};
