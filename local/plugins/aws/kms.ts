import { client, Props, reader, ServiceRecords, tagged } from "./record";

const kms = client("kms");
const read = reader("kms");

const DEFAULT_POLICY = () => ({ PolicyName: "default" });

export const records: ServiceRecords = {
  resources: {
    "aws:kms/key:Key": {
      key: { id: "KeyId" },
      create: [
        kms("CreateKey", { outputs: { id: "KeyMetadata.KeyId", keyId: "KeyMetadata.KeyId", arn: "KeyMetadata.Arn" } }),
      ],
      update: [
        kms("PutKeyPolicy", { of: ["policy"], with: DEFAULT_POLICY }),
        kms("UpdateKeyDescription", { of: ["description"] }),
      ],
      settings: [kms("EnableKeyRotation", { of: ["enableKeyRotation"], undo: "DisableKeyRotation" })],
      delete: [kms("ScheduleKeyDeletion", { names: { deletionWindowInDays: "PendingWindowInDays" } })],
      read: [
        read("DescribeKey", "KeyMetadata", {
          as: ({ KeyMetadata: key }) => (key.KeyState === "PendingDeletion" ? undefined : key),
        }),
        read("GetKeyPolicy", "", { of: ["policy"], with: DEFAULT_POLICY }),
        read("GetKeyRotationStatus", "", {
          of: ["enableKeyRotation"],
          names: { enableKeyRotation: "KeyRotationEnabled" },
        }),
        read("ListResourceTags", "", { of: ["tags"] }),
      ],
      tagging: tagged("kms", { id: "KeyId" }),
    },
    "aws:kms/alias:Alias": {
      autoName: "name",
      key: { name: "AliasName" },
      create: [kms("CreateAlias")],
      update: [kms("UpdateAlias")],
      delete: [kms("DeleteAlias")],
      read: [
        read("ListAliases", "Aliases.0", {
          as: (a, p) => a.Aliases.find((one: Props) => one["AliasName"] === p["name"]),
        }),
      ],
      outputs: { id: (p) => p["name"] },
      replaceOn: ["name"],
    },
  },
  functions: {
    "aws:kms/getKey:getKey": {
      call: kms("DescribeKey"),
      answer: (a) => ({ id: a.KeyMetadata.KeyId, arn: a.KeyMetadata.Arn }),
    },
  },
};
