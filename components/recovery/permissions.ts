import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { VPC_ACTIONS } from "../common/callback";
import { groupSystemOf, RecoveryTarget, systemOf } from "../../lambdas/recovery/settings";

type Statement = aws.iam.PolicyStatement;

/** Status checks and metrics know no resource-level permissions. */
export const STATUS_STATEMENTS: Statement[] = [
  { Effect: "Allow", Action: "ec2:DescribeInstanceStatus", Resource: "*" },
];
export const CPU_STATEMENTS: Statement[] = [{ Effect: "Allow", Action: "cloudwatch:GetMetricData", Resource: "*" }];

/** One instance's own health check. */
export function healthStatements({ healthCheckId }: RecoveryTarget): Statement[] {
  return [
    {
      Effect: "Allow",
      Action: "route53:GetHealthCheckStatus",
      Resource: `arn:aws:route53:::healthcheck/${healthCheckId}`,
    },
  ];
}

/** The interfaces in the VPC are Lambda's to make; the function's own code may not touch them. */
export function sshStatements(functionName: string, { region, account }: Place): pulumi.Output<Statement[]> {
  return pulumi.all([region, account]).apply(([r, a]) => [
    {
      Effect: "Deny" as const,
      Action: VPC_ACTIONS,
      Resource: "*",
      Condition: { ArnEquals: { "lambda:SourceFunctionArn": `arn:aws:lambda:${r}:${a}:function:${functionName}` } },
    },
  ]);
}

/** Where ARNs are. */
export interface Place {
  readonly region: pulumi.Input<string>;
  readonly account: pulumi.Input<string>;
}

/** What the restart callback of one instance is limited to. */
export interface RestartPermissionArgs extends Place {
  readonly target: RecoveryTarget;
  /** Name of the state machine whose executions it asks about. */
  readonly machineName: string;
  readonly stateTableArn: pulumi.Input<string>;
}

/** Restarts one instance, and remembers that under its and its group's keys of the state table. */
export function restartStatements(args: RestartPermissionArgs): pulumi.Output<Statement[]> {
  const { target, machineName } = args;
  const keys = [systemOf(target.name), ...(target.group === undefined ? [] : [groupSystemOf(target.group)])];
  return pulumi.all([args.region, args.account, args.stateTableArn]).apply(([region, account, table]) => [
    {
      Effect: "Allow" as const,
      Action: "ec2:RebootInstances",
      Resource: `arn:aws:ec2:${region}:${account}:instance/${target.instanceId}`,
    },
    { Effect: "Allow" as const, Action: ["ec2:DescribeInstances", "ec2:DescribeInstanceStatus"], Resource: "*" },
    {
      Effect: "Allow" as const,
      Action: "states:DescribeExecution",
      Resource: `arn:aws:states:${region}:${account}:execution:${machineName}:*`,
    },
    { ...remember(table, keys), Action: ["dynamodb:GetItem", "dynamodb:UpdateItem"] },
  ]);
}

/** What the report and page callbacks are limited to. */
export interface TellPermissionArgs {
  readonly targets: readonly RecoveryTarget[];
  readonly stateTableArn: pulumi.Input<string>;
  /** ARN of the secret or of the topic that the message goes out by. */
  readonly channel: { readonly secretArn: string } | { readonly topicArn: pulumi.Input<string> };
  /** ARN of the KMS key that encrypts the secret. @default AWS's own, which needs no permission */
  readonly secretKeyArn?: string;
}

/** Reads one secret or publishes to one topic, and remembers who has been told. */
export function tellStatements(args: TellPermissionArgs): pulumi.Output<Statement[]> {
  const keys = args.targets.map((t) => systemOf(t.name));
  return pulumi
    .all([args.stateTableArn, args.channel])
    .apply(([table, channel]) => [
      "secretArn" in channel
        ? { Effect: "Allow" as const, Action: "secretsmanager:GetSecretValue", Resource: channel.secretArn }
        : { Effect: "Allow" as const, Action: "sns:Publish", Resource: channel.topicArn },
      ...(args.secretKeyArn ? [{ Effect: "Allow" as const, Action: "kms:Decrypt", Resource: args.secretKeyArn }] : []),
      { ...remember(table, keys), Action: "dynamodb:UpdateItem" },
    ]);
}

/** The state table, under some partition keys only. */
function remember(table: string, keys: readonly string[]): Omit<Statement, "Action"> {
  return {
    Effect: "Allow",
    Resource: table,
    Condition: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": [...keys] } },
  };
}

/** What the state machine does itself: call its functions, publish if the pager fails, log, trace, decrypt. */
export function machineStatements(
  functionArns: pulumi.Input<string>[],
  topicArn: pulumi.Input<string>,
  kmsKeyArn: pulumi.Input<string>,
): pulumi.Input<Statement>[] {
  return [
    { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: functionArns },
    { Effect: "Allow", Action: "sns:Publish", Resource: topicArn },
    { Effect: "Allow", Action: ["kms:Decrypt", "kms:GenerateDataKey"], Resource: kmsKeyArn },
    {
      // Log delivery and X-Ray have no resources to name.
      Effect: "Allow",
      Action: [
        "logs:CreateLogDelivery",
        "logs:GetLogDelivery",
        "logs:UpdateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:DescribeResourcePolicies",
        "logs:DescribeLogGroups",
        "xray:PutTraceSegments",
        "xray:PutTelemetryRecords",
        "xray:GetSamplingRules",
        "xray:GetSamplingTargets",
      ],
      Resource: "*",
    },
  ];
}
