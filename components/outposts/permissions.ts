import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { RELAUNCHED_BY } from "../../lambdas/outposts/settings";
import { arn, Place, publicArn } from "../common/place";
import { StateTable } from "../common/stateTable";
import { LaunchTemplate } from "./launchTemplate";

/** What the callback's permissions are limited to. */
export interface RelaunchPermissionArgs {
  /** Partition of the state table, and value of the tag of relaunched instances. */
  readonly system: string;
  /** ARN of the destination. */
  readonly outpostArn: pulumi.Input<string>;
  readonly templates: readonly LaunchTemplate[];
  /** The subnets to launch into. */
  readonly subnetIds: pulumi.Input<string>[];
  readonly targetGroupArns: readonly string[];
  readonly topicArn: pulumi.Input<string>;
  readonly stateTable: StateTable;
  /** With `notify`, people terminate what was relaunched. */
  readonly failback: "notify" | "terminate-relaunched";
  readonly place: Place;
}

type Statement = aws.iam.PolicyStatement;

/** Look, launch, move traffic, and terminate what this direction has relaunched. */
export function relaunchStatements(args: RelaunchPermissionArgs): Statement[] {
  return [
    ...looking(args),
    ...launching(args),
    ...passingRoles(args.templates),
    ...usingKeys(args),
    ...movingTraffic(args.targetGroupArns),
    ...givingBack(args),
    { Effect: "Allow", Action: "sns:Publish", Resource: args.topicArn },
    ...args.stateTable.statements([args.system], ["Query", "UpdateItem"]),
  ];
}

/** Only what this direction has relaunched, and only if it gives back by itself. */
function givingBack({ failback, place, system }: RelaunchPermissionArgs): Statement[] {
  return failback === "notify"
    ? []
    : [
        {
          Effect: "Allow",
          Action: "ec2:TerminateInstances",
          Resource: arn(place, "ec2", "instance/*"),
          Condition: { StringEquals: { [`aws:ResourceTag/${RELAUNCHED_BY}`]: system } },
        },
      ];
}

function looking({ outpostArn, targetGroupArns }: RelaunchPermissionArgs): Statement[] {
  return [
    {
      // None of these knows resource-level permissions.
      Effect: "Allow",
      Action: [
        "ec2:DescribeInstances",
        "ec2:DescribeInstanceStatus",
        "cloudwatch:GetMetricData",
        "cloudwatch:DescribeAlarms",
        ...(targetGroupArns.length > 0 ? ["elasticloadbalancing:DescribeTargetHealth"] : []),
      ],
      Resource: "*",
    },
    { Effect: "Allow", Action: "outposts:GetOutpostInstanceTypes", Resource: outpostArn },
  ];
}

/**
 * RunInstances from the templates' versions and into the subnets only. What a launch makes and uses besides, and can't be
 * known by its id, is limited to launches from these templates: who may edit them is who decides about it.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/permissions-for-launch-templates.html
 */
function launching({ place, system, templates, subnetIds }: RelaunchPermissionArgs): Statement[] {
  const own = (resource: pulumi.Input<string>) => arn(place, "ec2", resource);
  const templateArns = unique(templates.map((t) => t.id)).map((id) => own(`launch-template/${id}`));
  const fromTemplates = { ArnEquals: { "ec2:LaunchTemplate": templateArns } };
  const runInstances = { Effect: "Allow" as const, Action: "ec2:RunInstances" };
  return [
    {
      ...runInstances,
      Resource: [
        ...templateArns,
        ...subnetIds.map((id) => own(pulumi.interpolate`subnet/${id}`)),
        ...unique(templates.map((t) => t.imageId)).map((id) => publicArn(place, "ec2", place.region, `image/${id}`)),
      ],
    },
    {
      ...runInstances,
      Resource: [
        ...["network-interface/*", "volume/*", "security-group/*"].map(own),
        ...unique(templates.flatMap((t) => t.keyName ?? [])).map((name) => own(`key-pair/${name}`)),
        ...unique(templates.flatMap((t) => t.placementGroup ?? [])).map((name) => own(`placement-group/${name}`)),
        ...(templates.some((t) => t.fromSnapshots) ? [publicArn(place, "ec2", place.region, "snapshot/*")] : []),
      ],
      Condition: fromTemplates,
    },
    {
      ...runInstances,
      Resource: own("instance/*"),
      Condition: { ...fromTemplates, StringEquals: { [`aws:RequestTag/${RELAUNCHED_BY}`]: system } },
    },
    {
      Effect: "Allow",
      Action: "ec2:CreateTags",
      Resource: ["instance", ...unique(templates.flatMap((t) => t.tagged))].map((type) => own(`${type}/*`)),
      Condition: { StringEquals: { "ec2:CreateAction": "RunInstances" } },
    },
  ];
}

function passingRoles(templates: readonly LaunchTemplate[]): Statement[] {
  const roles = unique(templates.flatMap((t) => t.roleArn ?? []));
  return roles.length === 0
    ? []
    : [
        {
          Effect: "Allow",
          Action: "iam:PassRole",
          Resource: roles,
          Condition: { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } },
        },
      ];
}

/**
 * What EBS needs of whoever launches, to encrypt volumes: without it a launch succeeds and the instance ends at once.
 * https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html
 */
function usingKeys({ templates, place }: RelaunchPermissionArgs): Statement[] {
  const keys = unique(templates.flatMap((t) => t.kmsKeyArns));
  const throughEc2 = { StringEquals: { "kms:ViaService": pulumi.interpolate`ec2.${place.region}.amazonaws.com` } };
  return keys.length === 0
    ? []
    : [
        {
          Effect: "Allow",
          Action: [
            ...["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext"],
            ...["kms:ReEncryptFrom", "kms:ReEncryptTo"],
          ],
          Resource: keys,
          Condition: throughEc2,
        },
        {
          Effect: "Allow",
          Action: "kms:CreateGrant",
          Resource: keys,
          Condition: { ...throughEc2, Bool: { "kms:GrantIsForAWSResource": "true" } },
        },
      ];
}

function movingTraffic(targetGroupArns: readonly string[]): Statement[] {
  return targetGroupArns.length === 0
    ? []
    : [
        {
          Effect: "Allow",
          Action: ["elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"],
          Resource: unique(targetGroupArns),
        },
      ];
}

const unique = (names: readonly string[]) => [...new Set(names)];
