import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { METRIC_NAMESPACE } from "../../lambdas/gateway/report";

/** What the callbacks' permissions are limited to. */
export interface CallbackPermissionArgs {
  readonly gatewayName: string;
  readonly routeTableIds: readonly pulumi.Input<string>[];
  readonly groupArns: readonly pulumi.Input<string>[];
  readonly topicArn: pulumi.Input<string>;
  readonly stateTableArn: pulumi.Input<string>;
  readonly region: pulumi.Input<string>;
  readonly account: pulumi.Input<string>;
}

/** The failover callback: reads, the gateway's own routes, and the groups' lifecycle actions. */
export function failoverStatements(args: CallbackPermissionArgs): pulumi.Output<aws.iam.PolicyStatement[]> {
  return pulumi.output([
    ...commonStatements(args),
    { Effect: "Allow" as const, Action: "autoscaling:CompleteLifecycleAction", Resource: [...args.groupArns] },
  ]);
}

/** The restore callback: reads and the gateway's own routes. */
export function restoreStatements(args: CallbackPermissionArgs): pulumi.Output<aws.iam.PolicyStatement[]> {
  return pulumi.output(commonStatements(args));
}

function commonStatements(args: CallbackPermissionArgs): pulumi.Input<aws.iam.PolicyStatement>[] {
  const routeTables = args.routeTableIds.map(
    (id) => pulumi.interpolate`arn:aws:ec2:${args.region}:${args.account}:route-table/${id}`,
  );
  return [
    {
      // None of these knows resource-level permissions.
      Effect: "Allow",
      Action: [
        "ec2:DescribeInstances",
        "ec2:DescribeInstanceStatus",
        "ec2:DescribeRouteTables",
        "autoscaling:DescribeAutoScalingGroups",
      ],
      Resource: "*",
    },
    { Effect: "Allow", Action: ["ec2:CreateRoute", "ec2:ReplaceRoute"], Resource: routeTables },
    { Effect: "Allow", Action: "sns:Publish", Resource: args.topicArn },
    {
      Effect: "Allow",
      Action: ["dynamodb:Query", "dynamodb:UpdateItem"],
      Resource: args.stateTableArn,
      Condition: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": [`gateway/${args.gatewayName}`] } },
    },
    {
      Effect: "Allow",
      Action: "cloudwatch:PutMetricData",
      Resource: "*",
      Condition: { StringEquals: { "cloudwatch:namespace": METRIC_NAMESPACE } },
    },
  ];
}

/** What a gateway instance's permissions are limited to. */
export interface InstancePermissionArgs {
  readonly region: string;
  readonly account: string;
  readonly groupName: string;
  /** Tag of the zone's interface and instances. */
  readonly tag: string;
  readonly value: string;
}

/** A gateway instance: attach the zone's interface to the zone's instance, and say how its launch went. */
export function instanceStatements(args: InstancePermissionArgs): aws.iam.PolicyStatement[] {
  const { region, account } = args;
  return [
    {
      Effect: "Allow",
      Action: "ec2:AttachNetworkInterface",
      Resource: [`arn:aws:ec2:${region}:${account}:network-interface/*`, `arn:aws:ec2:${region}:${account}:instance/*`],
      Condition: { StringEquals: { [`aws:ResourceTag/${args.tag}`]: args.value } },
    },
    {
      Effect: "Allow",
      Action: "autoscaling:CompleteLifecycleAction",
      Resource: `arn:aws:autoscaling:${region}:${account}:autoScalingGroup:*:autoScalingGroupName/${args.groupName}`,
    },
  ];
}
