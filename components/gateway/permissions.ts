import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { METRIC_NAMESPACE } from "../../lambdas/gateway/metrics";
import { arn, Place } from "../common/place";
import { StateTable } from "../common/stateTable";

/** What the callback's permissions are limited to. */
export interface CallbackPermissionArgs {
  readonly gatewayName: string;
  readonly routeTableIds: readonly pulumi.Input<string>[];
  readonly groupArns: readonly pulumi.Input<string>[];
  readonly topicArn: pulumi.Input<string>;
  readonly stateTable: StateTable;
  readonly place: Place;
}

/** The reconciling callback: reads, the gateway's own routes, its groups' lifecycle actions, and telling people. */
export function callbackStatements(args: CallbackPermissionArgs): pulumi.Output<aws.iam.PolicyStatement[]> {
  const routeTables = args.routeTableIds.map((id) => arn(args.place, "ec2", pulumi.interpolate`route-table/${id}`));
  return pulumi.output([
    {
      // None of these knows resource-level permissions.
      Effect: "Allow" as const,
      Action: [
        "ec2:DescribeInstances",
        "ec2:DescribeInstanceStatus",
        "ec2:DescribeRouteTables",
        "autoscaling:DescribeAutoScalingGroups",
        "cloudwatch:GetMetricData",
      ],
      Resource: "*",
    },
    { Effect: "Allow" as const, Action: ["ec2:CreateRoute", "ec2:ReplaceRoute"], Resource: routeTables },
    { Effect: "Allow" as const, Action: "autoscaling:CompleteLifecycleAction", Resource: [...args.groupArns] },
    { Effect: "Allow" as const, Action: "sns:Publish", Resource: args.topicArn },
    ...args.stateTable.statements([`gateway/${args.gatewayName}`], ["Query", "UpdateItem"]),
    {
      Effect: "Allow" as const,
      Action: "cloudwatch:PutMetricData",
      Resource: "*",
      Condition: { StringEquals: { "cloudwatch:namespace": METRIC_NAMESPACE } },
    },
  ]);
}

/** What a gateway instance's permissions are limited to. */
export interface InstancePermissionArgs {
  readonly place: Place;
  readonly groupName: string;
  /** Tag of the zone's interface and instances. */
  readonly tag: string;
  readonly value: string;
}

/**
 * A gateway instance: attach the zone's interface to the zone's instance, say how its launch went and whether it
 * forwards, and give itself up.
 */
export function instanceStatements(args: InstancePermissionArgs): aws.iam.PolicyStatement[] {
  const { place } = args;
  return [
    {
      Effect: "Allow",
      Action: "ec2:AttachNetworkInterface",
      Resource: [arn(place, "ec2", "network-interface/*"), arn(place, "ec2", "instance/*")],
      Condition: { StringEquals: { [`aws:ResourceTag/${args.tag}`]: args.value } },
    },
    {
      Effect: "Allow",
      Action: ["autoscaling:CompleteLifecycleAction", "autoscaling:SetInstanceHealth"],
      Resource: arn(place, "autoscaling", `autoScalingGroup:*:autoScalingGroupName/${args.groupName}`),
    },
    {
      // Knows no resource-level permissions.
      Effect: "Allow",
      Action: "cloudwatch:PutMetricData",
      Resource: "*",
      Condition: { StringEquals: { "cloudwatch:namespace": METRIC_NAMESPACE } },
    },
  ];
}
