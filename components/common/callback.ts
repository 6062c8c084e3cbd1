import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { DeadLetterQueue } from "./deadLetterQueue";

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
  /**
   * Whether a caller waits for the result and deals with errors itself, as a state machine does: then there is no
   * dead-letter queue. @default false
   */
  readonly synchronous?: boolean;
  /** The function's name, where it has to be known before the function is made. @default one that Pulumi makes up */
  readonly functionName?: string;
  /** Subnets and security groups of a function that has to reach something inside a VPC. @default not in a VPC */
  readonly vpc?: CallbackVpc;
  /** Days that logs are kept. @default 30 */
  readonly logRetentionDays?: number;
}

/** Where a function is attached to a VPC. */
export interface CallbackVpc {
  readonly subnetIds: pulumi.Input<string>[];
  readonly securityGroupIds: pulumi.Input<string>[];
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
  /** ARN of the dead-letter queue, unless it is `synchronous`; EventBridge targets use it too. */
  readonly deadLetterQueueArn: pulumi.Output<string> | undefined;

  constructor(name: string, args: CallbackArgs<Event>, opts?: pulumi.ComponentResourceOptions) {
    super("nplusone:index:Callback", name, {}, opts);

    const logGroup = this.createLogGroup(name, args);
    const queue = args.synchronous ? undefined : this.createDeadLetterQueue(name, args);
    const { role, policy } = this.createRole(name, args, logGroup, queue);
    const fn = this.createFunction(name, args, role, policy, logGroup, queue);

    this.arn = fn.arn;
    this.functionName = fn.name;
    this.deadLetterQueueArn = queue?.arn;
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

  private createDeadLetterQueue(name: string, args: CallbackArgs<Event>): DeadLetterQueue {
    const { kmsKeyArn, alarmTopicArn } = args;
    return new DeadLetterQueue(`${name}-dead-letters`, { of: name, kmsKeyArn, alarmTopicArn }, { parent: this });
  }

  private createRole(
    name: string,
    args: CallbackArgs<Event>,
    logGroup: aws.cloudwatch.LogGroup,
    queue: DeadLetterQueue | undefined,
  ): { role: aws.iam.Role; policy: aws.iam.RolePolicy } {
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
      ...(queue ? [{ Effect: "Allow" as const, Action: "sqs:SendMessage", Resource: queue.arn }] : []),
      { Effect: "Allow", Action: ["kms:Decrypt", "kms:GenerateDataKey"], Resource: args.kmsKeyArn },
      ...(args.vpc ? [VPC_STATEMENT] : []),
      // X-Ray has no resources to name.
      { Effect: "Allow", Action: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], Resource: "*" },
    ];
    const policy = new aws.iam.RolePolicy(
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
    return { role, policy };
  }

  private createFunction(
    name: string,
    args: CallbackArgs<Event>,
    role: aws.iam.Role,
    policy: aws.iam.RolePolicy,
    logGroup: aws.cloudwatch.LogGroup,
    queue: DeadLetterQueue | undefined,
  ): aws.lambda.Function {
    const code = pulumi.runtime
      .serializeFunction(args.factory, { isFactoryFunction: true, exportName: "handler" })
      .then(({ text }) => new pulumi.asset.AssetArchive({ "index.js": new pulumi.asset.StringAsset(text) }));
    return new aws.lambda.Function(
      `${name}-function`,
      {
        name: args.functionName,
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
        deadLetterConfig: queue && { targetArn: queue.arn },
        vpcConfig: args.vpc,
        tracingConfig: { mode: "Active" },
      },
      // Lambda refuses a VPC that the role may not yet make interfaces in.
      { parent: this, dependsOn: [policy] },
    );
  }
}

/** What Lambda itself needs in order to attach a function to a VPC. */
export const VPC_ACTIONS = [
  "ec2:CreateNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:DeleteNetworkInterface",
  "ec2:AssignPrivateIpAddresses",
  "ec2:UnassignPrivateIpAddresses",
];

/** Lambda refuses a role that is allowed this for some resources only. */
const VPC_STATEMENT: aws.iam.PolicyStatement = { Effect: "Allow", Action: VPC_ACTIONS, Resource: "*" };
