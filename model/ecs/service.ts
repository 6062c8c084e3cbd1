import { Host, Placed, PlacementStrategy, placeOfTask, Reservation } from "./placement";

/** A service's deployment configuration, as DescribeServices lists it. */
export interface DeploymentConfiguration {
  /** Of the desired tasks, rounded up. @default 100 */
  readonly minimumHealthyPercent?: number | undefined;
  /** Of the desired tasks, rounded down. @default 200 */
  readonly maximumPercent?: number | undefined;
  /** @default off */
  readonly deploymentCircuitBreaker?:
    { readonly enable: boolean | undefined; readonly rollback: boolean | undefined } | undefined;
}

/** What DescribeServices says of a service, as far as the model goes by it: the SDK's answer fits. */
export interface DescribedService {
  readonly serviceName?: string | undefined;
  readonly desiredCount?: number | undefined;
  readonly taskDefinition?: string | undefined;
  readonly deploymentConfiguration?: DeploymentConfiguration | undefined;
  readonly placementStrategy?: readonly PlacementStrategy[] | undefined;
  readonly availabilityZoneRebalancing?: string | undefined;
}

/** A task in virtual time. */
export interface Task extends Placed {
  readonly taskId: string;
  readonly taskDefinition: string;
  readonly lastStatus: "PENDING" | "RUNNING" | "STOPPING";
  /** When it came into this status. */
  readonly since: number;
}

/** A service in virtual time. */
export interface ServiceState {
  readonly serviceName: string;
  readonly desiredCount: number;
  readonly configuration: DeploymentConfiguration;
  readonly strategies: readonly PlacementStrategy[] | undefined;
  readonly rebalances: boolean;
  /** The task definition of its deployment, and what that reserves. */
  readonly taskDefinition: string;
  readonly reservation: Reservation;
  /** What the last completed deployment had: a failed one goes back to it. */
  readonly completed: { readonly taskDefinition: string; readonly reservation: Reservation };
  readonly rolloutState: "IN_PROGRESS" | "COMPLETED" | "FAILED";
  /** How many tasks of the deployment have failed. */
  readonly failedTasks: number;
  readonly tasks: readonly Task[];
  /** How many tasks stay beyond the desired count until all run: started to even out the zones. */
  readonly ahead: number;
  /** How many it has started: the model's names for tasks are made of it. */
  readonly starts: number;
}

/** What services find at a step. */
export interface ServiceInputs {
  /** The cluster's hosts: tasks on others are gone. Those of a host without an agent count as running, as ECS has it. */
  readonly hosts: readonly Host[];
  /** What all tasks on these hosts take, other services' too. */
  readonly others?: readonly Placed[];
  /** Seconds from a task's start until it runs, and from its stop until it is gone. */
  readonly startSeconds: number;
  readonly stopSeconds: number;
  /** Whether a task gets to run and stays healthy. @default it does */
  readonly isHealthy?: (task: Task) => boolean;
  /** Whether a task that runs counts as healthy already: behind a balancer, once that says so. @default it does */
  readonly isReady?: (task: Task) => boolean;
}

/** What ECS does. */
export type ServiceDecision =
  | {
      readonly action: "start";
      readonly taskId: string;
      readonly ec2InstanceId: string;
      readonly taskDefinition: string;
    }
  | { readonly action: "running"; readonly taskId: string }
  | { readonly action: "stop"; readonly taskId: string; readonly reason: string }
  | { readonly action: "stopped"; readonly taskId: string }
  | {
      readonly action: "rollout";
      readonly rolloutState: ServiceState["rolloutState"];
      readonly taskDefinition: string;
    };

/** What a step comes to. */
export interface ServiceStep {
  readonly state: ServiceState;
  readonly decisions: readonly ServiceDecision[];
  readonly notes: readonly string[];
}

/** A service as ECS describes it, its deployment complete, without tasks. */
export function serviceOf(described: DescribedService, reservation: Reservation): ServiceState {
  const { serviceName = "", desiredCount = 0, taskDefinition = "" } = described;
  return {
    serviceName,
    desiredCount,
    configuration: described.deploymentConfiguration ?? {},
    strategies: described.placementStrategy?.length === 0 ? undefined : described.placementStrategy,
    rebalances: described.availabilityZoneRebalancing === "ENABLED",
    taskDefinition,
    reservation,
    completed: { taskDefinition, reservation },
    rolloutState: "COMPLETED",
    failedTasks: 0,
    tasks: [],
    ahead: 0,
    starts: 0,
  };
}

/** UpdateService with another task definition. */
export function deploy(state: ServiceState, taskDefinition: string, reservation: Reservation): ServiceState {
  return { ...state, taskDefinition, reservation, rolloutState: "IN_PROGRESS", failedTasks: 0 };
}

