import { AwsError } from "../errors";
import { World } from "../world";
import { Cluster, KeptInstance, KeptTask, Needs, now } from "./cluster";
import { Fields } from "./services";

/** What an operation may need beyond its cluster. */
interface Around {
  readonly world: World;
  readonly needsOf: (taskDefinition: string) => Promise<Needs>;
}

type Operation = (input: Fields, cluster: Cluster, around: Around) => object | Promise<object>;

const failure = (code: string, message: string): { readonly refusal: AwsError } => ({
  refusal: { status: 400, code, message },
});
const noInstance = failure("InvalidParameterException", "Container instance not found.");
const noTask = failure("InvalidParameterException", "The referenced task was not found.");

const texts = (value: unknown) => (value ?? []) as readonly string[];

/** A resource of a host, as the API lists it. */
const resource = (name: string, integerValue: number) => {
  return { name, type: "INTEGER", integerValue, doubleValue: 0, longValue: 0 };
};
const resources = ({ cpu, memory }: { readonly cpu: number; readonly memory: number }) => [
  resource("CPU", cpu),
  resource("MEMORY", memory),
];

function describedInstance(cluster: Cluster, instance: KeptInstance, { agents }: World) {
  const { containerInstanceArn, ec2InstanceId, availabilityZone, total, attributes, registeredAt, status } = instance;
  const tasks = cluster.tasksOn(instance);
  return {
    ...{ containerInstanceArn, ec2InstanceId, status, registeredAt },
    agentConnected: agents[ec2InstanceId] !== "disconnected",
    registeredResources: resources(total),
    remainingResources: resources(cluster.remaining(instance)),
    runningTasksCount: tasks.filter((task) => task.lastStatus === "RUNNING").length,
    pendingTasksCount: tasks.filter((task) => task.lastStatus === "PENDING").length,
    attributes: [...attributes, { name: "ecs.availability-zone", value: availabilityZone }],
  };
}

function describedTask(cluster: Cluster, task: KeptTask) {
  const { needs, ...own } = task;
  return {
    ...own,
    clusterArn: cluster.arn,
    desiredStatus: task.lastStatus === "STOPPED" ? "STOPPED" : "RUNNING",
    cpu: String(needs.cpu),
    memory: String(needs.memory),
    launchType: "EC2",
    containers: needs.containers.map(({ name, ports }) => ({
      name,
      taskArn: task.taskArn,
      lastStatus: task.lastStatus,
      networkBindings: ports.map((port) => ({ bindIP: "0.0.0.0", ...port })),
    })),
  };
}

/** What is found of what was asked for, and what isn't. */
function found<T>(asked: readonly string[], find: (named: string) => T | undefined) {
  return {
    all: asked.flatMap((named) => find(named) ?? []),
    failures: asked.flatMap((arn) => (find(arn) === undefined ? [{ arn, reason: "MISSING" }] : [])),
  };
}

