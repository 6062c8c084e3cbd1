import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { arn, placeOf } from "./place";

/** Arguments of `DeadLetterQueue`. */
export interface DeadLetterQueueArgs {
  /** Whose events end here, for the alarm's text. */
  readonly of: string;
  /** ARN of the KMS key that encrypts the messages. */
  readonly kmsKeyArn: pulumi.Input<string>;
  /** ARN of the topic that hears of the first message. */
  readonly alarmTopicArn: pulumi.Input<string>;
  /**
   * Whether it is for what a FIFO queue gives up on, which has to be FIFO itself. EventBridge can't send to such a one.
   * @default false
   */
  readonly fifo?: boolean;
}

/**
 * An encrypted SQS queue that keeps events which could not be delivered or dealt with for 14 days, with an alarm on the
 * first one. EventBridge rules of this account may send to it, unless it is FIFO. $0.10 a month: the alarm; the first million of requests
 * to SQS is free.
 *
 * @example
 * const queue = new DeadLetterQueue("relaunch-dead-letters", { of: "relaunch", kmsKeyArn: key.arn, alarmTopicArn });
 */
export class DeadLetterQueue extends pulumi.ComponentResource {
  /** ARN of the queue. */
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: DeadLetterQueueArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nplusone:index:DeadLetterQueue", name, {}, opts);
    const queue = new aws.sqs.Queue(
      `${name}-queue`,
      // 14 days, the most SQS keeps: a dead letter waits for a person.
      { messageRetentionSeconds: 1209600, kmsMasterKeyId: args.kmsKeyArn, fifoQueue: args.fifo },
      { parent: this },
    );
    if (!args.fifo) {
      this.letRulesSend(name, queue);
    }
    new aws.cloudwatch.MetricAlarm(
      `${name}-alarm`,
      {
        alarmDescription: pulumi.interpolate`${args.of} gave up on an event: see the messages in ${queue.name}.`,
        namespace: "AWS/SQS",
        metricName: "ApproximateNumberOfMessagesVisible",
        dimensions: { QueueName: queue.name },
        statistic: "Maximum",
        period: 60,
        evaluationPeriods: 1,
        comparisonOperator: "GreaterThanThreshold",
        threshold: 0,
        treatMissingData: "notBreaching",
        alarmActions: [args.alarmTopicArn],
      },
      { parent: queue },
    );
    this.arn = queue.arn;
    this.registerOutputs({ arn: this.arn });
  }

  /** As https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html has it: aws:SourceArn, a rule's. */
  private letRulesSend(name: string, queue: aws.sqs.Queue): void {
    new aws.sqs.QueuePolicy(
      `${name}-policy`,
      {
        queueUrl: queue.url,
        policy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { Service: "events.amazonaws.com" },
              Action: "sqs:SendMessage",
              Resource: queue.arn,
              Condition: { ArnLike: { "aws:SourceArn": arn(placeOf(this), "events", "rule/*") } },
            },
          ],
        }),
      },
      { parent: queue },
    );
  }
}
