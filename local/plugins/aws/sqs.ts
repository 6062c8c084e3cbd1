import { arn, client, reader, ServiceRecords } from "./record";

const sqs = client("sqs");
const read = reader("sqs");

const ALL = () => ({ AttributeNames: ["All"] });

export const records: ServiceRecords = {
  resources: {
    "aws:sqs/queue:Queue": {
      autoName: "name",
      autoNameEnd: (p) => (p["fifoQueue"] === true ? ".fifo" : ""),
      key: { id: "QueueUrl" },
      names: {
        name: "QueueName",
        contentBasedDeduplication: "Attributes.ContentBasedDeduplication",
        deduplicationScope: "Attributes.DeduplicationScope",
        delaySeconds: "Attributes.DelaySeconds",
        fifoQueue: "Attributes.FifoQueue",
        fifoThroughputLimit: "Attributes.FifoThroughputLimit",
        kmsDataKeyReusePeriodSeconds: "Attributes.KmsDataKeyReusePeriodSeconds",
        kmsMasterKeyId: "Attributes.KmsMasterKeyId",
        maxMessageSize: "Attributes.MaximumMessageSize",
        messageRetentionSeconds: "Attributes.MessageRetentionPeriod",
        policy: "Attributes.Policy",
        receiveWaitTimeSeconds: "Attributes.ReceiveMessageWaitTimeSeconds",
        redriveAllowPolicy: "Attributes.RedriveAllowPolicy",
        redrivePolicy: "Attributes.RedrivePolicy",
        sqsManagedSseEnabled: "Attributes.SqsManagedSseEnabled",
        visibilityTimeoutSeconds: "Attributes.VisibilityTimeout",
      },
      unset: {
        contentBasedDeduplication: false,
        delaySeconds: 0,
        kmsDataKeyReusePeriodSeconds: 300,
        maxMessageSize: 262_144,
        messageRetentionSeconds: 345_600,
        receiveWaitTimeSeconds: 0,
        sqsManagedSseEnabled: undefined,
        visibilityTimeoutSeconds: 30,
      },
      create: [sqs("CreateQueue", { outputs: { id: "QueueUrl", url: "QueueUrl" } })],
      update: [sqs("SetQueueAttributes")],
      delete: [sqs("DeleteQueue")],
      read: [read("GetQueueAttributes", "", { with: ALL }), read("ListQueueTags", "", { of: ["tags"] })],
      tagging: { service: "sqs", set: "TagQueue", unset: "UntagQueue", key: { id: "QueueUrl" } },
      outputs: { arn: (p) => arn("sqs", p["name"], p["region"]) },
      replaceOn: ["name", "fifoQueue"],
    },
    "aws:sqs/queuePolicy:QueuePolicy": {
      key: { queueUrl: "QueueUrl" },
      names: { policy: "Attributes.Policy" },
      create: [sqs("SetQueueAttributes")],
      update: [sqs("SetQueueAttributes")],
      delete: [sqs("SetQueueAttributes", { with: () => ({ Attributes: { Policy: "" } }) })],
      read: [read("GetQueueAttributes", "", { with: ALL })],
      outputs: { id: (p) => p["queueUrl"] },
      replaceOn: ["queueUrl"],
    },
  },
};
