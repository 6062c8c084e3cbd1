import { DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { DescribeTaskDefinitionCommand, ECSClient } from "@aws-sdk/client-ecs";
import { DescribeTargetGroupsCommand, ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { rewritten } from "../answers";
import { Request } from "../call";
import { Answered } from "../clientTokens";
import { AwsError } from "../errors";
import { World } from "../world";
import { Cluster, Needs } from "./cluster";
import { advanced, deployed, deployment, DeploymentChange, described, Fields, settingsOf } from "./services";
import { TASK_OPERATIONS } from "./tasks";

interface Refusal {
  readonly refusal: AwsError;
}

/** An error as ECS answers it: all of the caller's errors are 400. */
export const refuse = (code: string, message: string): Refusal => ({ refusal: { status: 400, code, message } });

/**
 * What moto lacks of ECS: it keeps clusters, services and task definitions, but runs nothing, and forgets settings of
 * services. What an agent and ECS itself do comes through their own calls (`RegisterContainerInstance`, `StartTask`,
 * `SubmitTaskStateChange`, …), which whoever plays them makes; how deployments go, through `advance`.
 */
export class Ecs {
  /** By Region and name. */
  private readonly clusters = new Map<string, Cluster>();
  /** What capacity providers were told that moto forgets, by Region and name. */
  private readonly providers = new Map<string, Fields>();
  /** What task definitions need, by ARN: that never changes. */
  private readonly needs = new Map<string, Promise<Needs>>();

  constructor(private readonly moto: string) {}

  /** The answer in moto's place; `undefined` if it has one itself. */
  async answer(request: Request, world: World): Promise<Answered | Refusal | undefined> {
    const { action, region } = request;
    if (request.service !== "ecs") {
      return undefined;
    }
    const input = JSON.parse(request.body || "{}") as Fields;
    const cluster = this.cluster(region, input["cluster"]);
    const operation = TASK_OPERATIONS[action];
    if (operation === undefined) {
      return cluster === undefined ? undefined : this.refusal(action, region, cluster, input, world);
    }
    if (cluster === undefined) {
      return refuse("ClusterNotFoundException", "Cluster not found.");
    }
    if (action.startsWith("List")) {
      await this.forgetTerminated(region, cluster, world);
    }
    const result = await operation(input, cluster, { world, needsOf: (named) => this.needsOf(region, named) });
    return "refusal" in result ? (result as Refusal) : json(result);
  }

  /** Why ECS would not do what moto would. */
  private async refusal(action: string, region: string, cluster: Cluster, input: Fields, world: World) {
    if (action === "DeleteCluster") {
      await this.forgetTerminated(region, cluster, world);
      return cluster.services.size > 0
        ? refuse("ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active.")
        : cluster.instances.size > 0
          ? refuse(
              "ClusterContainsContainerInstancesException",
              "The Cluster cannot be deleted while Container Instances are active or draining.",
            )
          : undefined;
    }
    return action === "CreateService" ? this.serviceRefusal(region, input) : undefined;
  }

  /** ECS takes a target group only once a listener sends to it: https://github.com/hashicorp/terraform/issues/32908 */
  private async serviceRefusal(region: string, input: Fields): Promise<Refusal | undefined> {
    const balancers = (input["loadBalancers"] ?? []) as readonly { readonly targetGroupArn?: string }[];
    const arns = balancers.flatMap(({ targetGroupArn }) => targetGroupArn ?? []);
    const { TargetGroups = [] } =
      arns.length === 0
        ? {}
        : await this.client(ElasticLoadBalancingV2Client, region).send(new DescribeTargetGroupsCommand({}));
    const isUsed = (arn: string) => TargetGroups.some((t) => t.TargetGroupArn === arn && t.LoadBalancerArns?.length);
    const unused = arns.find((arn) => !isUsed(arn));
    return unused === undefined
      ? undefined
      : refuse(
          "InvalidParameterException",
          `The target group with targetGroupArn ${unused} does not have an associated load balancer.`,
        );
  }

  /** Takes note of what moto forgets, and adds it to what moto answers. */
  amend(request: Request, answered: Answered): Answered {
    const { service, action, region } = request;
    if (service !== "ecs" || answered.status >= 300) {
      return answered;
    }
    const input = JSON.parse(request.body || "{}") as Fields;
    const output = JSON.parse(answered.body.toString()) as Fields;
    this.note(action, region, input, output);
    const amended = this.amended(action, region, input, output);
    return amended === undefined ? answered : rewritten(answered, () => JSON.stringify(amended));
  }

  private note(action: string, region: string, input: Fields, output: Fields): void {
    const cluster = this.cluster(region, input["cluster"]);
    const { serviceName: name, taskDefinition } = (output["service"] ?? {}) as Record<string, string>;
    const service = cluster?.services.get(name ?? "");
    if (action === "CreateCluster") {
      const { clusterArn, clusterName } = output["cluster"] as Record<string, string>;
      const key = keyOf(region, clusterName);
      this.clusters.set(key, this.clusters.get(key) ?? new Cluster(clusterArn ?? "", clusterName ?? ""));
    } else if (action === "DeleteCluster" && cluster !== undefined) {
      this.clusters.delete(keyOf(region, cluster.name));
    } else if (action === "CreateService" && name !== undefined) {
      const fields = { desiredCount: 0, ...settingsOf(input) };
      cluster?.services.set(name, { fields, deployments: [deployment(taskDefinition ?? "")] });
    } else if (action === "UpdateService" && service !== undefined && name !== undefined) {
      const kept = { ...service, fields: { ...service.fields, ...settingsOf(input) } };
      const asked = input["taskDefinition"] === undefined ? service.deployments[0]?.taskDefinition : taskDefinition;
      const isNew = asked !== service.deployments[0]?.taskDefinition || input["forceNewDeployment"] === true;
      cluster?.services.set(name, isNew ? deployed(kept, asked ?? "") : kept);
    } else if (action === "DeleteService" && name !== undefined) {
      const own = cluster?.running().filter((task) => task.group === `service:${name}`) ?? [];
      own.forEach((task) => cluster?.stop(task, "Scaling activity initiated by deployment"));
      cluster?.services.delete(name);
    } else if (/^(Create|Update)CapacityProvider$/.test(action)) {
      const key = keyOf(region, String(input["name"]));
      const settings = input["autoScalingGroupProvider"] as Fields;
      this.providers.set(key, { ...this.providers.get(key), ...settings });
    }
  }

  private amended(action: string, region: string, input: Fields, output: Fields): Fields | undefined {
    const cluster = this.cluster(region, input["cluster"]);
    if (/^(Create|Update)Service$/.test(action) && cluster !== undefined) {
      return { ...output, service: described(output["service"] as Fields, cluster) };
    }
    if (action === "DescribeServices" && cluster !== undefined) {
      return { ...output, services: (output["services"] as Fields[]).map((one) => described(one, cluster)) };
    }
    if (action === "ListServices" && cluster !== undefined) {
      const arns = output["serviceArns"] as string[];
      return { ...output, serviceArns: arns.filter((arn) => cluster.services.has(arn.split("/").pop() ?? "")) };
    }
    if (action === "ListClusters") {
      const arns = output["clusterArns"] as string[];
      return { ...output, clusterArns: arns.filter((arn) => this.cluster(region, arn) !== undefined) };
    }
    if (action === "DescribeClusters") {
      return { ...output, clusters: (output["clusters"] as Fields[]).map((one) => this.counted(region, one)) };
    }
    if (action === "DescribeCapacityProviders") {
      const known = (one: Fields) => ({
        ...one,
        autoScalingGroupProvider: {
          ...(one["autoScalingGroupProvider"] as Fields),
          ...this.providers.get(keyOf(region, String(one["name"]))),
        },
      });
      return { ...output, capacityProviders: (output["capacityProviders"] as Fields[]).map(known) };
    }
    return undefined;
  }

  private counted(region: string, found: Fields): Fields {
    const cluster = this.cluster(region, found["clusterArn"]);
    const tasks = cluster?.running() ?? [];
    return cluster === undefined
      ? found
      : {
          ...found,
          registeredContainerInstancesCount: cluster.instances.size,
          runningTasksCount: tasks.filter((task) => task.lastStatus === "RUNNING").length,
          pendingTasksCount: tasks.filter((task) => task.lastStatus === "PENDING").length,
          activeServicesCount: cluster.services.size,
        };
  }

  /** Says what has become of a service's primary deployment. */
  advance(region: string, serviceArn: string, change: DeploymentChange): void {
    const [, clusterName, name = ""] = serviceArn.split("/");
    const cluster = this.cluster(region, clusterName);
    const service = cluster?.services.get(name);
    if (service !== undefined) {
      cluster?.services.set(name, advanced(service, change));
    }
  }

  /**
   * ECS deregisters a host that was terminated while its agent was connected, and no other:
   * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deregister_container_instance.html
   */
  private async forgetTerminated(region: string, cluster: Cluster, { agents }: World): Promise<void> {
    const known = [...cluster.instances.values()].filter((one) => agents[one.ec2InstanceId] !== "disconnected");
    if (known.length === 0) {
      return;
    }
    const Filters = [{ Name: "instance-id", Values: known.map((one) => one.ec2InstanceId) }];
    const { Reservations = [] } = await this.client(EC2Client, region).send(new DescribeInstancesCommand({ Filters }));
    const there = Reservations.flatMap((r) => r.Instances ?? []).filter((i) => i.State?.Name !== "terminated");
    known
      .filter((one) => !there.some((i) => i.InstanceId === one.ec2InstanceId))
      .forEach((one) => cluster.leave(one, "Host EC2 instance terminated."));
  }

  /** What a task definition reserves, and its ports. */
  private needsOf(region: string, taskDefinition: string): Promise<Needs> {
    const known = this.needs.get(taskDefinition) ?? this.askForNeeds(region, taskDefinition);
    this.needs.set(taskDefinition, known);
    known.catch(() => this.needs.delete(taskDefinition));
    return known;
  }

  private async askForNeeds(region: string, taskDefinition: string): Promise<Needs> {
    const { taskDefinition: { containerDefinitions = [], ...own } = {} } = await this.client(ECSClient, region).send(
      new DescribeTaskDefinitionCommand({ taskDefinition }),
    );
    const sum = (values: readonly (number | undefined)[]) => values.reduce((a: number, b) => a + (b ?? 0), 0);
    return {
      cpu: Number(own.cpu ?? sum(containerDefinitions.map((c) => c.cpu))),
      memory: Number(own.memory ?? sum(containerDefinitions.map((c) => c.memoryReservation ?? c.memory))),
      containers: containerDefinitions.map(({ name = "", portMappings = [] }) => ({
        name,
        ports: portMappings.map(({ containerPort = 0, hostPort = 0, protocol = "tcp" }) => {
          return { containerPort, hostPort, protocol };
        }),
      })),
    };
  }

  /** A cluster by its name or ARN, if ECS has it. */
  private cluster(region: string, named: unknown = "default"): Cluster | undefined {
    return this.clusters.get(keyOf(region, String(named).split("/").pop()));
  }

  /** A client of moto itself. */
  private client<T>(Client: new (config: object) => T, region: string): T {
    const credentials = { accessKeyId: "ENDPOINT", secretAccessKey: "local" };
    return new Client({ region, endpoint: this.moto, credentials });
  }
}

const keyOf = (region: string, name: string | undefined) => `${region} ${name}`;

const json = (answer: object): Answered => ({
  status: 200,
  headers: { "content-type": "application/x-amz-json-1.1" },
  body: Buffer.from(JSON.stringify(answer)),
});
