import { client, ServiceRecords } from "./record";

export const records: ServiceRecords = {
  resources: {},
  functions: {
    "aws:secretsmanager/getSecret:getSecret": {
      call: client("secrets-manager")("DescribeSecret", { names: { arn: "SecretId" } }),
      answer: (a) => ({ id: a.ARN, arn: a.ARN, name: a.Name, kmsKeyId: a.KmsKeyId ?? "" }),
    },
  },
};
