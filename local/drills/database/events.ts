import { GetKeyPolicyCommand, KMSClient } from "@aws-sdk/client-kms";
import { DescribeEventSubscriptionsCommand, EventSubscription, RDSClient } from "@aws-sdk/client-rds";
import { GetTopicAttributesCommand, PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { PolicyDocument } from "../../../model/iam/document";
import { evaluateResourcePolicy } from "../../../model/iam/evaluate";
import { RdsEvent } from "../../../model/rds";
import { Clients } from "../../endpoint/clients";

const RDS = { type: "Service" as const, name: "events.rds.amazonaws.com" };
/** How subscriptions call what events call by another name, and what its ARN says. */
const SOURCES = {
  DB_INSTANCE: { subscribed: "db-instance", arn: "db" },
  CLUSTER: { subscribed: "db-cluster", arn: "cluster" },
};

/** Plays RDS's event notification, which no emulator has: deployed subscriptions, their topics' policies and keys. */
export class RdsEvents {
  private readonly rds: RDSClient;
  private readonly sns: SNSClient;
  private readonly kms: KMSClient;

  constructor(
    private readonly region: string,
    clients: Clients,
  ) {
    this.rds = clients.make(RDSClient, region);
    this.sns = clients.make(SNSClient, region);
    this.kms = clients.make(KMSClient, region);
  }

  /** Tells every subscription that an event is for. Returns what came of each: the reason if RDS may not tell it. */
  async publish(event: RdsEvent): Promise<(string | undefined)[]> {
    const { EventSubscriptionsList = [] } = await this.rds.send(new DescribeEventSubscriptionsCommand({}));
    const outcomes: (string | undefined)[] = [];
    for (const subscription of EventSubscriptionsList.filter((one) => isFor(one, event))) {
      outcomes.push(await this.tell(subscription, event));
    }
    return outcomes;
  }

  private async tell({ SnsTopicArn: TopicArn = "" }: EventSubscription, event: RdsEvent): Promise<string | undefined> {
    const account = TopicArn.split(":")[4] ?? "";
    const source = `arn:aws:rds:${this.region}:${account}:${SOURCES[event.SourceType].arn}:${event.SourceIdentifier}`;
    const refused = await this.refusal(TopicArn, { "aws:SourceArn": [source], "aws:SourceAccount": [account] });
    if (refused === undefined) {
      // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.overview.html
      const message = {
        "Event Source": SOURCES[event.SourceType].subscribed,
        "Source ID": event.SourceIdentifier,
        "Source ARN": source,
        "Event ID": `https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html#${event.EventID}`,
        "Event Message": event.Message,
      };
      const Subject = "RDS Notification Message";
      await this.sns.send(new PublishCommand({ TopicArn, Subject, Message: JSON.stringify(message) }));
    }
    return refused;
  }

  /** Why RDS may not publish to a topic or encrypt what it publishes, if it may not. */
  private async refusal(topicArn: string, context: Record<string, string[]>): Promise<string | undefined> {
    const { Attributes = {} } = await this.sns.send(new GetTopicAttributesCommand({ TopicArn: topicArn }));
    const key = Attributes["KmsMasterKeyId"];
    const asked = [{ policy: Attributes["Policy"] ?? "{}", resource: topicArn, actions: ["sns:Publish"] }];
    if (key !== undefined) {
      const { Policy = "{}" } = await this.kms.send(new GetKeyPolicyCommand({ KeyId: key, PolicyName: "default" }));
      asked.push({ policy: Policy, resource: key, actions: ["kms:GenerateDataKey", "kms:Decrypt"] });
    }
    for (const { policy, resource, actions } of asked) {
      const document = JSON.parse(policy) as PolicyDocument;
      for (const action of actions) {
        const request = { action, resource, principal: RDS, context: action === "sns:Publish" ? context : {} };
        if (evaluateResourcePolicy({ name: resource, document }, request).effect !== "allowed") {
          return `${resource} doesn't allow ${RDS.name} ${action}`;
        }
      }
    }
    return undefined;
  }
}

/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateEventSubscription.html */
function isFor(subscription: EventSubscription, { SourceType, SourceIdentifier, EventCategories }: RdsEvent): boolean {
  const { Enabled, SourceType: type, SourceIdsList: sources = [], EventCategoriesList: told = [] } = subscription;
  return (
    Enabled === true &&
    type === SOURCES[SourceType].subscribed &&
    (sources.length === 0 || sources.includes(SourceIdentifier)) &&
    (told.length === 0 || EventCategories.some((category) => told.includes(category)))
  );
}
