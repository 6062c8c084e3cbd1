import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { arn, Place, publicArn } from "./place";
import { StateTable } from "./stateTable";

/** What a rollout's permissions are limited to. */
export interface RolloutPermissionArgs {
  readonly place: Place;
  readonly groupArn: pulumi.Input<string>;
  readonly launchTemplateArn: pulumi.Input<string>;
  readonly instanceRoleArn: pulumi.Input<string>;
}

/**
 * The rollout: it starts and cancels the group's refreshes. Auto Scaling tries with the caller's permissions whether it
 * may launch what the template says; that these name no image keeps the policy as it is when the image changes.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-launch-template-permissions.html
 */
export function rolloutStatements(args: RolloutPermissionArgs): aws.iam.PolicyStatement[] {
  const { place } = args;
  const launched = ["instance/*", "volume/*", "network-interface/*", "subnet/*", "security-group/*"];
  return [
    {
      // None of these is limited to a group or to alarms.
      Effect: "Allow",
      Action: [
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeInstanceRefreshes",
        "cloudwatch:DescribeAlarms",
      ],
      Resource: "*",
    },
    {
      Effect: "Allow",
      Action: ["autoscaling:StartInstanceRefresh", "autoscaling:CancelInstanceRefresh"],
      Resource: args.groupArn,
    },
    {
      Effect: "Allow",
      Action: "ec2:RunInstances",
      Resource: [
        ...launched.map((resource) => arn(place, "ec2", resource)),
        publicArn(place, "ec2", place.region, "image/*"),
        args.launchTemplateArn,
      ],
      Condition: { ArnEquals: { "ec2:LaunchTemplate": args.launchTemplateArn } },
    },
    {
      Effect: "Allow",
      Action: "ec2:CreateTags",
      Resource: ["instance/*", "volume/*"].map((resource) => arn(place, "ec2", resource)),
      Condition: { StringEquals: { "ec2:CreateAction": "RunInstances" } },
    },
    {
      Effect: "Allow",
      Action: "iam:PassRole",
      Resource: args.instanceRoleArn,
      Condition: { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } },
    },
  ];
}

/** What tells people of refreshes: it reads them, and remembers what people know. */
export function tellingStatements(
  system: string,
  topicArn: pulumi.Input<string>,
  stateTable: StateTable,
): aws.iam.PolicyStatement[] {
  return [
    // Knows no resource-level permissions.
    { Effect: "Allow", Action: "autoscaling:DescribeInstanceRefreshes", Resource: "*" },
    { Effect: "Allow", Action: "sns:Publish", Resource: topicArn },
    ...stateTable.statements([system], ["Query", "UpdateItem"]),
  ];
}
