import { client, REGION, ServiceRecords } from "./record";

const sts = client("sts");
const ssm = client("ssm");

export const records: ServiceRecords = {
  resources: {},
  functions: {
    "aws:index/getCallerIdentity:getCallerIdentity": [
      sts(
        "GetCallerIdentity",
        () => ({}),
        (a) => ({ id: a.Account, accountId: a.Account, arn: a.Arn, userId: a.UserId }),
      ),
    ],
    // Nothing to ask: the stack's own Region.
    "aws:index/getRegion:getRegion": { id: REGION, region: REGION, name: REGION },
    "aws:index/getPartition:getPartition": {
      id: "aws",
      partition: "aws",
      dnsSuffix: "amazonaws.com",
      reverseDnsPrefix: "com.amazonaws",
    },
    "aws:ssm/getParameter:getParameter": [
      ssm(
        "GetParameter",
        (p) => ({ Name: p["name"], WithDecryption: true }),
        (a) => ({
          id: a.Parameter.Name,
          arn: a.Parameter.ARN ?? "",
          type: a.Parameter.Type,
          value: a.Parameter.Value,
          version: a.Parameter.Version ?? 1,
        }),
      ),
    ],
  },
};
