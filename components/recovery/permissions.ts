import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { VPC_ACTIONS } from "../common/callback";
import { arn, Place, publicArn } from "../common/place";
import { StateTable } from "../common/stateTable";
import { groupSystemOf, RecoveryTarget, systemOf } from "../../lambdas/recovery/settings";

type Statement = aws.iam.PolicyStatement;

/** Status checks and metrics know no resource-level permissions. */
export const STATUS_STATEMENTS: Statement[] = [
  { Effect: "Allow", Action: "ec2:DescribeInstanceStatus", Resource: "*" },
];
export const CPU_STATEMENTS: Statement[] = [{ Effect: "Allow", Action: "cloudwatch:GetMetricData", Resource: "*" }];

/** One instance's own health check. */
export function healthStatements({ healthCheckId }: RecoveryTarget, place: Place): Statement[] {
  return [
    {
      Effect: "Allow",
      Action: "route53:GetHealthCheckStatus",
      Resource: publicArn(place, "route53", "", `healthcheck/${healthCheckId}`),
    },
  ];
}

/** The interfaces in the VPC are Lambda's to make; the function's own code may not touch them. */
export function sshStatements(functionName: string, place: Place): Statement[] {
  return [
    {
      Effect: "Deny",
      Action: VPC_ACTIONS,
      Resource: "*",
      Condition: { ArnEquals: { "lambda:SourceFunctionArn": arn(place, "lambda", `function:${functionName}`) } },
    },
  ];
}

/** What the restart callback of one instance is limited to. */
export interface RestartPermissionArgs {
  readonly place: Place;
  readonly target: RecoveryTarget;
  /** Name of the state machine whose executions it asks about. */
  readonly machineName: string;
  readonly stateTable: StateTable;
}

/** Restarts one instance, and remembers that under its and its group's keys of the state table. */
export function restartStatements({ place, target, machineName, stateTable }: RestartPermissionArgs): Statement[] {
  const systems = [systemOf(target.name), ...(target.group === undefined ? [] : [groupSystemOf(target.group)])];
  return [
    {
      Effect: "Allow",
      Action: "ec2:RebootInstances",
      Resource: arn(place, "ec2", `instance/${target.instanceId}`),
    },
    { Effect: "Allow", Action: ["ec2:DescribeInstances", "ec2:DescribeInstanceStatus"], Resource: "*" },
    {
      Effect: "Allow",
      Action: "states:DescribeExecution",
      Resource: arn(place, "states", `execution:${machineName}:*`),
    },
    ...stateTable.statements(systems, ["GetItem", "UpdateItem"]),
  ];
}

/** What the report and page callbacks are limited to. */
export interface TellPermissionArgs {
  readonly targets: readonly RecoveryTarget[];
  readonly stateTable: StateTable;
  /** ARN of the secret or of the topic that the message goes out by. */
  readonly channel: { readonly secretArn: string } | { readonly topicArn: pulumi.Input<string> };
  /** ARN of the KMS key that encrypts the secret. @default AWS's own, which needs no permission */
  readonly secretKeyArn?: string;
}

/** Reads one secret or publishes to one topic, and remembers who has been told. */
export function tellStatements({ targets, stateTable, channel, secretKeyArn }: TellPermissionArgs): Statement[] {
  return [
    "secretArn" in channel
      ? { Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: channel.secretArn }
      : { Effect: "Allow", Action: "sns:Publish", Resource: channel.topicArn },
    ...(secretKeyArn ? [{ Effect: "Allow" as const, Action: "kms:Decrypt", Resource: secretKeyArn }] : []),
    ...stateTable.statements(
      targets.map((t) => systemOf(t.name)),
      ["UpdateItem"],
    ),
  ];
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
