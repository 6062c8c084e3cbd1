import { Finding } from "../core/finding";
import { Graph } from "../core/graph";
import { read } from "../core/unknown";

/** ElastiCache publishes to no encrypted topic: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ElastiCacheSNS.html */
const PUBLISHERS_IN_CLEAR = [
  "aws:elasticache/replicationGroup:ReplicationGroup",
  "aws:elasticache/cluster:Cluster",
  "aws:memorydb/cluster:Cluster",
];
/** By which property they name their topic. */
const BY: Readonly<Record<string, string>> = { "aws:memorydb/cluster:Cluster": "snsTopicArn" };

/** Topics that keep in clear text what they haven't delivered yet, unless their publisher wants it so. */
export function topicsInClear(graph: Graph): Finding[] {
  return graph
    .ofType("aws:sns/topic:Topic")
    .filter(({ props }) => [undefined, null, ""].includes(read(() => props["kmsMasterKeyId"]) as string | undefined))
    .filter((topic) =>
      PUBLISHERS_IN_CLEAR.every(
        (type) => graph.referrers(topic, type, BY[type] ?? "notificationTopicArn").length === 0,
      ),
    )
    .map(({ name, urn }) => ({
      message: `topic ${name} is not encrypted: set kmsMasterKeyId to a key whose policy admits who publishes (AWS's own alias/aws/sns admits no alarms and no SES)`,
      urn,
    }));
}
