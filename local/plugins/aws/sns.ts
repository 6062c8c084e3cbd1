import { ACCOUNT, client, reader, ServiceRecords, tagged } from "./record";

const sns = client("sns");
const read = reader("sns");

const TOPIC = {
  contentBasedDeduplication: "Attributes.ContentBasedDeduplication",
  deliveryPolicy: "Attributes.DeliveryPolicy",
  displayName: "Attributes.DisplayName",
  fifoTopic: "Attributes.FifoTopic",
  kmsMasterKeyId: "Attributes.KmsMasterKeyId",
  signatureVersion: "Attributes.SignatureVersion",
  tracingConfig: "Attributes.TracingConfig",
};
const SUBSCRIPTION = {
  filterPolicy: "Attributes.FilterPolicy",
  filterPolicyScope: "Attributes.FilterPolicyScope",
  rawMessageDelivery: "Attributes.RawMessageDelivery",
  redrivePolicy: "Attributes.RedrivePolicy",
};

/** SNS takes attributes one at a time. */
const attribute = (action: string) =>
  function set([property, field]: readonly [string, string]) {
    const AttributeName = field.split(".")[1];
    return sns(action, {
      of: [property],
      with: (p) => ({ AttributeName, AttributeValue: String(p[property] ?? "") }),
    });
  };

/** What SNS gives a topic by itself: its own account may do everything. */
const defaultPolicy = (topicArn: string) =>
  JSON.stringify({
    Version: "2008-10-17",
    Id: "__default_policy_ID",
    Statement: [
      {
        Sid: "__default_statement_ID",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: ["GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic"]
          .concat("Subscribe", "ListSubscriptionsByTopic", "Publish")
          .map((action) => `SNS:${action}`),
        Resource: topicArn,
        Condition: { StringEquals: { "AWS:SourceOwner": ACCOUNT } },
      },
    ],
  });

const setPolicy = sns("SetTopicAttributes", {
  names: { policy: "AttributeValue" },
  with: () => ({ AttributeName: "Policy" }),
});

export const records: ServiceRecords = {
  resources: {
    "aws:sns/topic:Topic": {
      autoName: "name",
      key: { id: "TopicArn" },
      names: TOPIC,
      create: [sns("CreateTopic", { outputs: { id: "TopicArn", arn: "TopicArn" } })],
      update: Object.entries(TOPIC).map(attribute("SetTopicAttributes")),
      delete: [sns("DeleteTopic")],
      read: [
        read("GetTopicAttributes", ""),
        read("ListTagsForResource", "", { of: ["tags"], names: { id: "ResourceArn" } }),
      ],
      tagging: tagged("sns", { id: "ResourceArn" }),
      replaceOn: ["name", "fifoTopic"],
    },
    "aws:sns/topicPolicy:TopicPolicy": {
      key: { arn: "TopicArn" },
      create: [setPolicy],
      update: [setPolicy],
      delete: [
        sns("SetTopicAttributes", {
          with: (p) => ({ AttributeName: "Policy", AttributeValue: defaultPolicy(p["arn"]) }),
        }),
      ],
      read: [read("GetTopicAttributes", "", { names: { policy: "Attributes.Policy" } })],
      outputs: { id: (p) => p["arn"] },
      replaceOn: ["arn"],
    },
    "aws:sns/topicSubscription:TopicSubscription": {
      key: { id: "SubscriptionArn" },
      names: { topic: "TopicArn", ...SUBSCRIPTION },
      create: [
        sns("Subscribe", {
          with: () => ({ ReturnSubscriptionArn: true }),
          outputs: { id: "SubscriptionArn", arn: "SubscriptionArn" },
        }),
      ],
      update: Object.entries(SUBSCRIPTION).map(attribute("SetSubscriptionAttributes")),
      delete: [sns("Unsubscribe")],
      read: [
        read("GetSubscriptionAttributes", "", {
          names: {
            topic: "Attributes.TopicArn",
            protocol: "Attributes.Protocol",
            endpoint: "Attributes.Endpoint",
          },
        }),
      ],
      replaceOn: ["topic", "protocol", "endpoint"],
      notApplied: {
        endpointAutoConfirms: "the provider's own: whether it waits for the endpoint to confirm",
        confirmationTimeoutInMinutes: "the provider's own: how long it waits for the endpoint to confirm",
      },
    },
  },
};
