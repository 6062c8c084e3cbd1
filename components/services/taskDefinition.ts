import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { DatabaseConnection, Offering } from "../common/connections";
import { placeOf } from "../common/place";
import { executionStatements, taskStatements } from "./permissions";

/** What a task is, as configured. */
export interface TaskOptions {
  /** CPU units that a task reserves: 1,024 are a vCPU. */
  readonly cpu: number;
  /** MiB that a task reserves. It may use more while the host has it. */
  readonly memoryMiB: number;
  /** Where the container listens; it is told so by `PORT`. */
  readonly port: number;
  /** Seconds that requests may go on which a task has when it is taken out. */
  readonly drainSeconds: number;
  /** Variables of the environment. No secrets. */
  readonly environment: Readonly<Record<string, string>>;
  /** Variables whose values are secrets, by ARN. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** Arguments of `createTaskDefinition`. */
export interface TaskDefinitionArgs {
  /** Name of the service, and of its container. */
  readonly service: string;
  readonly options: TaskOptions;
  readonly image: pulumi.Input<string>;
  /** ARN of the private ECR repository that the image is in. @default it is in none */
  readonly repositoryArn?: pulumi.Input<string> | undefined;
  /** The database that it uses. @default none */
  readonly database?: DatabaseConnection | undefined;
  /** What else of the stack it uses. */
  readonly offerings: readonly Offering[];
  readonly logRetentionDays: number;
  readonly kmsKeyArn: pulumi.Input<string>;
}

/** Seconds that a container has between the end of its draining and its end by force. */
const GRACE_SECONDS = 15;

/**
 * A service's task definition: one container on the host's bridge, at a port that Docker chooses, with a role of its own,
 * its secrets by ARN and its output in a log group. Earlier revisions stay, because a deployment that fails goes back to
 * one, and ECS starts no tasks of a revision that is gone.
 */
export function createTaskDefinition(
  name: string,
  args: TaskDefinitionArgs,
  parent: pulumi.Resource,
): { readonly definition: aws.ecs.TaskDefinition; readonly policies: pulumi.Resource[] } {
  const { options } = args;
  const logGroup = new aws.cloudwatch.LogGroup(
    `${name}-logs`,
    { retentionInDays: args.logRetentionDays, kmsKeyId: args.kmsKeyArn },
    { parent },
  );
  const task = createRole(`${name}-task`, taskStatements(args.database, args.offerings), parent);
  const execution = createRole(
    `${name}-execution`,
    pulumi.output(
      executionStatements(parent, {
        logGroupArn: logGroup.arn,
        repositoryArn: args.repositoryArn,
        secretArns: Object.values(options.secrets),
      }),
    ) as pulumi.Output<aws.iam.PolicyStatement[]>,
    parent,
  );
  const definition = new aws.ecs.TaskDefinition(
    `${name}-tasks`,
    {
      family: `${pulumi.getProject()}-${pulumi.getStack()}-${name}`,
      requiresCompatibilities: ["EC2"],
      networkMode: "bridge",
      taskRoleArn: task.role.arn,
      executionRoleArn: execution.role.arn,
      containerDefinitions: pulumi.jsonStringify([container(args, logGroup, parent)]),
      skipDestroy: true,
    },
    { parent },
  );
  return { definition, policies: [task.policy, execution.policy] };
}

function createRole(
  name: string,
  statements: pulumi.Output<aws.iam.PolicyStatement[]>,
  parent: pulumi.Resource,
): { role: aws.iam.Role; policy: aws.iam.RolePolicy } {
  const role = new aws.iam.Role(
    `${name}-role`,
    { assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "ecs-tasks.amazonaws.com" }) },
    { parent },
  );
  const policy = new aws.iam.RolePolicy(
    `${name}-policy`,
    {
      role: role.id,
      policy: pulumi.jsonStringify({
        Version: "2012-10-17",
        // IAM takes no policy without statements.
        Statement: statements.apply((given) => (given.length === 0 ? [NOTHING] : given)),
      }),
    },
    { parent: role },
  );
  return { role, policy };
}

/** What an application may do that uses nothing of the stack. */
const NOTHING: aws.iam.PolicyStatement = { Effect: "Deny", Action: "*", Resource: "*" };

function container(args: TaskDefinitionArgs, logGroup: aws.cloudwatch.LogGroup, parent: pulumi.Resource) {
  const { options, service } = args;
  const { region } = placeOf(parent);
  return {
    name: service,
    image: args.image,
    essential: true,
    cpu: options.cpu,
    // The soft limit: what is placed by, and what a task may go beyond while its host has memory.
    memoryReservation: options.memoryMiB,
    portMappings: [{ containerPort: options.port, hostPort: 0, protocol: "tcp" }],
    environment: pulumi.output(environmentOf(args, region)).apply(pairs),
    secrets: Object.entries(options.secrets)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, valueFrom]) => ({ name, valueFrom })),
    // Longer than draining takes: ECS counts from when it takes a task out.
    stopTimeout: options.drainSeconds + GRACE_SECONDS,
    // Reaps what the application leaves, and passes signals on to it.
    linuxParameters: { initProcessEnabled: true },
    logConfiguration: {
      logDriver: "awslogs",
      options: {
        "awslogs-group": logGroup.name,
        "awslogs-region": region,
        "awslogs-stream-prefix": service,
        // CloudWatch Logs out of reach must not stop an application that writes.
        mode: "non-blocking",
        "max-buffer-size": "25m",
      },
    },
  };
}

/** Variables of a task: its own come last, so that they win. */
function environmentOf({ database, offerings, options }: TaskDefinitionArgs, region: pulumi.Output<string>) {
  const given: Record<string, pulumi.Input<string>> = Object.assign(
    // Tasks can't ask the host's metadata where they are.
    { AWS_REGION: region, PORT: String(options.port) },
    database && {
      DATABASE_ENGINE: database.engine,
      DATABASE_HOST: database.host,
      DATABASE_PORT: database.port.apply(String),
      DATABASE_NAME: database.name,
      DATABASE_SECRET_ARN: database.secretArn,
    },
    ...offerings.map(({ environment }) => environment),
    options.environment,
  );
  return given;
}

/** In an order that is the same every time: another one would be another revision. */
const pairs = (variables: Readonly<Record<string, string>>) =>
  Object.entries(variables)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => ({ name, value }));
