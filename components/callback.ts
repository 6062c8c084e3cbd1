import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** Arguments of `Callback`. */
export interface CallbackArgs<Event> {
  /** What the function does, in a sentence. */
  readonly description: string;
  /**
   * Makes the handler. It is serialized with everything it captures and called once for each execution environment, so
   * that SDK clients are made once; captured outputs are read with `.get()`. Capture no secret: pass its ARN.
   */
  readonly factory: () => (event: Event) => Promise<unknown>;
  /** What the function's role may do, beyond writing its own logs, traces and dead letters. Exact ARNs. */
  readonly statements: pulumi.Input<pulumi.Input<aws.iam.PolicyStatement>[]>;
  /** ARN of the KMS key for the logs and the dead-letter queue. */
  readonly kmsKeyArn: pulumi.Input<string>;
  /** ARN of the topic that hears of dead letters. */
  readonly alarmTopicArn: pulumi.Input<string>;
  /** Seconds until a run is cut off. @default 30, ten times the clients' request timeout */
  readonly timeoutSeconds?: number;
  /** Memory in MiB; CPU comes in proportion. @default 256, at which the SDK loads in well under a second */
  readonly memoryMiB?: number;
  /** How many runs there may be at once, where two would race. @default no reservation */
  readonly reservedConcurrency?: number;
  /** Days that logs are kept. @default 30 */
  readonly logRetentionDays?: number;
}

/**
 * A Lambda function written as an inline callback. Unlike `aws.lambda.CallbackFunction` left alone, its archive holds
 * nothing but the serialized function (the runtime brings `@aws-sdk/*`), its role holds nothing but the statements
 * given, and events that fail three times end in a dead-letter queue with an alarm. About $0.10 a month when idle (the
 * alarm), plus the runs.
 */
export class Callback<Event> extends pulumi.ComponentResource {
  /** ARN of the function. */
  readonly arn: pulumi.Output<string>;
  /** Name of the function. */
  readonly functionName: pulumi.Output<string>;
  /** ARN of the dead-letter queue; EventBridge targets use it too. */
  readonly deadLetterQueueArn: pulumi.Output<string>;

  constructor(name: string, args: CallbackArgs<Event>, opts?: pulumi.ComponentResourceOptions) {
    super("nplusone:index:Callback", name, {}, opts);

    const logGroup = this.createLogGroup(name, args);
    const queue = this.createDeadLetterQueue(name, args);
    const role = this.createRole(name, args, logGroup, queue);
    const fn = this.createFunction(name, args, role, logGroup, queue);

    this.arn = fn.arn;
    this.functionName = fn.name;
    this.deadLetterQueueArn = queue.arn;
    this.registerOutputs({
      arn: this.arn,
      functionName: this.functionName,
      deadLetterQueueArn: this.deadLetterQueueArn,
    });
  }

  private createLogGroup(name: string, args: CallbackArgs<Event>): aws.cloudwatch.LogGroup {
    return new aws.cloudwatch.LogGroup(
      `${name}-logs`,
      { retentionInDays: args.logRetentionDays ?? 30, kmsKeyId: args.kmsKeyArn },
      { parent: this },
    );
  }

  private createDeadLetterQueue(name: string, args: CallbackArgs<Event>): aws.sqs.Queue {
    const queue = new aws.sqs.Queue(
      `${name}-dead-letters`,
      // 14 days, the most SQS keeps: a dead letter waits for a person.
      { messageRetentionSeconds: 1209600, kmsMasterKeyId: args.kmsKeyArn },
      { parent: this },
    );
    const account = aws.getCallerIdentityOutput({}, { parent: this }).accountId;
    new aws.sqs.QueuePolicy(
      `${name}-dead-letters-policy`,
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
              Condition: { StringEquals: { "aws:SourceAccount": account } },
            },
          ],
        }),
      },
      { parent: queue },
    );
    new aws.cloudwatch.MetricAlarm(
      `${name}-dead-letters-alarm`,
      {
        alarmDescription: pulumi.interpolate`${name} gave up on an event: see the messages in ${queue.name}.`,
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
    return queue;
  }

  private createRole(
    name: string,
    args: CallbackArgs<Event>,
    logGroup: aws.cloudwatch.LogGroup,
    queue: aws.sqs.Queue,
  ): aws.iam.Role {
    const role = new aws.iam.Role(
      `${name}-role`,
      { assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }) },
      { parent: this },
    );
    const own: pulumi.Input<aws.iam.PolicyStatement>[] = [
      {
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: pulumi.interpolate`${logGroup.arn}:*`,
      },
      { Effect: "Allow", Action: "sqs:SendMessage", Resource: queue.arn },
      { Effect: "Allow", Action: ["kms:Decrypt", "kms:GenerateDataKey"], Resource: args.kmsKeyArn },
      // X-Ray has no resources to name.
      { Effect: "Allow", Action: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], Resource: "*" },
    ];
    new aws.iam.RolePolicy(
      `${name}-policy`,
      {
        role: role.id,
        policy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: pulumi.output(args.statements).apply((statements) => [...statements, ...own]),
        }),
      },
      { parent: role },
    );
    return role;
  }

  private createFunction(
    name: string,
    args: CallbackArgs<Event>,
    role: aws.iam.Role,
    logGroup: aws.cloudwatch.LogGroup,
    queue: aws.sqs.Queue,
  ): aws.lambda.Function {
    const code = pulumi.runtime
      .serializeFunction(args.factory, { isFactoryFunction: true, exportName: "handler" })
      .then(({ text }) => new pulumi.asset.AssetArchive({ "index.js": new pulumi.asset.StringAsset(text) }));
    return new aws.lambda.Function(
      `${name}-function`,
      {
        description: args.description,
        code,
        handler: "index.handler",
        runtime: aws.lambda.Runtime.NodeJS22dX,
        architectures: ["arm64"],
        role: role.arn,
        timeout: args.timeoutSeconds ?? 30,
        memorySize: args.memoryMiB ?? 256,
        reservedConcurrentExecutions: args.reservedConcurrency,
        loggingConfig: { logFormat: "JSON", logGroup: logGroup.name },
        deadLetterConfig: { targetArn: queue.arn },
        tracingConfig: { mode: "Active" },
      },
      { parent: this },
    );
  }
}