/** What an agent does, and what ECS does with tasks: by operation, with its cluster there. */
export const TASK_OPERATIONS: Readonly<Record<string, Operation>> = {
  RegisterContainerInstance: (input, cluster, { world }) => {
    const { instanceId, availabilityZone } = JSON.parse(String(input["instanceIdentityDocument"])) as {
      readonly instanceId: string;
      readonly availabilityZone: string;
    };
    const total = (name: string) =>
      ((input["totalResources"] ?? []) as readonly { name: string; integerValue: number }[]).find(
        (one) => one.name === name,
      )?.integerValue ?? 0;
    const known = [...cluster.instances.values()].find((one) => one.ec2InstanceId === instanceId);
    const instance: KeptInstance = {
      containerInstanceArn: known?.containerInstanceArn ?? cluster.newArn("container-instance"),
      ...{ ec2InstanceId: instanceId, availabilityZone, registeredAt: now(), status: "ACTIVE" },
      total: { cpu: total("CPU"), memory: total("MEMORY") },
      attributes: (input["attributes"] ?? []) as KeptInstance["attributes"],
    };
    cluster.instances.set(instance.containerInstanceArn, instance);
    return { containerInstance: describedInstance(cluster, instance, world) };
  },
  DeregisterContainerInstance: (input, cluster, { world }) => {
    const instance = cluster.instance(String(input["containerInstance"]));
    if (instance === undefined) {
      return noInstance;
    }
    if (input["force"] !== true && cluster.tasksOn(instance).length > 0) {
      return failure("InvalidParameterException", "Found running tasks on the instance.");
    }
    const containerInstance = { ...describedInstance(cluster, instance, world), status: "INACTIVE" };
    cluster.leave(instance, "Container instance deregistered.");
    return { containerInstance };
  },
  UpdateContainerInstancesState: (input, cluster, { world }) => {
    const { all, failures } = found(texts(input["containerInstances"]), (named) => cluster.instance(named));
    all.forEach((one) => (one.status = input["status"] as KeptInstance["status"]));
    return { containerInstances: all.map((one) => describedInstance(cluster, one, world)), failures };
  },
  ListContainerInstances: (input, cluster) => {
    const { status, filter } = input;
    // Of the query language only what asks for an agent or a host is played.
    const [, id] = /ec2InstanceId\s*(?:==|in)\s*\[?\s*['"]?(i-[0-9a-f]+)/.exec(String(filter ?? "")) ?? [];
    if (filter !== undefined && id === undefined) {
      return failure(
        "NotPlayed",
        `the filter ${JSON.stringify(filter)} is not known here: add it in local/endpoint/ecs/`,
      );
    }
    const listed = [...cluster.instances.values()].filter(
      (one) => (status === undefined || one.status === status) && (id === undefined || one.ec2InstanceId === id),
    );
    return { containerInstanceArns: listed.map((one) => one.containerInstanceArn) };
  },
  DescribeContainerInstances: (input, cluster, { world }) => {
    const { all, failures } = found(texts(input["containerInstances"]), (named) => cluster.instance(named));
    return { containerInstances: all.map((one) => describedInstance(cluster, one, world)), failures };
  },
  StartTask: async (input, cluster, { needsOf }) => {
    const taskDefinitionArn = String(input["taskDefinition"]);
    const needs = await needsOf(taskDefinitionArn);
    const tasks: KeptTask[] = [];
    const failures: object[] = [];
    for (const named of texts(input["containerInstances"])) {
      const instance = cluster.instance(named);
      const reason = cluster.refusal(instance, needs);
      if (instance === undefined || reason !== undefined) {
        failures.push({ arn: named, reason });
        continue;
      }
      const { containerInstanceArn, availabilityZone } = instance;
      const task: KeptTask = {
        ...{ taskArn: cluster.newArn("task"), containerInstanceArn, availabilityZone, taskDefinitionArn },
        ...{ group: String(input["group"] ?? ""), startedBy: String(input["startedBy"] ?? "") },
        ...{ needs: cluster.place(instance, needs), createdAt: now(), lastStatus: "PENDING" },
      };
      cluster.tasks.set(task.taskArn, task);
      tasks.push(task);
    }
    return { tasks: tasks.map((task) => describedTask(cluster, task)), failures };
  },
  SubmitTaskStateChange: (input, cluster) => {
    const task = cluster.task(String(input["task"]));
    if (task === undefined) {
      return noTask;
    }
    if (input["status"] === "STOPPED") {
      cluster.stop(task, String(input["reason"] ?? "Essential container in task exited"));
    } else if (task.lastStatus === "PENDING") {
      Object.assign(task, { lastStatus: "RUNNING", startedAt: now() });
    }
    return { acknowledgment: "accepted" };
  },
  StopTask: (input, cluster) => {
    const task = cluster.task(String(input["task"]));
    if (task === undefined) {
      return noTask;
    }
    cluster.stop(task, String(input["reason"] ?? "Task stopped by user"));
    return { task: describedTask(cluster, task) };
  },
  ListTasks: (input, cluster) => {
    const { serviceName, containerInstance, desiredStatus = "RUNNING" } = input;
    const arn = containerInstance && cluster.instance(String(containerInstance))?.containerInstanceArn;
    const listed = [...cluster.tasks.values()].filter(
      (task) =>
        (task.lastStatus === "STOPPED") === (desiredStatus === "STOPPED") &&
        (serviceName === undefined || task.group === `service:${String(serviceName).split("/").pop()}`) &&
        (containerInstance === undefined || task.containerInstanceArn === arn),
    );
    return { taskArns: listed.map((task) => task.taskArn) };
  },
  DescribeTasks: (input, cluster) => {
    const { all, failures } = found(texts(input["tasks"]), (named) => cluster.task(named));
    return { tasks: all.map((task) => describedTask(cluster, task)), failures };
  },
};
