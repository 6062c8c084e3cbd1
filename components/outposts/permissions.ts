import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { RELAUNCHED_BY } from "../../lambdas/outposts/settings";
import { arn, Place, publicArn } from "../common/place";
import { StateTable } from "../common/stateTable";

/** What the callbacks' permissions are limited to. */
export interface FailbackPermissionArgs {
  /** Partition of the state table, and value of the tag of relaunched instances. */
  readonly system: string;
  /** ARN of the destination. */
  readonly outpostArn: pulumi.Input<string>;
  readonly targetGroupArns: readonly string[];
  readonly topicArn: pulumi.Input<string>;
  readonly stateTable: StateTable;
  readonly place: Place;
}

/** A launch template as it is at each update. */
export interface ResolvedTemplate {
  readonly id: string;
  readonly arn: string;
  readonly imageId: string;
  /** Role of the template's instance profile, if it has one. */
  readonly roleArn: string | undefined;
}

/** As `FailbackPermissionArgs`, and what is launched where. */
export interface RelaunchPermissionArgs extends FailbackPermissionArgs {
  readonly templates: pulumi.Input<ResolvedTemplate>[];
  readonly subnetIds: pulumi.Input<string>[];
}

/** The relaunch callback: everything but terminating. */
export function relaunchStatements(args: RelaunchPermissionArgs): pulumi.Output<aws.iam.PolicyStatement[]> {
  return launching(args).apply((statements) => [
    ...common(args),
    { Effect: "Allow" as const, Action: "outposts:GetOutpostInstanceTypes", Resource: args.outpostArn },
    ...statements,
  ]);
}

/** The failback callback: terminate what this direction has relaunched. */
export function failbackStatements(args: FailbackPermissionArgs): pulumi.Output<aws.iam.PolicyStatement[]> {
  return pulumi.output([
    ...common(args),
    {
      Effect: "Allow" as const,
      Action: "ec2:TerminateInstances",
      Resource: arn(args.place, "ec2", "instance/*"),
      Condition: { StringEquals: { [`aws:ResourceTag/${RELAUNCHED_BY}`]: args.system } },
    },
  ]);
}

function common(args: FailbackPermissionArgs): aws.iam.PolicyStatement[] {
  const statements: aws.iam.PolicyStatement[] = [
    {
      // None of these knows resource-level permissions.
      Effect: "Allow",
      Action: [
        "ec2:DescribeInstances",
        "ec2:DescribeInstanceStatus",
        "cloudwatch:GetMetricData",
        "cloudwatch:DescribeAlarms",
        "elasticloadbalancing:DescribeTargetHealth",
      ],
      Resource: "*",
    },
    { Effect: "Allow", Action: "sns:Publish", Resource: args.topicArn },
    ...args.stateTable.statements([args.system], ["Query", "UpdateItem"]),
  ];
  if (args.targetGroupArns.length > 0) {
    statements.push({
      Effect: "Allow",
      Action: ["elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"],
      Resource: [...args.targetGroupArns],
    });
  }
  return statements;
}

/** RunInstances from the given templates, images and subnets only; PassRole for the templates' profiles only. */
function launching(args: RelaunchPermissionArgs): pulumi.Output<aws.iam.PolicyStatement[]> {
  const { place, system } = args;
  return pulumi.all([pulumi.all(args.templates), pulumi.all(args.subnetIds)]).apply(([templates, subnetIds]) => {
    const own = (resource: string) => arn(place, "ec2", resource);
    const templateArns = templates.map((t) => t.arn);
    const fromTemplates = { ArnEquals: { "ec2:LaunchTemplate": templateArns } };
    const tagged = { StringEquals: { [`aws:RequestTag/${RELAUNCHED_BY}`]: system } };
    const statements: aws.iam.PolicyStatement[] = [
      {
        Effect: "Allow",
        Action: "ec2:RunInstances",
        Resource: [
          ...templateArns,
          ...subnetIds.map((id) => own(`subnet/${id}`)),
          ...templates.map((t) => publicArn(place, "ec2", place.region, `image/${t.imageId}`)),
        ],
      },
      {
        Effect: "Allow",
        Action: "ec2:RunInstances",
        Resource: ["network-interface/*", "volume/*", "security-group/*", "key-pair/*"].map(own),
        Condition: fromTemplates,
      },
      {
        Effect: "Allow",
        Action: "ec2:RunInstances",
        Resource: own("instance/*"),
        Condition: { ...fromTemplates, ...tagged },
      },
      {
        Effect: "Allow",
        Action: "ec2:CreateTags",
        Resource: own("instance/*"),
        Condition: { StringEquals: { "ec2:CreateAction": "RunInstances" } },
      },
    ];
    const roles = [...new Set(templates.flatMap((t) => t.roleArn ?? []))];
    if (roles.length > 0) {
      statements.push({
        Effect: "Allow",
        Action: "iam:PassRole",
        Resource: roles,
        Condition: { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } },
      });
    }
    return statements;
  });
}
