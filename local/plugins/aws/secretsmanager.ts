import { client, Props, reader, recorded, ServiceRecords, tagged } from "./record";

const secrets = client("secrets-manager");
const read = reader("secrets-manager");

export const records: ServiceRecords = {
  resources: {
    "aws:secretsmanager/secret:Secret": {
      autoName: "name",
      key: { id: "SecretId" },
      names: { replicas: "AddReplicaRegions" },
      create: [secrets("CreateSecret", { outputs: { id: "ARN", arn: "ARN" } })],
      update: [
        secrets("UpdateSecret", { of: ["description", "kmsKeyId"] }),
        secrets("RemoveRegionsFromReplication", { of: ["replicas"], takesBack: true, with: replicaRegions }),
        secrets("ReplicateSecretToRegions", { of: ["replicas"] }),
      ],
      delete: [
        secrets("RemoveRegionsFromReplication", { of: ["replicas"], with: replicaRegions }),
        secrets("DeleteSecret", { names: { recoveryWindowInDays: "RecoveryWindowInDays" } }),
      ],
      read: [read("DescribeSecret", "", { as: (a) => (a.DeletedDate === undefined ? a : undefined) })],
      tagging: tagged("secrets-manager", { id: "SecretId" }),
      replaceOn: ["name"],
      notRead: { replicas: "moto says Regions without their keys" },
    },
    "aws:secretsmanager/secretVersion:SecretVersion": {
      key: { secretId: "SecretId" },
      create: [secrets("PutSecretValue", { outputs: { versionId: "VersionId", arn: "ARN" } })],
      read: [read("DescribeSecret", "", { of: [] })],
      outputs: { id: (p) => `${p["secretId"]}|${p["versionId"]}` },
      replaceOn: ["secretId", "secretString"],
      notRead: { secretString: "a rotation puts others in its place" },
    },
    // moto would run a function of its own, which it can't.
    "aws:secretsmanager/secretRotation:SecretRotation": recorded(),
  },
  functions: {
    "aws:secretsmanager/getSecret:getSecret": {
      call: secrets("DescribeSecret", { names: { arn: "SecretId" } }),
      answer: (a) => ({ id: a.ARN, arn: a.ARN, name: a.Name, kmsKeyId: a.KmsKeyId ?? "" }),
    },
  },
};

function replicaRegions({ replicas = [] }: Props) {
  return { RemoveReplicaRegions: replicas.map((replica: Props) => replica["region"]) };
}