/**
 * With so many failed tasks the circuit breaker ends a deployment: half of the desired ones, within these bounds.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
 */
const failureThreshold = (desired: number) => Math.min(Math.max(Math.ceil(desired / 2), 3), 200);

/**
 * What ECS does for a service at a moment: starts tasks that are missing or new, stops those that are old, unhealthy or
 * too many, within the deployment configuration, and ends a deployment that fails.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html
 * @param now seconds of virtual time, never less than in the step before
 */
export function stepService(state: ServiceState, inputs: ServiceInputs, now: number): ServiceStep {
  const moment = new Moment(state, inputs, now);
  moment.advance();
  moment.breakCircuit();
  moment.stopUnhealthy();
  moment.stopOld();
  moment.stopSurplus();
  moment.start();
  moment.complete();
  moment.rebalance();
  return { state: moment.state, decisions: moment.decisions, notes: moment.notes };
}

/** One step under way: each method is one of the things that ECS does, and leaves the state to the next. */
class Moment {
  readonly decisions: ServiceDecision[] = [];
  readonly notes: string[] = [];

  constructor(
    public state: ServiceState,
    private readonly inputs: ServiceInputs,
    private readonly now: number,
  ) {}

  /** What was started long enough ago runs, or has failed; what was stopped, or whose host is gone, is gone. */
  advance(): void {
    const { hosts, startSeconds, stopSeconds } = this.inputs;
    let { failedTasks } = this.state;
    const tasks = this.state.tasks.flatMap((task): Task[] => {
      const age = this.now - task.since;
      const hosted = hosts.some((host) => host.ec2InstanceId === task.ec2InstanceId);
      if (!hosted || (task.lastStatus === "STOPPING" && age >= stopSeconds)) {
        this.decisions.push({ action: "stopped", taskId: task.taskId });
        return [];
      }
      if (task.lastStatus !== "PENDING" || age < startSeconds) {
        return [task];
      }
      this.decisions.push({ action: "running", taskId: task.taskId });
      return [{ ...task, lastStatus: "RUNNING", since: task.since + startSeconds }];
    });
    this.state = { ...this.state, tasks };
    const failed = this.unhealthy().filter((t) => t.taskDefinition === this.state.taskDefinition);
    failedTasks += this.state.rolloutState === "IN_PROGRESS" ? failed.length : 0;
    this.state = { ...this.state, failedTasks };
  }

  breakCircuit(): void {
    const { rolloutState, failedTasks, desiredCount, configuration, completed, taskDefinition } = this.state;
    const { enable = false, rollback = false } = configuration.deploymentCircuitBreaker ?? {};
    if (rolloutState !== "IN_PROGRESS" || !enable || failedTasks < failureThreshold(desiredCount)) {
      return;
    }
    this.decisions.push({ action: "rollout", rolloutState: "FAILED", taskDefinition });
    this.state = rollback
      ? deploy(this.state, completed.taskDefinition, completed.reservation)
      : { ...this.state, rolloutState: "FAILED" };
  }

  /** The unhealthy of a deployment under way go at once; others wait for their replacement where there may be more. */
  stopUnhealthy(): void {
    const { desiredCount, taskDefinition, rolloutState } = this.state;
    for (const task of this.unhealthy()) {
      const isNew = rolloutState === "IN_PROGRESS" && task.taskDefinition === taskDefinition;
      if (isNew || this.most() <= desiredCount || this.serving().length >= desiredCount) {
        this.stop(task, "it is unhealthy");
      }
    }
  }

  /** What another deployment has left, and what is on hosts that are to be empty. */
  stopOld(): void {
    while (this.serving().length - 1 >= this.least()) {
      const task = this.fullest(this.old().filter((t) => t.lastStatus === "RUNNING"));
      if (task === undefined) {
        return;
      }
      this.stop(task, this.isOnDraining(task) ? "its host is drained" : "the deployment replaces it");
    }
  }

  stopSurplus(): void {
    if (this.current().every(this.isServing)) {
      this.state = { ...this.state, ahead: 0 };
    }
    while (this.current().length > this.state.desiredCount + this.state.ahead) {
      const task = this.fullest(this.current());
      if (task === undefined) {
        return;
      }
      this.stop(task, "there are more than desired");
    }
  }

  start(): void {
    if (this.state.rolloutState === "FAILED") {
      return;
    }
    const missing = this.state.desiredCount - this.current().length;
    // The upper limit is of what runs, starts or stops.
    for (let room = Math.min(missing, this.most() - this.state.tasks.length); room > 0; room--) {
      if (!this.startOne()) {
        return;
      }
    }
  }

