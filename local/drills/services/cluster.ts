import {
  ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
} from "@aws-sdk/client-application-auto-scaling";
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient, MetricAlarm } from "@aws-sdk/client-cloudwatch";
import {
  ContainerInstance,
  DeregisterContainerInstanceCommand,
  DeregisterTaskDefinitionCommand,
  DescribeCapacityProvidersCommand,
  DescribeClustersCommand,
  DescribeContainerInstancesCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ECSClient,
  ListClustersCommand,
  ListContainerInstancesCommand,
  ListServicesCommand,
  ListTasksCommand,
  RegisterContainerInstanceCommand,
  RegisterTaskDefinitionCommand,
  Service,
  StartTaskCommand,
  StopTaskCommand,
  SubmitTaskStateChangeCommand,
  Task,
  TaskDefinition,
  UpdateContainerInstancesStateCommand,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import { _InstanceType, DescribeInstanceTypesCommand } from "@aws-sdk/client-ec2";
import {
  DeregisterTargetsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { describeAlarms } from "../alarms";
import { hostOf, Host, Reservation } from "../../../model/ecs/placement";
import { policyOf, ScalableTarget, ServiceScalingPolicy } from "../../../model/ecs/scaling";
import { targetGroupOf, TargetGroupState } from "../../../model/targetHealth";
import { Clients } from "../../endpoint/clients";
import { ScalingGroup } from "../scalingGroup";
import { trackingAlarms } from "../targetTracking";

/** A host with the name that ECS gives it. */
export interface NamedHost extends Host {
  readonly arn: string;
}

/** A task as ECS knows it, and where it is reached. */
export interface KnownTask {
  readonly arn: string;
  readonly serviceName: string;
  readonly taskDefinition: string;
  readonly ec2InstanceId: string;
  readonly availabilityZone: string;
  readonly port: number;
  readonly isRunning: boolean;
}

/** What scales a service. */
export interface Scaling {
  readonly bounds: ScalableTarget;
  readonly policies: readonly ServiceScalingPolicy[];
  readonly alarms: readonly MetricAlarm[];
}

/** The share of its memory that a host's kernel keeps for itself: https://karpenter.sh/docs/reference/settings/, VM_MEMORY_OVERHEAD_PERCENT */
const KERNEL_SHARE = 0.075;

/** What a target is called here: an instance has a port for each task. */
export const targetId = ({ ec2InstanceId, port }: Pick<KnownTask, "ec2InstanceId" | "port">) =>
  `${ec2InstanceId}:${port}`;

const targetOf = (id: string) => ({ Id: id.split(":")[0], Port: Number(id.split(":")[1]) });

/** A cluster of services with its hosts as the AWS APIs know them, and what agents and ECS itself do through these. */
export class ServiceCluster extends ScalingGroup {
  private readonly ecs: ECSClient;
  private readonly loadBalancing: ElasticLoadBalancingV2Client;
  private readonly scaling: ApplicationAutoScalingClient;
  private readonly cloudWatch: CloudWatchClient;
  /** What task definitions say, by ARN: that never changes. */
  private readonly definitions = new Map<string, TaskDefinition>();
  /** What hosts have for tasks, by version of their template. */
  private readonly capacities = new Map<string, Reservation>();

  private constructor(
    region: string,
    clients: Clients,
    name: string,
    group: string,
    readonly cluster: string,
    /** Whether ECS keeps hosts that have tasks from being scaled in. */
    readonly protectsHosts: boolean,
  ) {
    super(region, clients, name, group);
    this.ecs = clients.make(ECSClient, region);
    this.loadBalancing = clients.make(ElasticLoadBalancingV2Client, region);
    this.scaling = clients.make(ApplicationAutoScalingClient, region);
    this.cloudWatch = clients.make(CloudWatchClient, region);
  }

  /** Finds the clusters with hosts: by their capacity providers. */
  static async all(region: string, clients: Clients): Promise<ServiceCluster[]> {
    const ecs = clients.make(ECSClient, region);
    const { clusterArns = [] } = await ecs.send(new ListClustersCommand({}));
    if (clusterArns.length === 0) {
      return [];
    }
    const [{ clusters = [] }, { AutoScalingGroups = [] }] = await Promise.all([
      ecs.send(new DescribeClustersCommand({ clusters: clusterArns })),
      clients.make(AutoScalingClient, region).send(new DescribeAutoScalingGroupsCommand({})),
    ]);
    const capacityProviders = clusters.flatMap((one) => one.capacityProviders ?? []);
    const { capacityProviders: found = [] } = await ecs.send(
      new DescribeCapacityProvidersCommand({ capacityProviders }),
    );
    return clusters.flatMap(({ clusterName = "", capacityProviders: [provider] = [] }) => {
      const { autoScalingGroupProvider: settings } = found.find((one) => one.name === provider) ?? {};
      const group = AutoScalingGroups.find((one) => one.AutoScalingGroupARN === settings?.autoScalingGroupArn);
      const name = group?.Tags?.find((tag) => tag.Key === "Name")?.Value ?? clusterName;
      const { AutoScalingGroupName: groupName } = group ?? {};
      const protects = settings?.managedTerminationProtection === "ENABLED";
      return groupName === undefined
        ? []
        : [new ServiceCluster(region, clients, name, groupName, clusterName, protects)];
    });
  }

  /** Its services that are to run. */
  async services(): Promise<Service[]> {
    const { cluster } = this;
    const { serviceArns: services = [] } = await this.ecs.send(new ListServicesCommand({ cluster, maxResults: 100 }));
    const described: Service[] = [];
    for (let i = 0; i < services.length; i += 10) {
      const part = await this.ecs.send(new DescribeServicesCommand({ cluster, services: services.slice(i, i + 10) }));
      described.push(...(part.services ?? []));
    }
    return described;
  }

  /** The hosts that have joined. */
  async hosts(): Promise<NamedHost[]> {
    return (await this.containerInstances()).map((one) => ({
      ...hostOf(one as Parameters<typeof hostOf>[0]),
      arn: one.containerInstanceArn ?? "",
    }));
  }

  private async containerInstances(): Promise<ContainerInstance[]> {
    const { cluster } = this;
    const { containerInstanceArns = [] } = await this.ecs.send(new ListContainerInstancesCommand({ cluster }));
    return containerInstanceArns.length === 0
      ? []
      : ((
          await this.ecs.send(
            new DescribeContainerInstancesCommand({ cluster, containerInstances: containerInstanceArns }),
          )
        ).containerInstances ?? []);
  }

  /** The tasks that have not stopped. */
  async tasks(hosts: readonly NamedHost[]): Promise<KnownTask[]> {
    const { cluster } = this;
    const { taskArns = [] } = await this.ecs.send(new ListTasksCommand({ cluster }));
    const { tasks = [] } =
      taskArns.length === 0 ? {} : await this.ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns }));
    return tasks.map((task) => known(task, hosts));
  }

  /** The tasks that users reach, by service: they run, and are healthy behind their balancer. */
  async serving(services: readonly Service[]): Promise<Map<string, KnownTask[]>> {
    const tasks = await this.tasks(await this.hosts());
    const healthy = await Promise.all(services.map((service) => this.healthy(service)));
    return new Map(
      services.map(({ serviceName = "" }, i) => [
        serviceName,
        tasks.filter((t) => t.serviceName === serviceName && t.isRunning && healthy[i]?.has(targetId(t))),
      ]),
    );
  }

  private async healthy(service: Service): Promise<Set<string>> {
    const targets = await this.targets(service);
    return new Set([...targets].flatMap(([id, state]) => (state === "healthy" ? [id] : [])));
  }

  /** The targets of a service with the balancer's verdict. */
  async targets({ loadBalancers: [balancer] = [] }: Service): Promise<Map<string, string>> {
    const { TargetHealthDescriptions = [] } = await this.loadBalancing.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: balancer?.targetGroupArn }),
    );
    return new Map(
      TargetHealthDescriptions.map(({ Target, TargetHealth }) => [
        `${Target?.Id}:${Target?.Port}`,
        TargetHealth?.State ?? "",
      ]),
    );
  }

  /** A service's target group as the model has it. */
  async targetGroup({ loadBalancers: [balancer] = [] }: Service): Promise<TargetGroupState> {
    const TargetGroupArn = balancer?.targetGroupArn;
    const [{ TargetGroups: [group] = [] }, { Attributes = [] }] = await Promise.all([
      this.loadBalancing.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [TargetGroupArn ?? ""] })),
      this.loadBalancing.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn })),
    ]);
    return targetGroupOf(group ?? {}, Attributes);
  }

  /** What scales a service. The alarms of target tracking are AWS's own, and no emulator makes them. */
  async scalingOf({ serviceName = "" }: Service): Promise<Scaling> {
    const ResourceId = `service/${this.cluster}/${serviceName}`;
    const [{ ScalableTargets: [bounds] = [] }, { ScalingPolicies = [] }, deployed] = await Promise.all([
      this.scaling.send(new DescribeScalableTargetsCommand({ ServiceNamespace: "ecs", ResourceIds: [ResourceId] })),
      this.scaling.send(new DescribeScalingPoliciesCommand({ ServiceNamespace: "ecs", ResourceId })),
      describeAlarms(this.cloudWatch),
    ]);
    const alarmsOf = (policy: ServiceScalingPolicy & { readonly PolicyARN?: string | undefined }) => [
      ...deployed.filter((alarm) => alarm.AlarmActions?.includes(policy.PolicyARN ?? "")),
      ...trackingAlarms(policyOf(policy)),
    ];
    return {
      bounds: bounds ?? { MinCapacity: 0, MaxCapacity: 0 },
      policies: ScalingPolicies.map((policy) => ({
        ...policy,
        Alarms: alarmsOf(policy).map(({ AlarmName }) => ({ AlarmName })),
      })),
      alarms: ScalingPolicies.flatMap(alarmsOf),
    };
  }

  async definition(taskDefinition: string): Promise<TaskDefinition> {
    const known =
      this.definitions.get(taskDefinition) ??
      (await this.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }))).taskDefinition ??
      {};
    this.definitions.set(taskDefinition, known);
    return known;
  }

  /** A revision that is as another one but for its image. Returns its ARN. */
  async newRevision(of: string): Promise<string> {
    const { containerDefinitions = [], family, ...own } = await this.definition(of);
    const { networkMode, taskRoleArn, executionRoleArn, requiresCompatibilities } = own;
    const { taskDefinition } = await this.ecs.send(
      new RegisterTaskDefinitionCommand({
        ...{ family, networkMode, taskRoleArn, executionRoleArn, requiresCompatibilities },
        containerDefinitions: containerDefinitions.map((one) => ({ ...one, image: `${one.image?.split("@")[0]}-bad` })),
      }),
    );
    return taskDefinition?.taskDefinitionArn ?? "";
  }

  /** As if a revision had never been: the stack knows nothing of it. */
  async forget(taskDefinition: string): Promise<void> {
    await this.ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition }));
  }

  /** What a task reserves. */
  async reservation(taskDefinition: string): Promise<Reservation> {
    const { containerDefinitions = [] } = await this.definition(taskDefinition);
    return {
      cpu: containerDefinitions.reduce((sum, one) => sum + (one.cpu ?? 0), 0),
      memory: containerDefinitions.reduce((sum, one) => sum + (one.memoryReservation ?? one.memory ?? 0), 0),
    };
  }

  /** A host's agent joins the cluster that its user data names, with what the instance type has. */
  async join(instanceId: string, availabilityZone: string): Promise<NamedHost> {
    const { version, data } = await this.template();
    const userData = Buffer.from(data.UserData ?? "", "base64").toString();
    const setting = (name: string) => new RegExp(`^${name}=(.*)$`, "m").exec(userData)?.[1];
    const total =
      this.capacities.get(version) ??
      (await this.capacity(data.InstanceType ?? "", Number(setting("ECS_RESERVED_MEMORY") ?? 0)));
    this.capacities.set(version, total);
    const { containerInstance } = await this.ecs.send(
      new RegisterContainerInstanceCommand({
        cluster: setting("ECS_CLUSTER") ?? "default",
        instanceIdentityDocument: JSON.stringify({ instanceId, availabilityZone }),
        totalResources: [
          { name: "CPU", type: "INTEGER", integerValue: total.cpu },
          { name: "MEMORY", type: "INTEGER", integerValue: total.memory },
        ],
      }),
    );
    const host = hostOf((containerInstance ?? {}) as Parameters<typeof hostOf>[0]);
    return { ...host, arn: containerInstance?.containerInstanceArn ?? "" };
  }

  private async capacity(type: string, reservedMiB: number): Promise<Reservation> {
    const { InstanceTypes: [{ VCpuInfo, MemoryInfo } = {}] = [] } = await this.ec2.send(
      new DescribeInstanceTypesCommand({ InstanceTypes: [type as _InstanceType] }),
    );
    return {
      cpu: 1024 * (VCpuInfo?.DefaultVCpus ?? 0),
      memory: Math.floor((MemoryInfo?.SizeInMiB ?? 0) * (1 - KERNEL_SHARE)) - reservedMiB,
    };
  }

  /** ECS drains a host before it goes. */
  async drain({ arn }: NamedHost): Promise<void> {
    const { cluster } = this;
    await this.ecs.send(
      new UpdateContainerInstancesStateCommand({ cluster, containerInstances: [arn], status: "DRAINING" }),
    );
  }

  /** ECS forgets a host. */
  async leave({ arn }: NamedHost): Promise<void> {
    const { cluster } = this;
    await this.ecs.send(new DeregisterContainerInstanceCommand({ cluster, containerInstance: arn, force: true }));
  }

  /** ECS starts a task of a service on a host. @throws if the host has no room, as ECS would have known */
  async start({ serviceName, deployments = [] }: Service, taskDefinition: string, host: NamedHost): Promise<KnownTask> {
    const { cluster } = this;
    const startedBy = deployments.find((one) => one.taskDefinition === taskDefinition)?.id;
    const { tasks: [task] = [], failures = [] } = await this.ecs.send(
      new StartTaskCommand({
        ...{ cluster, taskDefinition, containerInstances: [host.arn], group: `service:${serviceName}`, startedBy },
      }),
    );
    if (task === undefined) {
      throw new Error(`${serviceName} can't have a task on ${host.ec2InstanceId}: ${failures[0]?.reason}`);
    }
    return known(task, [host]);
  }

  /** A task's containers run. */
  async run(task: string): Promise<void> {
    const { cluster } = this;
    await this.ecs.send(new SubmitTaskStateChangeCommand({ cluster, task, status: "RUNNING" }));
  }

  /** A task ends by itself. */
  async exit(task: string): Promise<void> {
    const { cluster } = this;
    const reason = "Essential container in task exited";
    await this.ecs.send(new SubmitTaskStateChangeCommand({ cluster, task, status: "STOPPED", reason }));
  }

  async stop(task: string, reason: string): Promise<void> {
    const { cluster } = this;
    await this.ecs.send(new StopTaskCommand({ cluster, task, reason }));
  }

  async register({ loadBalancers: [balancer] = [] }: Service, ids: readonly string[]): Promise<void> {
    if (ids.length > 0) {
      const request = { TargetGroupArn: balancer?.targetGroupArn, Targets: ids.map(targetOf) };
      await this.loadBalancing.send(new RegisterTargetsCommand(request));
    }
  }

  async deregister({ loadBalancers: [balancer] = [] }: Service, ids: readonly string[]): Promise<void> {
    if (ids.length > 0) {
      const request = { TargetGroupArn: balancer?.targetGroupArn, Targets: ids.map(targetOf) };
      await this.loadBalancing.send(new DeregisterTargetsCommand(request));
    }
  }

  /** Changes a service as an `up` would, or as its scaling does. */
  async update(service: string, change: { readonly desiredCount?: number; readonly taskDefinition?: string }) {
    await this.ecs.send(new UpdateServiceCommand({ cluster: this.cluster, service, ...change }));
  }
}

function known(task: Task, hosts: readonly NamedHost[]): KnownTask {
  const host = hosts.find((one) => one.arn === task.containerInstanceArn);
  return {
    arn: task.taskArn ?? "",
    serviceName: task.group?.replace(/^service:/, "") ?? "",
    taskDefinition: task.taskDefinitionArn ?? "",
    ec2InstanceId: host?.ec2InstanceId ?? "",
    availabilityZone: task.availabilityZone ?? "",
    port: task.containers?.[0]?.networkBindings?.[0]?.hostPort ?? 0,
    isRunning: task.lastStatus === "RUNNING",
  };
}
