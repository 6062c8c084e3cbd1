import { Service } from "@aws-sdk/client-ecs";
import { alarmOf, AlarmState, MetricAlarm, stepAlarm } from "../../../model/alarm";
import { ScalingState, scale, UNSCALED } from "../../../model/autoScaling/scalingPolicy";
import { Placed } from "../../../model/ecs/placement";
import { scaleService } from "../../../model/ecs/scaling";
import { deploy, ServiceDecision, serviceOf, ServiceState, stepService, Task } from "../../../model/ecs/service";
import { stepTargets, TargetDecision, TargetGroupState, withHealthyTargets } from "../../../model/targetHealth";
import { KnownTask, NamedHost, Scaling, ServiceCluster, targetId } from "./cluster";

/** Seconds from a task's start until its container runs, its image being pulled. */
const START_SECONDS = 30;

/** What happens to services while they are played. */
export interface ServiceScene {
  /** Hosts on which nothing answers. @default none */
  readonly deadHosts?: readonly string[];
  /** Whether a task's application answers, once it has had the time to start. @default it does */
  readonly works?: (task: Task) => boolean;
  /** The statistic of a scaling alarm's metric over a period. @default there are no data */
  readonly statistic?: (alarm: MetricAlarm, from: number, to: number) => number | undefined;
}

type ScalingDecision = ReturnType<typeof scale>["decisions"][number];

/** What AWS does with a service, in the order in which it does it. */
export type PlayedDecision = TargetDecision | ServiceDecision | ScalingDecision;

/**
 * A service in virtual time: its tasks, its target group, its alarms and policies. The model decides, from what the
 * deployed resources say of themselves; what it decides is done through the APIs.
 */
export class ServicePlay {
  /** What tasks really are, by the model's names. */
  private readonly known = new Map<string, KnownTask>();
  private alarms: readonly AlarmState[];
  private scaled: ScalingState = UNSCALED;

  private constructor(
    private readonly cluster: ServiceCluster,
    /** As ECS described it when its deployment began. */
    public service: Service,
    private readonly scaling: Scaling,
    public state: ServiceState,
    private targets: TargetGroupState,
    tasks: readonly KnownTask[],
  ) {
    this.alarms = scaling.alarms.map((alarm) => alarmOf(alarm, 0));
    tasks.forEach((task) => this.known.set(task.arn, task));
  }

  /** A service at rest. */
  static async of(cluster: ServiceCluster, service: Service, all: readonly KnownTask[]): Promise<ServicePlay> {
    const tasks = all.filter((task) => task.serviceName === service.serviceName);
    const [scaling, needs, group] = await Promise.all([
      cluster.scalingOf(service),
      cluster.reservation(service.taskDefinition ?? ""),
      cluster.targetGroup(service),
    ]);
    const running = tasks.map(({ arn, serviceName, ec2InstanceId, taskDefinition }): Task => {
      const since = Number.NEGATIVE_INFINITY;
      return { taskId: arn, serviceName, ec2InstanceId, taskDefinition, ...needs, lastStatus: "RUNNING", since };
    });
    const registered = tasks.map((task) => ({ Id: targetId(task), AvailabilityZone: task.availabilityZone }));
    const state = { ...serviceOf(service, needs), tasks: running };
    return new ServicePlay(cluster, service, scaling, state, withHealthyTargets(group, registered, 0), tasks);
  }

  get name(): string {
    return this.service.serviceName ?? "";
  }

  /** The fewest and the most tasks that scaling keeps to. */
  get bounds(): Scaling["bounds"] {
    return this.scaling.bounds;
  }

  get alarmsOfScaling(): readonly MetricAlarm[] {
    return this.scaling.alarms;
  }

  /** What of hosts its tasks take. */
  get placed(): readonly Placed[] {
    return this.state.tasks;
  }

  /** Whether nothing of it is under way. */
  get rests(): boolean {
    const { rolloutState, tasks } = this.state;
    return rolloutState !== "IN_PROGRESS" && tasks.every((task) => task.lastStatus === "RUNNING");
  }

  /** A task has ended, and nobody has asked it to. */
  lose(task: KnownTask): void {
    const gone = [...this.known].find(([, one]) => one.arn === task.arn)?.[0];
    this.state = { ...this.state, tasks: this.state.tasks.filter((one) => one.taskId !== gone) };
  }

  /** Another task definition is to run, as UpdateService says. */
  async deploy(taskDefinition: string): Promise<void> {
    await this.cluster.update(this.name, { taskDefinition });
    await this.look();
    this.state = deploy(this.state, taskDefinition, await this.cluster.reservation(taskDefinition));
  }

  private async look(): Promise<void> {
    this.service = (await this.cluster.services()).find((one) => one.serviceName === this.name) ?? this.service;
  }

  /** What AWS does at a moment, done. */
  async step(
    hosts: readonly NamedHost[],
    others: readonly Placed[],
    scene: ServiceScene,
    now: number,
  ): Promise<{ readonly decisions: readonly PlayedDecision[]; readonly notes: readonly string[] }> {
    const { decisions: found } = this.check(scene, now);
    const scaled = this.scale(scene, now);
    if (scaled !== undefined) {
      this.state = { ...this.state, desiredCount: scaled.DesiredCapacity };
    }
    const { state, decisions, notes } = stepService(
      this.state,
      {
        ...{
          hosts,
          others,
          startSeconds: START_SECONDS,
          stopSeconds: this.targets.settings.deregistrationDelaySeconds,
        },
        isHealthy: (task) => this.verdict(task) !== "unhealthy" || this.isInGrace(task, now),
        isReady: (task) => this.verdict(task) === "healthy",
      },
      now,
    );
    const before = this.state.taskDefinition;
    this.state = state;
    const all = [...found, ...(scaled === undefined ? [] : [scaled]), ...decisions];
    for (const decision of all) {
      await this.carryOut(decision, hosts, before);
    }
    return { decisions: all, notes };
  }

