import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { storeEventClients } from "../../lambdas/sessionStore/clients";
import { tellStoreEvents } from "../../lambdas/sessionStore/tellStoreEvents";
import { EventCallback } from "../common/eventCallback";
import { placeOf } from "../common/place";
import { StateTable } from "../common/stateTable";

/** Arguments of `StoreEvents`. */
export interface StoreEventsArgs {
  /** Where it is remembered what people were told. */
  readonly stateTable: StateTable;
  /** ARN of the KMS key of the callback's logs and dead letters. */
  readonly kmsKeyArn: pulumi.Input<string>;
  /** ARN of the topic that people are told through. */
  readonly topicArn: pulumi.Input<string>;
}

/** Partition of the state table. */
const SYSTEM = "sessionStore";

/**
 * What ElastiCache reports of a stack's stores, for people: EventBridge gets nothing of it, and ElastiCache publishes to
 * no encrypted topic. So it has an unencrypted one of its own, in which only names of events and nodes ever are, and a
 * callback that passes on what isn't everyday work. $0.10 a month for the alarm on dead letters.
 * https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ElastiCacheSNS.html
 *
 * @example
 * const events = new StoreEvents("session-store-events", { stateTable, kmsKeyArn: key.arn, topicArn: topic.arn });
 * new SessionStore("sessions", { ...args, eventTopicArn: events.topicArn });
 */
export class StoreEvents extends pulumi.ComponentResource {
  /** ARN of the topic for ElastiCache. */
  readonly topicArn: pulumi.Output<string>;

  constructor(
    private readonly name: string,
    private readonly args: StoreEventsArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:StoreEvents", name, {}, opts);

    const topic = new aws.sns.Topic(`${name}-topic`, {}, { parent: this });
    const policy = this.admitElastiCache(topic);
    this.subscribe(topic, this.createCallback());

    // Who publishes before the policy is there is refused.
    this.topicArn = pulumi.all([topic.arn, policy.id]).apply(([arn]) => arn);
    this.registerOutputs({ topicArn: this.topicArn });
  }

  /** As AWS asks for it: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ECEvents.SNS.html */
  private admitElastiCache(topic: aws.sns.Topic): aws.sns.TopicPolicy {
    return new aws.sns.TopicPolicy(
      `${this.name}-topic-policy`,
      {
        arn: topic.arn,
        policy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: [
            {
              Sid: "ElastiCache",
              Effect: "Allow",
              Principal: { AWS: "*" },
              Action: "sns:Publish",
              Resource: topic.arn,
              Condition: { StringEquals: { "aws:SourceOwner": placeOf(this).account } },
            },
          ],
        }),
      },
      { parent: this },
    );
  }

  private createCallback() {
    const { kmsKeyArn, stateTable, topicArn } = this.args;
    return new EventCallback(
      `${this.name}-tell`,
      {
        description: "Tells people what ElastiCache reports of session stores",
        settings: pulumi.output({ stateTable: stateTable.tableName, system: SYSTEM, topicArn }),
        clients: storeEventClients,
        handler: tellStoreEvents,
        statements: [
          ...stateTable.statements([SYSTEM], ["UpdateItem"]),
          { Effect: "Allow", Action: "sns:Publish", Resource: topicArn },
        ],
        kmsKeyArn,
        alarmTopicArn: topicArn,
      },
      { parent: this },
    );
  }

  private subscribe(
    topic: aws.sns.Topic,
    callback: { arn: pulumi.Output<string>; functionName: pulumi.Output<string> },
  ) {
    const permission = new aws.lambda.Permission(
      `${this.name}-permission`,
      {
        function: callback.functionName,
        action: "lambda:InvokeFunction",
        principal: "sns.amazonaws.com",
        sourceArn: topic.arn,
      },
      { parent: this },
    );
    new aws.sns.TopicSubscription(
      `${this.name}-subscription`,
      { topic: topic.arn, protocol: "lambda", endpoint: callback.arn },
      { parent: this, dependsOn: [permission] },
    );
  }
}
