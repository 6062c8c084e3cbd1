import { alive } from "../../../model/autoScaling/group";
import { GroupState, renamed, stateOf } from "../../../model/autoScaling/state";
import { GroupDecision, step } from "../../../model/autoScaling/step";
import { Service } from "@aws-sdk/client-ecs";
import { KnownTask, NamedHost, ServiceCluster } from "./cluster";
import { PlayedDecision, ServicePlay, ServiceScene } from "./servicePlay";

/** Seconds of virtual time between two looks of AWS: it doesn't say how often it looks. */
const TICK = 10;

/** Seconds of virtual time without any decision after which nothing more is to come: hosts warm up for five minutes. */
const QUIET = 600;

/** Seconds of virtual time after which a play is given up: nothing of this takes three hours. */
const GIVE_UP = 10_800;

/** Seconds from a host's launch until its agent has joined the cluster. */
const JOIN_SECONDS = 120;

/** What happens to a cluster while it is played, and who watches. */
export interface Scene extends ServiceScene {
  /** Zones in which nothing answers or can be launched. @default none */
  readonly lostZones?: readonly string[];
  /** Instances that EC2 says are not running. @default none */
  readonly notRunning?: readonly string[];
  /** Told of what AWS does, at a virtual time, after it is done. */
  readonly tell?: (what: string, at: number, decision: PlayedDecision | GroupDecision, service?: string) => unknown;
  /** Told of the tasks that users reach, by service, whenever something has changed. */
  readonly watch?: (serving: ReadonlyMap<string, readonly KnownTask[]>, at: number) => void;
}

/**
 * Plays what AWS does by itself with a cluster, in virtual time: Auto Scaling with its hosts, ECS with its tasks, balancers
 * with their targets, Application Auto Scaling with its services.
 */
export class Play {
  private now = 0;
  /** What has kept something from being done, e.g. a task that finds no room. */
  readonly obstacles: string[] = [];

  private constructor(
    private readonly cluster: ServiceCluster,
    private readonly described: readonly Service[],
    private group: GroupState,
    private hosts: readonly NamedHost[],
    readonly services: readonly ServicePlay[],
  ) {}

  static async of(cluster: ServiceCluster): Promise<Play> {
    const [described, hosts] = await Promise.all([cluster.describedGroup(), cluster.hosts()]);
    const [subnets, services, tasks] = await Promise.all([
      cluster.subnets(described),
      cluster.services(),
      cluster.tasks(hosts),
    ]);
    const plays = await Promise.all(services.map((service) => ServicePlay.of(cluster, service, tasks)));
    return new Play(cluster, services, stateOf(described, subnets), hosts, plays);
  }

  /** Seconds of virtual time that have passed. */
  get elapsed(): number {
    return this.now;
  }

  /** Plays until nothing more is to be done. */
  async untilSettled(scene: Scene): Promise<void> {
    let lastDecision = this.now;
    await this.until((decisions) => {
      lastDecision = decisions > 0 ? this.now : lastDecision;
      return this.now - lastDecision >= QUIET && this.rests();
    }, scene);
  }

  /** Plays until something holds. */
  async until(isOver: (decisions: number) => boolean, scene: Scene): Promise<void> {
    scene.watch?.(await this.cluster.serving(this.described), this.now);
    const deadline = this.now + GIVE_UP;
    let decisions: number;
    do {
      if (this.now >= deadline) {
        throw new Error(`${this.cluster.name} hasn't settled after three hours of virtual time`);
      }
      this.now += TICK;
      decisions = await this.step(scene);
    } while (!isOver(decisions));
  }

  private rests(): boolean {
    const { instances } = this.group;
    return instances.every((i) => i.LifecycleState === "InService") && this.services.every((one) => one.rests);
  }

  /** Returns how much AWS has decided. */
  private async step(scene: Scene): Promise<number> {
    const { lostZones = [], tell } = scene;
    const isLost = ({ availabilityZone, ec2InstanceId }: NamedHost) =>
      lostZones.includes(availabilityZone) || scene.notRunning?.includes(ec2InstanceId) === true;
    const ofGroup = await this.stepGroup(scene);
    this.hosts = this.hosts.map((host) => (isLost(host) ? { ...host, agentConnected: false } : host));
    const deadHosts = [...(scene.deadHosts ?? []), ...this.hosts.filter(isLost).map((host) => host.ec2InstanceId)];
    let count = ofGroup.length;
    let serves = false;
    for (const one of this.services) {
      const others = this.services.filter((other) => other !== one).flatMap(({ placed }) => placed);
      const { decisions, notes } = await one.step(this.hosts, others, { ...scene, deadHosts }, this.now);
      this.obstacles.push(...notes);
      for (const decision of decisions) {
        const what = said(decision, one.name);
        if (what !== undefined) {
          await tell?.(what, this.now, decision, one.name);
        }
      }
      count += decisions.length;
      serves ||= decisions.some(changesService);
    }
    if (serves) {
      scene.watch?.(await this.cluster.serving(this.described), this.now);
    }
    return count;
  }

