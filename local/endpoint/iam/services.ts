import { healthCheckId } from "../world";
import { DYNAMODB } from "./dynamodb";
import { EC2 } from "./ec2";
import { ECS } from "./ecs";
import { GroupFacts } from "./facts";
import { anything, Asked, Operation, Question, tagContext } from "./operation";
import { runInstances } from "./runInstances";

/** The action's prefix in policies, and what each operation asks for. */
interface Service {
  readonly prefix: string;
  readonly operations: Readonly<Record<string, Operation>>;
}

function group(found: GroupFacts | undefined): Question[] {
  // Of a group that isn't there AWS asks about any.
  const { arn, tags } = found ?? { arn: "*", tags: {} };
  return [{ resource: arn, context: tagContext(tags, "aws:ResourceTag", "autoscaling:ResourceTag") }];
}
const namedGroup: Operation = async ({ request, facts }) =>
  group(await facts.group({ name: request.parameters.get("AutoScalingGroupName") ?? "" }));
/**
 * Who has a group launch from a template must be allowed to launch from it himself:
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-launch-template-permissions.html
 */
const startInstanceRefresh: Operation = async (asked) => {
  const prefix = "DesiredConfiguration.";
  const own = [...asked.request.parameters].filter(([name]) => name.startsWith(prefix));
  const parameters = new URLSearchParams(
    own.map(([name, value]): [string, string] => [name.slice(prefix.length), value]),
  );
  const launch = own.length === 0 ? [] : await runInstances({ ...asked, request: { ...asked.request, parameters } });
  return [...(await namedGroup(asked)), ...launch.map((one) => ({ action: "ec2:RunInstances", ...one }))];
};
const groupOfInstance: Operation = async ({ request, facts }) =>
  group(await facts.group({ instanceId: request.parameters.get("InstanceId") ?? "" }));

const parameter =
  (name: string): Operation =>
  ({ request }) => [{ resource: request.parameters.get(name) ?? "*" }];
const field =
  (name: string): Operation =>
  ({ input }) => [{ resource: String(input[name]) }];

