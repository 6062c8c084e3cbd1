import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { arn, Place, placeOf } from "./place";

/** Arguments of `Notifications`. */
export interface NotificationsArgs {
  /** E-mail addresses that are subscribed. Each one has to confirm the message that AWS sends it. */
  readonly emails: readonly string[];
  /** ARN of the KMS key that encrypts the topic. */
  readonly kmsKeyArn: pulumi.Input<string>;
  /** Region in which the topic is made. @default the stack's own */
  readonly region?: string;
}

/**
 * The SNS topic that people are told through: encrypted, with e-mail subscriptions. Only this account's CloudWatch
 * alarms, the events of its databases, and principals that IAM allows may publish. E-mails are free up to 1,000 a month, then $2 for 100,000.
 *
 * @example
 * const { topicArn } = new Notifications("notifications", { emails: ["oncall@example.com"], kmsKeyArn: key.arn });
 */
export class Notifications extends pulumi.ComponentResource {
  /** ARN of the topic. */
  readonly topicArn: pulumi.Output<string>;

  constructor(name: string, args: NotificationsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nplusone:index:Notifications", name, {}, opts);
    const parent = { parent: this };
    const region = args.region === undefined ? {} : { region: args.region };
    const place = placeOf(this);

    const topic = new aws.sns.Topic(`${name}-topic`, { kmsMasterKeyId: args.kmsKeyArn, ...region }, parent);
    new aws.sns.TopicPolicy(
      `${name}-topic-policy`,
      {
        arn: topic.arn,
        policy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: topicStatements(
            topic.arn,
            args.region === undefined ? place : { ...place, region: pulumi.output(args.region) },
          ),
        }),
        ...region,
      },
      parent,
    );
    for (const email of args.emails) {
      new aws.sns.TopicSubscription(
        `${name}-${email}`,
        { topic: topic.arn, protocol: "email", endpoint: email, ...region },
        parent,
      );
    }

    this.topicArn = topic.arn;
    this.registerOutputs({ topicArn: this.topicArn });
  }
}

/**
 * Who may publish to a topic besides those whom IAM allows: this account's alarms and databases. The conditions are those
 * that SNS and RDS document: https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html and
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.GrantingPermissions.html
 */
export function topicStatements(topicArn: pulumi.Input<string>, place: Place): aws.iam.PolicyStatement[] {
  return [
    {
      Sid: "Alarms",
      Effect: "Allow",
      Principal: { Service: "cloudwatch.amazonaws.com" },
      Action: "sns:Publish",
      Resource: topicArn,
      Condition: { ArnLike: { "aws:SourceArn": arn(place, "cloudwatch", "alarm:*") } },
    },
    {
      Sid: "DatabaseEvents",
      Effect: "Allow",
      Principal: { Service: "events.rds.amazonaws.com" },
      Action: "sns:Publish",
      Resource: topicArn,
      Condition: {
        ArnLike: { "aws:SourceArn": arn(place, "rds", "*") },
        StringEquals: { "aws:SourceAccount": place.account },
      },
    },
  ];
}
