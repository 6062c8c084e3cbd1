import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { DatabaseConnection, Offering } from "../common/connections";
import { SESSION_STATEMENT } from "../common/instanceRole";
import { arn, placeOf } from "../common/place";
import { StateTable } from "../common/stateTable";

const clusterName = (clusterArn: pulumi.Output<string>) => clusterArn.apply((text) => text.split("/").at(-1) ?? "");

const hostsOf = (component: pulumi.Resource, clusterArn: pulumi.Output<string>) =>
  arn(placeOf(component), "ecs", pulumi.interpolate`container-instance/${clusterName(clusterArn)}/*`);

/** ARN of a cluster's services: of one, or by a pattern. */
export const servicesOf = (component: pulumi.Resource, clusterArn: pulumi.Output<string>, pattern: string) =>
  arn(placeOf(component), "ecs", pulumi.interpolate`service/${clusterName(clusterArn)}/${pattern}`);

/**
 * A host: what ECS's agent needs for its own cluster, and sessions. AWS's managed policy may do all of it to every cluster.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
 */
export function hostStatements(
  component: pulumi.Resource,
  clusterArn: pulumi.Output<string>,
): aws.iam.PolicyStatement[] {
  return [
    SESSION_STATEMENT,
    {
      Effect: "Allow",
      Action: [
        "ecs:RegisterContainerInstance",
        "ecs:DeregisterContainerInstance",
        "ecs:SubmitContainerStateChange",
        "ecs:SubmitTaskStateChange",
        "ecs:SubmitAttachmentStateChanges",
      ],
      Resource: clusterArn,
    },
    {
      Effect: "Allow",
      Action: ["ecs:Poll", "ecs:StartTelemetrySession"],
      Resource: hostsOf(component, clusterArn),
      Condition: { ArnEquals: { "ecs:cluster": clusterArn } },
    },
    // Knows no resource-level permissions.
    { Effect: "Allow", Action: "ecs:DiscoverPollEndpoint", Resource: "*" },
  ];
}

/** What ECS does on a task's behalf before the task runs. */
export interface ExecutionArgs {
  readonly logGroupArn: pulumi.Input<string>;
  /** ARN of the private ECR repository that the image is in. @default it is in none */
  readonly repositoryArn?: pulumi.Input<string> | undefined;
  /** ARNs of secrets, as a task definition takes them: with keys or without. */
  readonly secretArns: readonly string[];
}

/** The execution role: it pulls the image, writes logs, and reads the secrets that become variables. */
export function executionStatements(component: pulumi.Resource, args: ExecutionArgs): aws.iam.PolicyStatement[] {
  const { logGroupArn, repositoryArn, secretArns } = args;
  const place = placeOf(component);
  // arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME, before key, stage and version.
  const secrets = [...new Set(secretArns.map((one) => one.split(":").slice(0, 7).join(":")))];
  return [
    {
      Effect: "Allow",
      Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
      Resource: pulumi.interpolate`${logGroupArn}:*`,
    },
    ...(repositoryArn === undefined
      ? []
      : [
          // Knows no resource-level permissions.
          { Effect: "Allow" as const, Action: "ecr:GetAuthorizationToken", Resource: "*" },
          {
            Effect: "Allow" as const,
            Action: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            Resource: repositoryArn,
          },
        ]),
    ...(secrets.length === 0
      ? []
      : [
          { Effect: "Allow" as const, Action: "secretsmanager:GetSecretValue", Resource: secrets },
          {
            // Whichever key encrypts them, and for nothing else: Secrets Manager names the secret in every request.
            // https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
            Effect: "Allow" as const,
            Action: "kms:Decrypt",
            Resource: arn(place, "kms", "key/*"),
            Condition: {
              StringEquals: {
                "kms:ViaService": pulumi.interpolate`secretsmanager.${place.region}.amazonaws.com`,
                "kms:EncryptionContext:SecretARN": secrets,
              },
            },
          },
        ]),
  ];
}