/** Use of a KMS key by a service for the caller, whom the key's policy lets IAM decide about. */
function throughService(asked: Asked, service: string, key: string | undefined, ...actions: string[]): Question[] {
  const { region } = asked.request;
  const resource = key?.startsWith("arn:") ? key : asked.arn("kms", `key/${key}`);
  const context = { "kms:ViaService": [`${service}.${region}.amazonaws.com`] };
  return key === undefined ? [] : actions.map((action) => ({ action: `kms:${action}`, resource, context }));
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html: who publishes to an encrypted topic uses its key. */
const publish: Operation = async (asked) => {
  const topic = asked.request.parameters.get("TopicArn") ?? "*";
  const key = topic === "*" ? undefined : await asked.facts.topicKey(topic);
  return [{ resource: topic }, ...throughService(asked, "sns", key, "GenerateDataKey", "Decrypt")];
};

const queue: Operation = ({ input, arn }) => [
  { resource: arn("sqs", String(input["QueueUrl"]).split("/").pop() ?? "*") },
];

const alarms: Operation = ({ input, arn }) => {
  const names = (input["AlarmNames"] ?? ["*"]) as readonly string[];
  return names.map((name) => ({ resource: arn("cloudwatch", `alarm:${name}`) }));
};

const healthCheck: Operation = ({ request }) => [
  { resource: `arn:aws:route53:::healthcheck/${healthCheckId(request)}` },
];

const outpost: Operation = ({ request, arn }) => {
  const id = decodeURIComponent(request.path.split("/")[2] ?? "");
  return [{ resource: id.startsWith("arn:") ? id : arn("outposts", `outpost/${id}`) }];
};

/** https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html */
const secret: Operation = async (asked) => {
  const { arn, key } = await asked.facts.secret(String(asked.input["SecretId"]));
  return [{ resource: arn }, ...throughService(asked, "secretsmanager", key, "Decrypt")];
};

/** https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html: a version is encrypted anew. */
const putSecret: Operation = async (asked) => {
  const { arn, key } = await asked.facts.secret(String(asked.input["SecretId"]));
  return [{ resource: arn }, ...throughService(asked, "secretsmanager", key, "GenerateDataKey", "Decrypt")];
};
const namedSecret: Operation = async ({ input, facts }) => {
  const { arn } = await facts.secret(String(input["SecretId"]));
  return [{ resource: arn }];
};

const dbInstance: Operation = ({ request, arn }) => [
  { resource: arn("rds", `db:${request.parameters.get("DBInstanceIdentifier") ?? "*"}`) },
];

/** Targets have ids that nobody knows beforehand: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsapplicationautoscaling.html */
const scalableTarget: Operation = ({ input, arn }) => [
  {
    resource: arn("application-autoscaling", "scalable-target/*"),
    context: {
      "application-autoscaling:service-namespace": [String(input["ServiceNamespace"])],
      "application-autoscaling:scalable-dimension": [String(input["ScalableDimension"])],
    },
  },
];

/** By SigV4 service name. Each page of the Service Authorization Reference is named `list_…` after its service. */
export const SERVICES: Readonly<Record<string, Service>> = {
  ec2: { prefix: "ec2", operations: EC2 },
  autoscaling: {
    prefix: "autoscaling",
    operations: {
      DescribeAutoScalingGroups: anything,
      DescribeAutoScalingInstances: anything,
      DescribeLifecycleHooks: anything,
      CompleteLifecycleAction: namedGroup,
      RecordLifecycleActionHeartbeat: namedGroup,
      DescribeInstanceRefreshes: anything,
      StartInstanceRefresh: startInstanceRefresh,
      CancelInstanceRefresh: namedGroup,
      RollbackInstanceRefresh: namedGroup,
      SetInstanceHealth: groupOfInstance,
      TerminateInstanceInAutoScalingGroup: groupOfInstance,
    },
  },
  "application-autoscaling": {
    prefix: "application-autoscaling",
    operations: { DescribeScalableTargets: anything, RegisterScalableTarget: scalableTarget },
  },
  dynamodb: { prefix: "dynamodb", operations: DYNAMODB },
  ecs: { prefix: "ecs", operations: ECS },
  elasticloadbalancing: {
    prefix: "elasticloadbalancing",
    operations: {
      DescribeTargetGroups: anything,
      DescribeTargetHealth: anything,
      RegisterTargets: parameter("TargetGroupArn"),
      DeregisterTargets: parameter("TargetGroupArn"),
    },
  },
  monitoring: {
    prefix: "cloudwatch",
    operations: {
      DescribeAlarms: alarms,
      GetMetricData: anything,
      GetMetricStatistics: anything,
      ListMetrics: anything,
      PutMetricData: ({ input, request }) => [
        {
          resource: "*",
          context: {
            "cloudwatch:namespace": [String(input["Namespace"] ?? request.parameters.get("Namespace") ?? "")],
          },
        },
      ],
    },
  },
  sns: { prefix: "sns", operations: { Publish: publish } },
  sqs: { prefix: "sqs", operations: { SendMessage: queue, ReceiveMessage: queue, DeleteMessage: queue } },
  states: {
    prefix: "states",
    operations: { DescribeExecution: field("executionArn"), StartExecution: field("stateMachineArn") },
  },
  route53: {
    prefix: "route53",
    operations: { GetHealthCheck: healthCheck, GetHealthCheckStatus: healthCheck },
  },
  outposts: { prefix: "outposts", operations: { GetOutpostInstanceTypes: outpost } },
  rds: { prefix: "rds", operations: { DescribeDBInstances: dbInstance, ModifyDBInstance: dbInstance } },
  secretsmanager: {
    prefix: "secretsmanager",
    operations: {
      DescribeSecret: namedSecret,
      GetRandomPassword: anything,
      GetSecretValue: secret,
      PutSecretValue: putSecret,
      UpdateSecretVersionStage: namedSecret,
    },
  },
  ssm: {
    prefix: "ssm",
    operations: {
      GetParameter: ({ input, arn }) => [
        { resource: arn("ssm", `parameter/${String(input["Name"]).replace(/^\//, "")}`) },
      ],
    },
  },
};
