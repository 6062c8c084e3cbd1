import { SQSClient } from "@aws-sdk/client-sqs";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { clientConfig } from "../../lambdas/common/clientConfig";
import { handleBatch, QueueBatch } from "../../lambdas/common/queue";
import { Callback, CallbackArgs } from "./callback";
import { DeadLetterQueue } from "./deadLetterQueue";

/** Arguments of `QueueCallback`. */
export interface QueueCallbackArgs<Event, Settings, Clients> extends Omit<
  CallbackArgs<Event, Settings, Clients>,
  "handler" | "reservedConcurrency" | "deadLetterQueueArn"
> {
  /** What is run for the events that have come together, one run after the other. */
  readonly handler: (events: readonly Event[], settings: Settings, clients: Clients) => Promise<unknown>;
  /** What puts events into the queue. */
  readonly triggers: readonly QueueTrigger[];
  /** ARN of the topic that hears of events that could not be delivered or dealt with, and of a queue that stands still. */
  readonly alarmTopicArn: pulumi.Input<string>;
}

/** An EventBridge rule with the queue as its target: by event pattern or by schedule. */
export interface QueueTrigger {
  /** Name of its resources. */
  readonly name: string;
  /** What sets it off, in a sentence. */
  readonly description: string;
  /** EventBridge event pattern. @default none */
  readonly eventPattern?: pulumi.Input<Record<string, unknown>>;
  /** EventBridge schedule, e.g. `rate(1 minute)`. @default none */
  readonly scheduleExpression?: string;
}

/** Seconds of a run, at most. @see CallbackArgs.timeoutSeconds */
const TIMEOUT_SECONDS = 30;
/**
 * A queue's visibility timeout in function timeouts, so that a batch that Lambda was throttled for isn't handed out
 * twice: docs.aws.amazon.com/lambda/latest/operatorguide/sqs-retries.html.
 */
const TIMEOUTS_INVISIBLE = 6;
/** The most that Lambda takes from a FIFO queue at once: docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html. */
const BATCH_SIZE = 10;
/** How often a batch is tried, five seconds apart: after that it fails for a reason that a person should look at. */
const MOST_RECEIVES = 30;
/** Seconds that the oldest event may wait. A failing batch is given up before. */
const STANDSTILL_SECONDS = 300;

/**
 * A callback that is run for one batch of events after the other, never twice at once: EventBridge rules put events into a
 * FIFO queue, all in one message group, and Lambda takes up to ten at a time. So a storm of events costs a tenth of the
 * runs, no concurrency has to be reserved (an account begins with 10 runs at once, of which none can be), and Lambda's
 * back-off for throttled events, minutes long, doesn't arise. An event that EventBridge delivers twice within five minutes
 * is dropped; two different ones never are, since the id that EventBridge gives each is a part of the content.
 *
 * A batch that fails comes back after five seconds, and the queue waits for it. What fails again and again ends in a
 * dead-letter queue, what EventBridge can't deliver in another; both have an alarm, and so has a queue that stands still.
 * About $0.70 a month when idle: three alarms, and 650,000 requests of Lambda's five pollers at $0.50 a million.
 *
 * @example
 * new QueueCallback("routes", {
 *   description: "Keeps routes where they should be",
 *   triggers: [{ name: "every-minute", description: "Looks", scheduleExpression: "rate(1 minute)" }],
 *   settings: { table: table.id },
 *   clients: () => ({ ec2: new EC2Client() }),
 *   handler: reconcile, // async (events, settings, clients) => …
 *   statements: [{ Effect: "Allow", Action: "ec2:DescribeRouteTables", Resource: "*" }],
 *   kmsKeyArn: key.arn,
 *   alarmTopicArn: topic.arn,
 * });
 */