  private async stepGroup({ lostZones = [], notRunning, tell }: Scene): Promise<readonly GroupDecision[]> {
    const taskHosts = new Set(this.services.flatMap(({ placed }) => placed.map((task) => task.ec2InstanceId)));
    const isLost = (zone: string) => lostZones.includes(zone);
    // ECS drains what is to go, and lets it go when it is empty: all that go together go when the last of them is.
    const leaving = this.group.instances.filter((i) => i.LifecycleState === "Terminating");
    const drains = leaving.some(
      ({ InstanceId, AvailabilityZone }) => taskHosts.has(InstanceId) && !isLost(AvailabilityZone),
    );
    const { state, decisions } = step(
      {
        ...this.group,
        instances: this.group.instances.map((i) => ({
          ...i,
          ProtectedFromScaleIn: this.cluster.protectsHosts && taskHosts.has(i.InstanceId),
        })),
      },
      {
        lifecycle: { launchSeconds: JOIN_SECONDS, terminateSeconds: drains ? Infinity : 0 },
        notRunning: notRunning ?? [],
        impaired: alive(this.group.instances).flatMap((i) => (isLost(i.AvailabilityZone) ? [i.InstanceId] : [])),
        unavailableZones: lostZones,
      },
      this.now,
    );
    this.group = state;
    for (const decision of decisions) {
      const what = await this.carryOut(decision);
      if (what !== undefined) {
        await tell?.(what, this.now, decision);
      }
    }
    return decisions;
  }

  /** Does through the APIs what Auto Scaling does with hosts, and ECS with it; says what that was. */
  private async carryOut(decision: GroupDecision): Promise<string | undefined> {
    const { cluster } = this;
    switch (decision.action) {
      case "launch": {
        const id = await cluster.launch(decision);
        this.group = renamed(this.group, decision.InstanceId, id);
        return `Auto Scaling launches the host ${id} in ${decision.AvailabilityZone}`;
      }
      case "in-service": {
        const { InstanceId } = decision;
        const zone = this.group.instances.find((i) => i.InstanceId === InstanceId)?.AvailabilityZone ?? "";
        await cluster.takeIn(InstanceId);
        this.hosts = [...this.hosts, await cluster.join(InstanceId, zone)];
        return `the host ${InstanceId} joins the cluster`;
      }
      case "unhealthy":
        await cluster.markUnhealthy(decision.InstanceId);
        return `Auto Scaling calls the host ${decision.InstanceId} unhealthy: ${decision.reason}`;
      case "terminate":
        await this.drain(decision.InstanceId);
        await cluster.takeOut(decision.InstanceId);
        return `Auto Scaling takes the host ${decision.InstanceId} out: ${decision.reason}`;
      case "terminated":
        await cluster.terminate(decision.InstanceId);
        this.hosts = this.hosts.filter((host) => host.ec2InstanceId !== decision.InstanceId);
        return `the host ${decision.InstanceId} is terminated`;
      case "refresh":
      case "checkpoint":
        return undefined;
    }
  }

  private async drain(id: string): Promise<void> {
    const host = this.hosts.find((one) => one.ec2InstanceId === id);
    if (host?.agentConnected === true) {
      await this.cluster.drain(host);
    }
    this.hosts = this.hosts.map((one) => (one === host ? { ...one, status: "DRAINING" } : one));
  }
}

/** Whether something decides on who serves: the balancer's verdict, or that a task goes. */
const changesService = ({ action }: PlayedDecision) => ["healthy", "unhealthy", "stop", "stopped"].includes(action);

/** What AWS does with a service, for people. */
function said(decision: PlayedDecision, service: string): string | undefined {
  switch (decision.action) {
    case "start":
      return `ECS starts a task of ${service} on ${decision.ec2InstanceId}`;
    case "stop":
      return `ECS stops a task of ${service}: ${decision.reason}`;
    case "rollout":
      return `the deployment of ${service} is ${decision.rolloutState}`;
    case "set-desired-capacity":
      return `${decision.PolicyName} asks for ${decision.DesiredCapacity} tasks of ${service}`;
    case "healthy":
    case "unhealthy":
      return `the balancer calls ${decision.Id} of ${service} ${decision.action}`;
    default:
      return undefined;
  }
}
