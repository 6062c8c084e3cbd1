import { client, ServiceRecords, tagList } from "./record";

const sns = client("sns");

export const records: ServiceRecords = {
  resources: {
    "aws:sns/topic:Topic": {
      autoName: "name",
      create: [
        sns(
          "CreateTopic",
          (p) => ({
            Name: p["name"],
            Tags: tagList(p["tags"]),
            Attributes: p["kmsMasterKeyId"] ? { KmsMasterKeyId: p["kmsMasterKeyId"] } : {},
          }),
          (a) => ({ id: a.TopicArn, arn: a.TopicArn }),
        ),
      ],
      delete: [sns("DeleteTopic", (p) => ({ TopicArn: p["id"] }))],
      replaceOn: ["name"],
    },
    "aws:sns/topicPolicy:TopicPolicy": {
      create: [sns("SetTopicAttributes", policy, (_, p) => ({ id: p["arn"] }))],
      update: [sns("SetTopicAttributes", policy)],
      replaceOn: ["arn"],
    },
    "aws:sns/topicSubscription:TopicSubscription": {
      create: [
        sns(
          "Subscribe",
          (p) => ({
            TopicArn: p["topic"],
            Protocol: p["protocol"],
            Endpoint: p["endpoint"],
            ReturnSubscriptionArn: true,
          }),
          (a) => ({ id: a.SubscriptionArn, arn: a.SubscriptionArn }),
        ),
      ],
      delete: [sns("Unsubscribe", (p) => ({ SubscriptionArn: p["id"] }))],
      replaceOn: ["topic", "protocol", "endpoint"],
    },
  },
};

function policy(p: Record<string, unknown>) {
  return { TopicArn: p["arn"], AttributeName: "Policy", AttributeValue: p["policy"] };
}
