import { arn, client, Props, ServiceRecords } from "./record";

const sqs = client("sqs");

const attributes = (p: Props) => ({
  MessageRetentionPeriod: String(p["messageRetentionSeconds"] ?? 345600),
  ...(p["kmsMasterKeyId"] ? { KmsMasterKeyId: p["kmsMasterKeyId"] } : {}),
});

export const records: ServiceRecords = {
  resources: {
    "aws:sqs/queue:Queue": {
      autoName: "name",
      create: [
        sqs(
          "CreateQueue",
          (p) => ({ QueueName: p["name"], Attributes: attributes(p) }),
          (a, p) => ({
            id: a.QueueUrl,
            url: a.QueueUrl,
            arn: arn("sqs", p["name"]),
          }),
        ),
      ],
      update: [sqs("SetQueueAttributes", (p) => ({ QueueUrl: p["id"], Attributes: attributes(p) }))],
      delete: [sqs("DeleteQueue", (p) => ({ QueueUrl: p["id"] }))],
      replaceOn: ["name"],
    },
    "aws:sqs/queuePolicy:QueuePolicy": {
      create: [sqs("SetQueueAttributes", policy, (_, p) => ({ id: p["queueUrl"] }))],
      update: [sqs("SetQueueAttributes", policy)],
      replaceOn: ["queueUrl"],
    },
  },
};

function policy(p: Record<string, unknown>) {
  return { QueueUrl: p["queueUrl"], Attributes: { Policy: p["policy"] } };
}
