import { client, REGION, ServiceRecords } from "./record";

export const records: ServiceRecords = {
  resources: {},
  functions: {
    "aws:index/getCallerIdentity:getCallerIdentity": {
      call: client("sts")("GetCallerIdentity"),
      answer: (a) => ({ id: a.Account, accountId: a.Account, arn: a.Arn, userId: a.UserId }),
    },
    // Nothing to ask: the stack's own Region.
    "aws:index/getRegion:getRegion": { known: { id: REGION, region: REGION, name: REGION } },
    "aws:index/getPartition:getPartition": {
      known: { id: "aws", partition: "aws", dnsSuffix: "amazonaws.com", reverseDnsPrefix: "com.amazonaws" },
    },
    "aws:ssm/getParameter:getParameter": {
      call: client("ssm")("GetParameter", { with: () => ({ WithDecryption: true }) }),
      answer: (a) => ({
        id: a.Parameter.Name,
        arn: a.Parameter.ARN ?? "",
        type: a.Parameter.Type,
        value: a.Parameter.Value,
        version: a.Parameter.Version ?? 1,
      }),
    },
  },
};
