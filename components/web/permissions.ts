import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { SESSION_STATEMENT } from "../common/instanceRole";
import { arn, Place, publicArn } from "../common/place";
import { StateTable } from "../common/stateTable";

/** The secret of a database, and the key that encrypts it. */
export interface SecretToRead {
  readonly secretArn: pulumi.Input<string>;
  readonly secretKmsKeyArn: pulumi.Input<string>;
}

/** An instance of a tier: sessions, its own memory and disk, and its database's secret. */
export function instanceStatements(database: SecretToRead | undefined): aws.iam.PolicyStatement[] {
  return [
    SESSION_STATEMENT,
    {
      // Knows no resource-level permissions.
      Effect: "Allow",
      Action: "cloudwatch:PutMetricData",
      Resource: "*",
      Condition: { StringEquals: { "cloudwatch:namespace": "CWAgent" } },
    },
    // The agent learns its group's name by the instance's tags. Knows no resource-level permissions.
    { Effect: "Allow", Action: "ec2:DescribeTags", Resource: "*" },
    ...(database === undefined
      ? []
      : [
          { Effect: "Allow" as const, Action: "secretsmanager:GetSecretValue", Resource: database.secretArn },
          { Effect: "Allow" as const, Action: "kms:Decrypt", Resource: database.secretKmsKeyArn },
        ]),
  ];
}

/** A bastion: sessions, and its own address for itself. */
export function bastionStatements(
  place: Place,
  allocationId: pulumi.Input<string>,
  tag: { readonly key: string; readonly value: string },
): aws.iam.PolicyStatement[] {
  return [
    SESSION_STATEMENT,
    {
      Effect: "Allow",
      Action: "ec2:AssociateAddress",
      Resource: arn(place, "ec2", pulumi.interpolate`elastic-ip/${allocationId}`),
    },
    {
      Effect: "Allow",
      Action: "ec2:AssociateAddress",
      Resource: [arn(place, "ec2", "instance/*"), arn(place, "ec2", "network-interface/*")],
      Condition: { StringEquals: { [`aws:ResourceTag/${tag.key}`]: tag.value } },
    },
  ];
}

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
