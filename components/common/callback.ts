import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** Arguments of `Callback`. */
export interface CallbackArgs<Event, Settings, Clients> extends FunctionArgs {
  /** What the handler is told of the stack: plain data, carried in the function's code. No secret: pass its ARN. */
  readonly settings: pulumi.Input<Settings>;
  /** Makes the handler's SDK clients, once for each execution environment. */
  readonly clients: () => Clients;
  /** What is run for an event. It is serialized with all that it refers to; packages are taken from the runtime. */
  readonly handler: (event: Event, settings: Settings, clients: Clients) => Promise<unknown>;
}

/** What a function is, whatever its code. */
interface FunctionArgs {
  /** What the function does, in a sentence. */
  readonly description: string;
  /** What the function's role may do, beyond writing its own logs and traces. Exact ARNs. */
  readonly statements: pulumi.Input<pulumi.Input<aws.iam.PolicyStatement>[]>;
  /** ARN of the KMS key for the logs. */
  readonly kmsKeyArn: pulumi.Input<string>;
  /** Seconds until a run is cut off. @default 30, ten times the clients' request timeout */
  readonly timeoutSeconds?: number;
  /** Memory in MiB; CPU comes in proportion. @default 256, at which the SDK loads in well under a second */
  readonly memoryMiB?: number;
  /** How many runs there may be at once, where two would race. @default no reservation */
  readonly reservedConcurrency?: number;
  /** ARN of the queue for events that it fails at: `EventCallback` sees to it. @default none, callers hear of failures */
  readonly deadLetterQueueArn?: pulumi.Input<string>;
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
 * A Lambda function written in this program, for callers that wait for its result and deal with its errors, as a state
 * machine or a queue does; what rules and schedules call is an `EventCallback`. Unlike `aws.lambda.CallbackFunction`
 * left alone, its archive holds nothing but the serialized function (the runtime brings `@aws-sdk/*`), and its role
 * nothing but the statements given. Free when idle; $0.20 for a million runs, and $0.0000033 for each second of one at
 * 256 MiB (arm64).
 *
 * @example
 * new Callback("greet", {
 *   description: "Greets",
 *   settings: { topicArn: topic.arn },
 *   clients: () => ({ sns: new SNSClient() }),
 *   handler: greet, // async (event, settings, clients) => …
 *   statements: [{ Effect: "Allow", Action: "sns:Publish", Resource: topic.arn }],
 *   kmsKeyArn: key.arn,
 * });
 */
export class Callback<Event = never, Settings = never, Clients = never> extends pulumi.ComponentResource {
  /** ARN of the function. */
  readonly arn: pulumi.Output<string>;
  /** Name of the function. */
  readonly functionName: pulumi.Output<string>;

  private readonly args: FunctionArgs;

  constructor(
    private readonly name: string,
    args: CallbackArgs<Event, Settings, Clients>,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:Callback", name, {}, opts);
    this.args = args;

    const logGroup = this.createLogGroup();
    const { role, policy } = this.createRole(logGroup);
    const fn = this.createFunction(codeOf(args), role, policy, logGroup);

    this.arn = fn.arn;
    this.functionName = fn.name;
    this.registerOutputs({ arn: this.arn, functionName: this.functionName });
  }

  private createLogGroup(): aws.cloudwatch.LogGroup {
    return new aws.cloudwatch.LogGroup(
      `${this.name}-logs`,
      { retentionInDays: this.args.logRetentionDays ?? 30, kmsKeyId: this.args.kmsKeyArn },
      { parent: this },
    );
  }

  private createRole(logGroup: aws.cloudwatch.LogGroup): { role: aws.iam.Role; policy: aws.iam.RolePolicy } {
    const { deadLetterQueueArn, kmsKeyArn, statements, vpc } = this.args;
    const role = new aws.iam.Role(
      `${this.name}-role`,
      { assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }) },
      { parent: this },
    );
    const own: pulumi.Input<aws.iam.PolicyStatement>[] = [
      {
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: pulumi.interpolate`${logGroup.arn}:*`,
      },
      ...(deadLetterQueueArn === undefined
        ? []
        : [{ Effect: "Allow" as const, Action: "sqs:SendMessage", Resource: deadLetterQueueArn }]),
      { Effect: "Allow", Action: ["kms:Decrypt", "kms:GenerateDataKey"], Resource: kmsKeyArn },
      ...(vpc ? [VPC_STATEMENT] : []),
      // X-Ray has no resources to name.
      { Effect: "Allow", Action: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], Resource: "*" },
    ];
    const policy = new aws.iam.RolePolicy(
      `${this.name}-policy`,
      {
        role: role.id,
        policy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: pulumi.output(statements).apply((given) => [...given, ...own]),
        }),
      },
      { parent: role },
    );
    return { role, policy };
  }

  private createFunction(
    code: Promise<pulumi.asset.Archive>,
    role: aws.iam.Role,
    policy: aws.iam.RolePolicy,
    logGroup: aws.cloudwatch.LogGroup,
  ): aws.lambda.Function {
    const { args } = this;
    return new aws.lambda.Function(
      `${this.name}-function`,
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
        deadLetterConfig: args.deadLetterQueueArn === undefined ? undefined : { targetArn: args.deadLetterQueueArn },
        vpcConfig: args.vpc,
        tracingConfig: { mode: "Active" },
      },
      // Lambda refuses a VPC that the role may not yet make interfaces in.
      { parent: this, dependsOn: [policy] },
    );
  }
}

/** An archive with the handler's text, what it refers to included, and nothing else of the program. */
async function codeOf<Event, Settings, Clients>(
  args: CallbackArgs<Event, Settings, Clients>,
): Promise<pulumi.asset.Archive> {
  // The serializer carries whatever the function refers to: these three, and not `args`.
  const { clients, handler } = args;
  const settings = pulumi.output(args.settings) as pulumi.Output<Settings>;
  const factory = () => {
    const resolved = settings.get();
    const made = clients();
    return (event: Event) => handler(event, resolved, made);
  };
  const { text } = await pulumi.runtime.serializeFunction(factory, { isFactoryFunction: true, exportName: "handler" });
  return new pulumi.asset.AssetArchive({ "index.js": new pulumi.asset.StringAsset(text) });
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
