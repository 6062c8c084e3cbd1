import { randomBytes } from "node:crypto";
import { KeptService } from "./services";

/** What a task takes of a host, and has it open. */
export interface Needs {
  readonly cpu: number;
  readonly memory: number;
  readonly containers: readonly {
    readonly name: string;
    readonly ports: readonly { readonly containerPort: number; readonly hostPort: number; readonly protocol: string }[];
  }[];
}

/** A container instance as its agent has registered it. */
export interface KeptInstance {
  readonly containerInstanceArn: string;
  readonly ec2InstanceId: string;
  readonly availabilityZone: string;
  readonly total: { readonly cpu: number; readonly memory: number };
  readonly attributes: readonly { readonly name: string; readonly value?: string }[];
  readonly registeredAt: number;
  status: "ACTIVE" | "DRAINING";
}

/** A task on a container instance. */
export interface KeptTask {
  readonly taskArn: string;
  readonly containerInstanceArn: string;
  readonly availabilityZone: string;
  readonly taskDefinitionArn: string;
  readonly group: string;
  readonly startedBy: string;
  readonly needs: Needs;
  readonly createdAt: number;
  lastStatus: "PENDING" | "RUNNING" | "STOPPED";
  startedAt?: number;
  stoppedAt?: number;
  stoppedReason?: string;
}

/** Ports that Linux gives where none is asked for, which is what Docker does with host port 0. */
const FIRST_DYNAMIC_PORT = 32_768;

/** How many stopped tasks are remembered: ECS shows them for about an hour. */
const REMEMBERED = 100;

export const now = () => Date.now() / 1000;

/** What ECS runs in a cluster: moto knows of the cluster, and not of this. */
export class Cluster {
  readonly instances = new Map<string, KeptInstance>();
  readonly tasks = new Map<string, KeptTask>();
  readonly services = new Map<string, KeptService>();

  constructor(
    readonly arn: string,
    readonly name: string,
  ) {}

  /** An ARN of something in the cluster. */
  newArn(kind: "container-instance" | "task"): string {
    return `${this.arn.replace(/cluster\/.*/, kind)}/${this.name}/${randomBytes(16).toString("hex")}`;
  }

  /** A container instance by its id or ARN. */
  instance(named: string): KeptInstance | undefined {
    return byId(this.instances, named);
  }

  /** A task by its id or ARN. */
  task(named: string): KeptTask | undefined {
    return byId(this.tasks, named);
  }

  /** The tasks on an instance that have not stopped. */
  tasksOn({ containerInstanceArn }: KeptInstance): KeptTask[] {
    return this.running().filter((task) => task.containerInstanceArn === containerInstanceArn);
  }

  /** The tasks that have not stopped. */
  running(): KeptTask[] {
    return [...this.tasks.values()].filter((task) => task.lastStatus !== "STOPPED");
  }

  /** What is left of an instance. */
  remaining(instance: KeptInstance): { cpu: number; memory: number } {
    const tasks = this.tasksOn(instance);
    return {
      cpu: tasks.reduce((left, { needs }) => left - needs.cpu, instance.total.cpu),
      memory: tasks.reduce((left, { needs }) => left - needs.memory, instance.total.memory),
    };
  }

  /** Why an instance can't take a task, as ECS words it: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html */
  refusal(instance: KeptInstance | undefined, needs: Needs): string | undefined {
    if (instance === undefined) {
      return "MISSING";
    }
    const { cpu, memory } = this.remaining(instance);
    const isTaken = needs.containers
      .flatMap(({ ports }) => ports)
      .some(({ hostPort }) => hostPort !== 0 && this.portsOn(instance).includes(hostPort));
    return needs.memory > memory
      ? "RESOURCE:MEMORY"
      : needs.cpu > cpu
        ? "RESOURCE:CPU"
        : isTaken
          ? "RESOURCE:PORTS"
          : undefined;
  }

  /** A task's place on an instance: ports that it leaves to Docker are the first ones that are free. */
  place(instance: KeptInstance, needs: Needs): Needs {
    const taken = this.portsOn(instance);
    const free = () => {
      let port = FIRST_DYNAMIC_PORT;
      while (taken.includes(port)) {
        port++;
      }
      taken.push(port);
      return port;
    };
    const containers = needs.containers.map(({ name, ports }) => ({
      name,
      ports: ports.map((one) => ({ ...one, hostPort: one.hostPort === 0 ? free() : one.hostPort })),
    }));
    return { ...needs, containers };
  }

  private portsOn(instance: KeptInstance): number[] {
    return this.tasksOn(instance).flatMap(({ needs }) =>
      needs.containers.flatMap(({ ports }) => ports.map(({ hostPort }) => hostPort)),
    );
  }

  stop(task: KeptTask, reason: string): void {
    Object.assign(task, { lastStatus: "STOPPED", stoppedAt: now(), stoppedReason: reason });
    const stopped = [...this.tasks.values()].filter((one) => one.lastStatus === "STOPPED");
    stopped.slice(0, -REMEMBERED).forEach(({ taskArn }) => this.tasks.delete(taskArn));
  }

  /** An instance leaves, and its tasks with it. */
  leave(instance: KeptInstance, reason: string): void {
    this.tasksOn(instance).forEach((task) => this.stop(task, reason));
    this.instances.delete(instance.containerInstanceArn);
  }
}

function byId<T>(things: ReadonlyMap<string, T>, named: string): T | undefined {
  return things.get(named) ?? [...things].find(([arn]) => arn.endsWith(`/${named}`))?.[1];
}