/** The task role: the application's own, with what it uses of the stack. */
export function taskStatements(
  database: DatabaseConnection | undefined,
  offerings: readonly Offering[],
): pulumi.Output<aws.iam.PolicyStatement[]> {
  const own: aws.iam.PolicyStatement[] =
    database === undefined
      ? []
      : [
          { Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: database.secretArn },
          { Effect: "Allow", Action: "kms:Decrypt", Resource: database.secretKmsKeyArn },
        ];
  return pulumi
    .all(offerings.map(({ statements }) => pulumi.output(statements)))
    .apply((all) => [...own, ...(all.flat() as aws.iam.PolicyStatement[])]);
}

/** What telling people takes. */
interface TellingArgs {
  readonly clusterArn: pulumi.Output<string>;
  readonly system: string;
  readonly topicArn: pulumi.Input<string>;
  readonly stateTable: StateTable;
}

const tellingStatements = ({ system, topicArn, stateTable }: TellingArgs): aws.iam.PolicyStatement[] => [
  { Effect: "Allow", Action: "sns:Publish", Resource: topicArn },
  ...stateTable.statements([system], ["Query", "UpdateItem"]),
];

/** The care of hosts: it reads the cluster's hosts and the group's instances, and replaces or deregisters them. */
export function careStatements(
  component: pulumi.Resource,
  args: TellingArgs & { readonly groupArn: pulumi.Output<string> },
): aws.iam.PolicyStatement[] {
  const { clusterArn, groupArn } = args;
  return [
    {
      Effect: "Allow",
      Action: ["ecs:ListContainerInstances", "ecs:DeregisterContainerInstance"],
      Resource: clusterArn,
    },
    { Effect: "Allow", Action: "ecs:DescribeContainerInstances", Resource: hostsOf(component, clusterArn) },
    {
      // Neither is limited to a group.
      Effect: "Allow",
      Action: ["autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeLifecycleHooks"],
      Resource: "*",
    },
    {
      Effect: "Allow",
      Action: ["autoscaling:TerminateInstanceInAutoScalingGroup", "autoscaling:CompleteLifecycleAction"],
      Resource: groupArn,
    },
    ...tellingStatements(args),
  ];
}

/** The care of deployments: it reads the cluster's services, and begins a deployment again. */
export function deploymentStatements(component: pulumi.Resource, args: TellingArgs): aws.iam.PolicyStatement[] {
  const { clusterArn } = args;
  return [
    {
      // Knows no resource-level permissions.
      Effect: "Allow",
      Action: "ecs:ListServices",
      Resource: "*",
      Condition: { ArnEquals: { "ecs:cluster": clusterArn } },
    },
    {
      Effect: "Allow",
      Action: ["ecs:DescribeServices", "ecs:UpdateService"],
      Resource: servicesOf(component, clusterArn, "*"),
    },
    ...tellingStatements(args),
  ];
}

/** What lights a pilot light: the number of the cluster's services' tasks, and its bounds. */
export function lightStatements(
  component: pulumi.Resource,
  clusterArn: pulumi.Output<string>,
): aws.iam.PolicyStatement[] {
  return [
    {
      Effect: "Allow",
      Action: ["ecs:DescribeServices", "ecs:UpdateService"],
      Resource: servicesOf(component, clusterArn, "*"),
    },
    {
      // The ids of scalable targets are AWS's own, and not known before there is one.
      // https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsapplicationautoscaling.html
      Effect: "Allow",
      Action: "application-autoscaling:RegisterScalableTarget",
      Resource: arn(placeOf(component), "application-autoscaling", "scalable-target/*"),
      Condition: {
        StringEquals: {
          "application-autoscaling:service-namespace": "ecs",
          "application-autoscaling:scalable-dimension": "ecs:service:DesiredCount",
        },
      },
    },
  ];
}
