import { client, ServiceRecords } from "./record";

const secretsmanager = client("secrets-manager");

export const records: ServiceRecords = {
  resources: {},
  functions: {
    "aws:secretsmanager/getSecret:getSecret": [
      secretsmanager(
        "DescribeSecret",
        (p) => ({ SecretId: p["arn"] }),
        (a) => ({ id: a.ARN, arn: a.ARN, name: a.Name, kmsKeyId: a.KmsKeyId ?? "" }),
      ),
    ],
  },
};