export class QueueCallback<Event extends object = never, Settings = never, Clients = never>
  extends pulumi.ComponentResource
{
  /** ARN of the function. */
  readonly arn: pulumi.Output<string>;
  /** ARN of the queue in front of it. */
  readonly queueArn: pulumi.Output<string>;

  constructor(
    private readonly name: string,
    args: QueueCallbackArgs<Event, Settings, Clients>,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:QueueCallback", name, {}, opts);

    const queue = this.createQueue(args);
    this.createStandstillAlarm(queue, args.alarmTopicArn);
    const callback = this.createCallback(queue, args);
    this.connect(queue, callback);
    this.createTriggers(queue, args);

    this.arn = callback.arn;
    this.queueArn = queue.arn;
    this.registerOutputs({ arn: this.arn, queueArn: this.queueArn });
  }

  private createQueue(args: QueueCallbackArgs<Event, Settings, Clients>): aws.sqs.Queue {
    const { kmsKeyArn, alarmTopicArn, timeoutSeconds = TIMEOUT_SECONDS } = args;
    const deadLetters = new DeadLetterQueue(
      `${this.name}-dead-letters`,
      { of: this.name, kmsKeyArn, alarmTopicArn, fifo: true },
      { parent: this },
    );
    return new aws.sqs.Queue(
      `${this.name}-queue`,
      {
        fifoQueue: true,
        // EventBridge gives messages no deduplication id of their own.
        contentBasedDeduplication: true,
        kmsMasterKeyId: kmsKeyArn,
        visibilityTimeoutSeconds: TIMEOUTS_INVISIBLE * timeoutSeconds,
        redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount: MOST_RECEIVES }),
      },
      { parent: this },
    );
  }

  /** Whatever keeps events from being dealt with: a disabled mapping, a lost permission, an account without free runs. */
  private createStandstillAlarm(queue: aws.sqs.Queue, alarmTopicArn: pulumi.Input<string>): void {
    new aws.cloudwatch.MetricAlarm(
      `${this.name}-standstill`,
      {
        alarmDescription: pulumi.interpolate`${this.name} has not dealt with an event in ${queue.name} for ${STANDSTILL_SECONDS} s.`,
        namespace: "AWS/SQS",
        metricName: "ApproximateAgeOfOldestMessage",
        dimensions: { QueueName: queue.name },
        statistic: "Maximum",
        period: 60,
        evaluationPeriods: 1,
        comparisonOperator: "GreaterThanThreshold",
        threshold: STANDSTILL_SECONDS,
        treatMissingData: "notBreaching",
        alarmActions: [alarmTopicArn],
      },
      { parent: queue },
    );
  }

  private createCallback(
    queue: aws.sqs.Queue,
    args: QueueCallbackArgs<Event, Settings, Clients>,
  ): Callback<QueueBatch, { own: Settings; queueUrl: string }, { own: Clients; sqs: SQSClient }> {
    const { clients, handler, settings, statements } = args;
    return new Callback(
      this.name,
      {
        timeoutSeconds: TIMEOUT_SECONDS,
        ...args,
        settings: pulumi.all([settings, queue.url]).apply(([own, queueUrl]) => ({ own: own as Settings, queueUrl })),
        clients: () => ({ own: clients(), sqs: new SQSClient(clientConfig()) }),
        handler: (batch: QueueBatch, { own, queueUrl }, made) =>
          handleBatch<Event>(batch, (events) => handler(events, own, made.own), { queueUrl, sqs: made.sqs }),
        statements: pulumi.output(statements).apply((given) => [
          ...given,
          {
            Effect: "Allow" as const,
            Action: [
              "sqs:ReceiveMessage",
              "sqs:DeleteMessage",
              "sqs:GetQueueAttributes",
              "sqs:ChangeMessageVisibility",
            ],
            Resource: queue.arn,
          },
        ]),
      },
      { parent: this },
    );
  }

  private connect(queue: aws.sqs.Queue, callback: pulumi.ComponentResource & { arn: pulumi.Output<string> }): void {
    new aws.lambda.EventSourceMapping(
      `${this.name}-mapping`,
      { eventSourceArn: queue.arn, functionName: callback.arn, batchSize: BATCH_SIZE },
      // Lambda refuses a function whose role may not read the queue yet.
      { parent: this, dependsOn: [callback] },
    );
  }

  private createTriggers(queue: aws.sqs.Queue, args: QueueCallbackArgs<Event, Settings, Clients>): void {
    const { kmsKeyArn, alarmTopicArn } = args;
    const rules = args.triggers.map(
      ({ name, description, eventPattern, scheduleExpression }) =>
        new aws.cloudwatch.EventRule(
          `${name}-rule`,
          {
            description,
            eventPattern: eventPattern && pulumi.jsonStringify(eventPattern),
            scheduleExpression,
            state: "ENABLED",
          },
          { parent: this },
        ),
    );
    const policy = this.letSend(queue, rules);
    // EventBridge's dead-letter queues are standard ones.
    const undelivered = new DeadLetterQueue(
      `${this.name}-undelivered`,
      { of: `EventBridge, for ${this.name},`, kmsKeyArn, alarmTopicArn },
      { parent: this },
    );
    args.triggers.forEach(({ name }, i) => {
      const rule = rules[i] as aws.cloudwatch.EventRule;
      new aws.cloudwatch.EventTarget(
        `${name}-target`,
        {
          rule: rule.name,
          arn: queue.arn,
          sqsTarget: { messageGroupId: this.name },
          deadLetterConfig: { arn: undelivered.arn },
          // An hour: after that what AWS says now has long been acted upon, and a person should look.
          retryPolicy: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 10 },
        },
        { parent: rule, dependsOn: [policy] },
      );
    });
  }

  /** As docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html has it for SQS. */
  private letSend(queue: aws.sqs.Queue, rules: readonly aws.cloudwatch.EventRule[]): aws.sqs.QueuePolicy {
    return new aws.sqs.QueuePolicy(
      `${this.name}-queue-policy`,
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
              Condition: { ArnEquals: { "aws:SourceArn": rules.map((r) => r.arn) } },
            },
          ],
        }),
      },
      { parent: queue },
    );
  }
}
