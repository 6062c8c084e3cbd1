import { IAMClient, paginateListRoles } from "@aws-sdk/client-iam";
import { rolePolicies } from "../../local/endpoint/iam/roles";
import { Clients } from "../../local/endpoint/clients";
import { listOf, NamedPolicy, Statement } from "../../model/iam/document";

/**
 * Actions that AWS's services do with a role by themselves, so that no call of deployed code shows the need, and why the
 * statements stay.
 */
const BY_SERVICES: Readonly<Record<string, string>> = {
  "logs:CreateLogStream": "Lambda and flow logs write logs",
  "logs:PutLogEvents": "Lambda and flow logs write logs",
  "logs:DescribeLogStreams": "flow logs look for their stream",
  "xray:PutTraceSegments": "Lambda and Step Functions trace",
  "xray:PutTelemetryRecords": "Lambda and Step Functions trace",
  "xray:GetSamplingRules": "Step Functions traces",
  "xray:GetSamplingTargets": "Step Functions traces",
  "sqs:SendMessage": "Lambda sends what it has given up to the dead-letter queue",
  "sqs:ReceiveMessage": "Lambda's mapping takes events from the queue",
  "sqs:DeleteMessage": "Lambda's mapping takes events from the queue",
  "sqs:GetQueueAttributes": "Lambda's mapping takes events from the queue",
  "sqs:ChangeMessageVisibility": "Lambda's mapping takes events from the queue",
  "kms:Decrypt": "Lambda, SQS and Step Functions use the key for logs, dead letters, queues and execution data",
  "kms:GenerateDataKey": "Lambda, SQS and Step Functions use the key for logs, dead letters, queues and execution data",
  "lambda:InvokeFunction": "Step Functions runs the tasks; the emulator does so without asking IAM",
  "states:StartExecution": "EventBridge starts executions; the bus asks the role's policies",
  "logs:CreateLogDelivery": "Step Functions delivers logs",
  "logs:GetLogDelivery": "Step Functions delivers logs",
  "logs:UpdateLogDelivery": "Step Functions delivers logs",
  "logs:DeleteLogDelivery": "Step Functions delivers logs",
  "logs:ListLogDeliveries": "Step Functions delivers logs",
  "logs:PutResourcePolicy": "Step Functions delivers logs",
  "logs:DescribeResourcePolicies": "Step Functions delivers logs",
  "logs:DescribeLogGroups": "Step Functions delivers logs",
  "ec2:CreateNetworkInterface": "Lambda attaches functions to a VPC",
  "ec2:DescribeNetworkInterfaces": "Lambda attaches functions to a VPC",
  "ec2:DescribeSubnets": "Lambda attaches functions to a VPC",
  "ec2:DeleteNetworkInterface": "Lambda attaches functions to a VPC",
  "ec2:AssignPrivateIpAddresses": "Lambda attaches functions to a VPC",
  "ec2:UnassignPrivateIpAddresses": "Lambda attaches functions to a VPC",
  "ssm:UpdateInstanceInformation": "Systems Manager's agent says that its instance is there",
  "ssmmessages:CreateControlChannel": "Systems Manager's agent opens sessions",
  "ssmmessages:CreateDataChannel": "Systems Manager's agent opens sessions",
  "ssmmessages:OpenControlChannel": "Systems Manager's agent opens sessions",
  "ssmmessages:OpenDataChannel": "Systems Manager's agent opens sessions",
};

/** Statements that stay although no drill or test comes by, by role and action, and why. */
const EXCEPTIONS: readonly { readonly role: RegExp; readonly actions: RegExp; readonly why: string }[] = [
  {
    role: /^recovery-role-/,
    actions: /^sns:Publish$/,
    why: "the state machine publishes itself if the pager fails; the emulator does so without asking IAM",
  },
  {
    role: /^store-store-b-reconcile-role-/,
    actions: /^ec2:TerminateInstances$/,
    why: "drills play the way back in the pair's other direction, whose function is the same",
  },
  {
    role: /-instances-role-/,
    actions: /^cloudwatch:PutMetricData$/,
    why: "CloudWatch's agent, which no machine here has, sends memory and disk",
  },
  {
    role: /-instances-role-/,
    actions: /^ec2:DescribeTags$/,
    why: "CloudWatch's agent, which no machine here has, learns its group's name",
  },
  {
    role: /-instances-role-/,
    actions: /^secretsmanager:GetSecretValue$/,
    why: "a tier's user data is run with a stand-in for Secrets Manager (test/components/web/userData.test.ts)",
  },
  {
    role: /-(out|back)-role-/,
    actions: /^(s3|kms):/,
    why: "S3 copies users' files by itself; the emulator does so without asking IAM",
  },
  {
    role: /-hosts-role-/,
    actions: /^ecs:/,
    why: "ECS's agent, which no machine here has, registers its host and asks for work",
  },
  {
    role: /-execution-role-/,
    actions: /^(ecr|secretsmanager):/,
    why: "ECS pulls images and reads secrets before a task starts; no task runs here",
  },
  {
    role: /-task-role-/,
    actions: /^(elasticache:Connect|s3:|secretsmanager:GetSecretValue|ses:)/,
    why: "applications run as processes of their own (test/examples/service.test.ts), no task under its role",
  },
];

interface Deployed {
  readonly role: string;
  readonly policy: NamedPolicy;
}

const statementsOf = ({ policy }: Deployed) => listOf(policy.document.Statement);

/** Policies that differ in their ARNs and names only are one: those of the functions of two instances, of two stacks. */
const kindOf = (deployed: Deployed) =>
  JSON.stringify(
    statementsOf(deployed).map(({ Effect, Action, Condition = {} }) => [
      Effect,
      Action,
      Object.entries(Condition).map(([operator, keys]) => [operator, Object.keys(keys)]),
    ]),
  );

/** The allowing statements of deployed roles that no call has needed since the endpoint was started. */
export async function unneededStatements(clients: Clients): Promise<string[]> {
  const iam = clients.make(IAMClient, "us-east-1");
  const deployed: Deployed[] = [];
  for await (const { Roles = [] } of paginateListRoles({ client: iam }, {})) {
    for (const { RoleName: role = "" } of Roles) {
      deployed.push(...(await rolePolicies(iam, role)).map((policy) => ({ role, policy })));
    }
  }
  const calls = await clients.endpoint.neededStatements();
  const needed = new Set(
    deployed.flatMap((one) => {
      const own = calls.filter((c) => c.role === one.role && c.policy === one.policy.name);
      return own.map((c) => `${kindOf(one)} ${c.index}`);
    }),
  );
  return deployed.flatMap((one) =>
    statementsOf(one).flatMap((statement, index) =>
      statement.Effect === "Deny" || needed.has(`${kindOf(one)} ${index}`) || isExcused(one.role, statement)
        ? []
        : [`${one.role}: ${listOf(statement.Action).join(", ")} on ${listOf(statement.Resource).join(", ")}`],
    ),
  );
}

function isExcused(role: string, { Action }: Statement): boolean {
  return listOf(Action).every(
    (action) => action in BY_SERVICES || EXCEPTIONS.some((e) => e.role.test(role) && e.actions.test(action)),
  );
}