  complete(): void {
    const { rolloutState, desiredCount, taskDefinition, reservation } = this.state;
    const running = this.current().filter(this.isServing);
    if (rolloutState === "IN_PROGRESS" && this.old().length === 0 && running.length === desiredCount) {
      this.decisions.push({ action: "rollout", rolloutState: "COMPLETED", taskDefinition });
      this.state = { ...this.state, rolloutState: "COMPLETED", completed: { taskDefinition, reservation } };
    }
  }

  /**
   * Zones that have grown apart are evened out one task at a time, started first.
   * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html
   */
  rebalance(): void {
    const { rebalances, rolloutState, desiredCount, tasks, ahead } = this.state;
    const atRest = tasks.length === desiredCount && tasks.every((t) => t.lastStatus === "RUNNING") && ahead === 0;
    if (!rebalances || rolloutState !== "COMPLETED" || !atRest || this.most() <= desiredCount) {
      return;
    }
    const usable = this.inputs.hosts.filter((h) => h.status === "ACTIVE" && h.agentConnected);
    const counts = new Map(usable.map((h) => [h.availabilityZone, this.inZone(h.availabilityZone)]));
    const emptiest = Math.min(...counts.values());
    const place = placeOfTask(
      usable.filter((h) => counts.get(h.availabilityZone) === emptiest),
      [...(this.inputs.others ?? []), ...tasks],
      this.state.serviceName,
      this.state.reservation,
      this.state.strategies,
    );
    if (Math.max(...counts.values()) - emptiest >= 2 && place !== undefined) {
      this.startOn(place);
      this.state = { ...this.state, ahead: 1 };
    }
  }

  private startOne(): boolean {
    const { tasks, serviceName, reservation, strategies } = this.state;
    const placed = [...(this.inputs.others ?? []), ...tasks];
    const host = placeOfTask(this.inputs.hosts, placed, serviceName, reservation, strategies);
    if (host === undefined) {
      this.notes.push(`${serviceName}: no host has room for a task`);
      return false;
    }
    this.startOn(host);
    return true;
  }

  private startOn({ ec2InstanceId }: Host): void {
    const { serviceName, taskDefinition, reservation, tasks, starts } = this.state;
    const taskId = `${serviceName}-${starts + 1}`;
    const task: Task = {
      taskId,
      serviceName,
      ec2InstanceId,
      taskDefinition,
      cpu: reservation.cpu,
      memory: reservation.memory,
      lastStatus: "PENDING",
      since: this.now,
    };
    this.state = { ...this.state, tasks: [...tasks, task], starts: starts + 1 };
    this.decisions.push({ action: "start", taskId, ec2InstanceId, taskDefinition });
  }

  private stop({ taskId }: Task, reason: string): void {
    const tasks = this.state.tasks.map((t) =>
      t.taskId === taskId ? { ...t, lastStatus: "STOPPING" as const, since: this.now } : t,
    );
    this.state = { ...this.state, tasks };
    this.decisions.push({ action: "stop", taskId, reason });
  }

  private least = () =>
    Math.ceil((this.state.desiredCount * (this.state.configuration.minimumHealthyPercent ?? 100)) / 100);
  private most = () => Math.floor((this.state.desiredCount * (this.state.configuration.maximumPercent ?? 200)) / 100);

  private isUnhealthy = (task: Task) => task.lastStatus === "RUNNING" && this.inputs.isHealthy?.(task) === false;
  private alive = () => this.state.tasks.filter((t) => t.lastStatus !== "STOPPING");
  private unhealthy = () => this.alive().filter(this.isUnhealthy);
  private healthy = () => this.alive().filter((t) => !this.isUnhealthy(t));
  private isServing = (task: Task) => task.lastStatus === "RUNNING" && this.inputs.isReady?.(task) !== false;
  private serving = () => this.healthy().filter(this.isServing);
  private current = () => this.healthy().filter((t) => !this.isOld(t));
  private old = () => this.healthy().filter(this.isOld);
  private isOld = (task: Task) => task.taskDefinition !== this.state.taskDefinition || this.isOnDraining(task);

  /** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-instance-draining.html */
  private isOnDraining = (task: Task) => this.hostOf(task)?.status === "DRAINING";

  private hostOf = (task: Task) => this.inputs.hosts.find((h) => h.ec2InstanceId === task.ec2InstanceId);
  private zoneOf = (task: Task) => this.hostOf(task)?.availabilityZone ?? "";
  private inZone = (zone: string) => this.alive().filter((t) => this.zoneOf(t) === zone).length;
  private fullest = (tasks: readonly Task[]) =>
    [...tasks].sort((a, b) => this.inZone(this.zoneOf(b)) - this.inZone(this.zoneOf(a)))[0];
}