  /** The balancer checks its targets: tasks that run, and are not about to stop. */
  private check({ deadHosts = [], works = () => true }: ServiceScene, now: number) {
    const running = this.state.tasks.filter((task) => task.lastStatus === "RUNNING");
    const byTarget = new Map(running.map((task) => [this.targetOf(task), task]));
    const registered = running.map((task) => ({
      Id: this.targetOf(task),
      AvailabilityZone: this.known.get(task.taskId)?.availabilityZone ?? "",
    }));
    const passes = (id: string, at: number) => {
      const task = byTarget.get(id);
      const started = task !== undefined && at - task.since >= this.applicationSeconds();
      return started && !deadHosts.includes(task.ec2InstanceId) && works(task);
    };
    const stepped = stepTargets(this.targets, { registered, passes }, now);
    this.targets = stepped.state;
    return stepped;
  }

  /**
   * Seconds that an application may take from its container's start until it answers: once the grace period is over, the
   * balancer has to have seen it answer as often as it wants to.
   */
  private applicationSeconds(): number {
    const { HealthCheckIntervalSeconds: interval, HealthyThresholdCount: passes } = this.targets.settings;
    return Math.max(0, (this.service.healthCheckGracePeriodSeconds ?? 0) - (passes + 2) * interval);
  }

  private scale({ statistic = () => undefined }: ServiceScene, now: number): ScalingDecision | undefined {
    const stepped = this.alarms.map((alarm) => stepAlarm(alarm, (from, to) => statistic(alarm.alarm, from, to), now));
    this.alarms = stepped.map((one) => one.state);
    const readings = this.alarms.map(({ alarm, StateValue }) => {
      const { Period = 60 } = alarm;
      const end = Math.floor(now / Period) * Period;
      return { ...alarm, StateValue, value: statistic(alarm, end - Period, end) };
    });
    const { bounds, policies } = this.scaling;
    const { state, decisions } = scaleService(this.scaled, this.state, bounds, policies, readings, now);
    this.scaled = state;
    return decisions[0];
  }

  private targetOf = (task: Task) => {
    const known = this.known.get(task.taskId);
    return known === undefined ? task.taskId : targetId(known);
  };
  private verdict = (task: Task) => this.targets.targets.find((t) => t.Id === this.targetOf(task))?.State;
  private isInGrace = (task: Task, now: number) => now - task.since < (this.service.healthCheckGracePeriodSeconds ?? 0);

  private async carryOut(decision: PlayedDecision, hosts: readonly NamedHost[], before: string): Promise<void> {
    const { cluster, service } = this;
    switch (decision.action) {
      case "start": {
        const host = hosts.find((one) => one.ec2InstanceId === decision.ec2InstanceId);
        if (host !== undefined) {
          this.known.set(decision.taskId, await cluster.start(service, decision.taskDefinition, host));
        }
        return;
      }
      case "running":
        await this.appear(decision.taskId);
        return;
      case "stop":
        await cluster.deregister(service, this.idsOf(decision.taskId));
        return;
      case "stopped":
        await this.disappear(decision.taskId);
        return;
      case "rollout":
        await this.advance(decision, before);
        return;
      case "set-desired-capacity":
        await cluster.update(this.name, { desiredCount: decision.DesiredCapacity });
        return;
      case "healthy":
      case "unhealthy":
        await this.found(decision.Id, decision.action);
        return;
      case "initial":
      case "draining":
      case "deregistered":
        // What the balancer does with what ECS has registered and deregistered.
        return;
    }
  }

  private idsOf = (taskId: string) => [...[this.known.get(taskId)].flatMap((task) => (task ? [targetId(task)] : []))];

  private async appear(taskId: string): Promise<void> {
    const task = this.known.get(taskId);
    if (task !== undefined) {
      await this.found(targetId(task), "initial");
      await this.cluster.run(task.arn);
      await this.cluster.register(this.service, [targetId(task)]);
    }
  }

  private async disappear(taskId: string): Promise<void> {
    const task = this.known.get(taskId);
    if (task !== undefined) {
      await this.cluster.deregister(this.service, [targetId(task)]);
      await this.cluster.stop(task.arn, "Scaling activity initiated by deployment");
      this.known.delete(taskId);
    }
  }

  private async found(id: string, state: "initial" | "unhealthy" | "healthy"): Promise<void> {
    const { region, clients } = this.cluster;
    await clients.endpoint.change({ targetHealth: { [id]: state } }, region);
  }

  /** A deployment that fails is followed by one back to what was there. */
  private async advance({ rolloutState }: ServiceDecision & { action: "rollout" }, failed: string): Promise<void> {
    const { region, clients } = this.cluster;
    const { taskDefinition } = this.state;
    await clients.endpoint.advanceDeployment(region, this.service.serviceArn ?? "", {
      rolloutState,
      ...(rolloutState === "FAILED" && {
        rolloutStateReason: "ECS deployment circuit breaker: tasks failed to start.",
      }),
      ...(rolloutState === "FAILED" && taskDefinition !== failed && { rollBackTo: taskDefinition }),
    });
    await this.look();
  }
}
