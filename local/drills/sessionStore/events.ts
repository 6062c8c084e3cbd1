import { DescribeCacheClustersCommand, ElastiCacheClient } from "@aws-sdk/client-elasticache";
import { GetPolicyCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetTopicAttributesCommand, ListSubscriptionsByTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { randomUUID } from "node:crypto";
import { PolicyDocument } from "../../../model/iam/document";
import { evaluateResourcePolicy } from "../../../model/iam/evaluate";
import { Principal } from "../../../model/iam/request";
import { Clients } from "../../endpoint/clients";

/**
 * Plays ElastiCache's notifications, which no emulator has, and SNS's delivery of them: the topic that the deployed node
 * names, its policy and encryption, the functions that are subscribed, and their policies.
 */
export class StoreNotifications {
  private readonly elastiCache: ElastiCacheClient;
  private readonly sns: SNSClient;
  private readonly lambda: LambdaClient;

  constructor(region: string, clients: Clients) {
    this.elastiCache = clients.make(ElastiCacheClient, region);
    this.sns = clients.make(SNSClient, region);
    this.lambda = clients.make(LambdaClient, region);
  }

  /**
   * Reports an event of a node, and delivers it twice, as SNS may. Returns what went wrong on the way, if anything did.
   * @param name e.g. `FailoverComplete`
   */
  async report(name: string, CacheClusterId: string): Promise<string[]> {
    const { CacheClusters: [node] = [] } = await this.elastiCache.send(
      new DescribeCacheClustersCommand({ CacheClusterId }),
    );
    const topicArn = node?.NotificationConfiguration?.TopicArn;
    if (topicArn === undefined) {
      return [`${CacheClusterId} has no topic for its events`];
    }
    const refused = await this.refusal(topicArn);
    if (refused !== undefined) {
      return [refused];
    }
    const functions = await this.subscribed(topicArn);
    const Message = JSON.stringify({ [`ElastiCache:${name}`]: CacheClusterId });
    const event = {
      Records: [{ EventSource: "aws:sns", Sns: { TopicArn: topicArn, MessageId: randomUUID(), Message } }],
    };
    const outcomes = functions.length === 0 ? [`no function is subscribed to ${topicArn}`] : [];
    for (const arn of [...functions, ...functions]) {
      outcomes.push(...(await this.deliver(topicArn, arn, event)));
    }
    return outcomes;
  }

  /** Why ElastiCache can't publish to a topic: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ElastiCacheSNS.html */
  private async refusal(topicArn: string): Promise<string | undefined> {
    const { Attributes = {} } = await this.sns.send(new GetTopicAttributesCommand({ TopicArn: topicArn }));
    if (Attributes["KmsMasterKeyId"] !== undefined) {
      return `${topicArn} is encrypted: ElastiCache publishes to no encrypted topic`;
    }
    const account = topicArn.split(":")[4] ?? "";
    const owner: Principal = { type: "AWS", arn: `arn:aws:iam::${account}:root`, account };
    const context = { "aws:SourceOwner": [account] };
    return allows(Attributes["Policy"] ?? "{}", "sns:Publish", topicArn, owner, context)
      ? undefined
      : `the policy of ${topicArn} doesn't let ElastiCache publish`;
  }

  private async subscribed(TopicArn: string): Promise<string[]> {
    const { Subscriptions = [] } = await this.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    return Subscriptions.filter(({ Protocol }) => Protocol === "lambda").map(({ Endpoint = "" }) => Endpoint);
  }

  private async deliver(topicArn: string, arn: string, event: object): Promise<string[]> {
    const sns: Principal = { type: "Service", name: "sns.amazonaws.com" };
    const { Policy = "{}" } = await this.lambda.send(new GetPolicyCommand({ FunctionName: arn }));
    if (!allows(Policy, "lambda:InvokeFunction", arn, sns, { "aws:SourceArn": [topicArn] })) {
      return [`${arn} doesn't let ${topicArn} run it`];
    }
    const { FunctionError, Payload } = await this.lambda.send(
      new InvokeCommand({ FunctionName: arn, Payload: Buffer.from(JSON.stringify(event)) }),
    );
    return FunctionError === undefined ? [] : [Buffer.from(Payload ?? []).toString()];
  }
}

function allows(
  policy: string,
  action: string,
  resource: string,
  principal: Principal,
  context: Record<string, string[]>,
): boolean {
  const document = JSON.parse(policy) as PolicyDocument;
  const request = { action, resource, principal, context };
  return evaluateResourcePolicy({ name: resource, document }, request).effect === "allowed";
}
