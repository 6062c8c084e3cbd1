import { client, ServiceRecords } from "./record";

const kms = client("kms");

export const records: ServiceRecords = {
  resources: {
    "aws:kms/key:Key": {
      create: [
        kms(
          "CreateKey",
          (p) => ({ Description: p["description"], Policy: p["policy"] }),
          (a) => ({ id: a.KeyMetadata.KeyId, keyId: a.KeyMetadata.KeyId, arn: a.KeyMetadata.Arn }),
        ),
        kms("EnableKeyRotation", (p) => (p["enableKeyRotation"] ? { KeyId: p["id"] } : undefined)),
      ],
      update: [kms("PutKeyPolicy", (p) => ({ KeyId: p["id"], PolicyName: "default", Policy: p["policy"] }))],
      delete: [kms("ScheduleKeyDeletion", (p) => ({ KeyId: p["id"], PendingWindowInDays: p["deletionWindowInDays"] }))],
    },
    "aws:kms/alias:Alias": {
      autoName: "name",
      create: [
        kms(
          "CreateAlias",
          (p) => ({ AliasName: p["name"], TargetKeyId: p["targetKeyId"] }),
          (_, p) => ({ id: p["name"] }),
        ),
      ],
      delete: [kms("DeleteAlias", (p) => ({ AliasName: p["id"] }))],
      replaceOn: ["name", "targetKeyId"],
    },
  },
  functions: {
    "aws:kms/getKey:getKey": [
      kms(
        "DescribeKey",
        (p) => ({ KeyId: p["keyId"] }),
        (a) => ({ id: a.KeyMetadata.KeyId, arn: a.KeyMetadata.Arn }),
      ),
    ],
  },
};
