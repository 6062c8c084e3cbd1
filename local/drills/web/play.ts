import { InstanceRefresh } from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient, SetAlarmStateCommand } from "@aws-sdk/client-cloudwatch";
import { AlarmStateValue } from "../../../model/alarm";
import { alive, Instance } from "../../../model/autoScaling/group";
import { isActive } from "../../../model/autoScaling/instanceRefresh";
import { renamed, startInstanceRefresh } from "../../../model/autoScaling/state";
import {
  BalancedGroup,
  BalancedGroupDecision,
  BalancedGroupInputs,
  balancedGroupOf,
  stepBalancedGroup,
} from "../../../model/balancedGroup";
import { TRACKING } from "../targetTracking";
import { Serving, Tier } from "./tier";

/** Seconds of virtual time between two looks of Auto Scaling: AWS doesn't say how often it looks. */
const TICK = 10;

/** Seconds of virtual time after which a play is given up: nothing of this takes a day. */
const GIVE_UP = 86_400;

/** EC2's part of a launch, in seconds: what the application needs beyond it is the tier's `startSeconds`. */
const LAUNCH_SECONDS = 60;

/** How many targets were healthy and unhealthy at which time: what the balancer's metrics say. */
class HostCounts {
  private readonly counts: { readonly from: number; readonly healthy: number; readonly unhealthy: number }[] = [];

  note(from: number, { targets }: BalancedGroup): void {
    const count = (state: string) => targets.targets.filter((t) => t.State === state).length;
    this.counts.push({ from, healthy: count("healthy"), unhealthy: count("unhealthy") });
  }

  /** The metric of an alarm over a period, in the statistic that an alarm on it uses. */
  of(metric: string | undefined, from: number, to: number): number | undefined {
    const within = this.counts.filter((c, i) => c.from < to && (this.counts[i + 1]?.from ?? Infinity) > from);
    if (within.length === 0) {
      return undefined;
    }
    return metric === "HealthyHostCount"
      ? Math.min(...within.map((c) => c.healthy))
      : metric === "UnHealthyHostCount"
        ? Math.max(...within.map((c) => c.unhealthy))
        : undefined;
  }
}

/** What happens to a tier while it is played, and who watches. */
export interface Scene extends Omit<BalancedGroupInputs, "lifecycle" | "answers"> {
  /** Whether an instance's application answers, once it has had the time to start. @default it does */
  readonly works?: (instance: Instance) => boolean;
  /** Told of what AWS does, at a virtual time, after it is done. */
  readonly tell?: (what: string, at: number, decision: BalancedGroupDecision) => Promise<void> | void;
  /** Told of the instances that users reach, whenever something has changed. */
  readonly watch?: (serving: readonly Serving[], at: number) => void;
}

/**
 * Plays what AWS does by itself with a tier, in virtual time: the model decides, from what the deployed resources say of
 * themselves, and what it decides is done through the APIs.
 */
export class Play {
  private now = 0;
  private readonly hosts = new HostCounts();
  /** The alarms that have gone off, and not back. */
  private readonly alarming = new Set<string>();

  private constructor(
    private readonly tier: Tier,
    private readonly startSeconds: number,
    private state: BalancedGroup,
  ) {}

  /** An application takes as long to answer as its group waits for it, at most. */
  static async of(tier: Tier): Promise<Play> {
    const described = await tier.described();
    return new Play(tier, described.group.HealthCheckGracePeriod ?? 0, balancedGroupOf(described, 0));
  }

  /** Seconds of virtual time that have passed. */
  get elapsed(): number {
    return this.now;
  }

  /** How many instances the group is to have. */
  get desired(): number {
    return this.state.group.group.DesiredCapacity;
  }

  /** Carries out an instance refresh that somebody has started through the API. */
  begin({ DesiredConfiguration, Preferences }: InstanceRefresh): void {
    const request = { DesiredConfiguration, Preferences };
    this.state = { ...this.state, group: startInstanceRefresh(this.state.group, request, this.now) };
  }

  /** Plays until nothing more is to be done: all that is desired serves, in all zones alike, and no refresh goes on. */
  async untilSettled(scene: Scene): Promise<void> {
    return this.until((state) => isSettled(state, scene), scene);
  }

  /** Plays until policies have brought the group to another size, at least or at most. */
  async untilDesired(isSo: (desired: number) => boolean, scene: Scene): Promise<void> {
    return this.until(() => isSo(this.desired), scene);
  }

  private async until(isOver: (state: BalancedGroup) => boolean, scene: Scene): Promise<void> {
    scene.watch?.(await this.tier.serving(), this.now);
    const deadline = this.now + GIVE_UP;
    do {
      if (this.now >= deadline) {
        throw new Error(`${this.tier.group} hasn't settled after a day of virtual time`);
      }
      this.now += TICK;
      await this.step(scene);
    } while (!isOver(this.state));
  }

  private async step(scene: Scene): Promise<void> {
    const { works = () => true, tell, watch, statistic, ...inputs } = scene;
    const terminateSeconds = this.state.targets.settings.deregistrationDelaySeconds;
    const { state, decisions } = stepBalancedGroup(
      this.state,
      {
        ...inputs,
        statistic: (alarm, from, to) => statistic?.(alarm, from, to) ?? this.hosts.of(alarm.MetricName, from, to),
        lifecycle: { launchSeconds: LAUNCH_SECONDS, terminateSeconds },
        answers: (instance, at) => at - instance.since + LAUNCH_SECONDS >= this.startSeconds && works(instance),
      },
      this.now,
    );
    this.state = state;
    this.hosts.note(this.now, state);
    for (const decision of decisions) {
      const what = await this.carryOut(decision);
      if (what !== undefined) {
        await tell?.(what, this.now, decision);
      }
    }
    if (decisions.some(changesService)) {
      watch?.(await this.tier.serving(), this.now);
    }
  }

  /** Does through the APIs what AWS does; says what that was. */
  private async carryOut(decision: BalancedGroupDecision): Promise<string | undefined> {
    const { tier } = this;
    switch (decision.action) {
      case "launch": {
        const id = await tier.launch(decision);
        this.state = { ...this.state, group: renamed(this.state.group, decision.InstanceId, id) };
        return `Auto Scaling launches ${id} in ${decision.AvailabilityZone}`;
      }
      case "in-service":
        await this.found(decision.InstanceId, "initial");
        await tier.takeIn(decision.InstanceId);
        return `${decision.InstanceId} is in service`;
      case "unhealthy":
        if ("Id" in decision) {
          await this.found(decision.Id, "unhealthy");
          return `the balancer calls ${decision.Id} unhealthy`;
        }
        await tier.markUnhealthy(decision.InstanceId);
        return `Auto Scaling calls ${decision.InstanceId} unhealthy: ${decision.reason}`;
      case "healthy":
        await this.found(decision.Id, "healthy");
        return `the balancer calls ${decision.Id} healthy`;
      case "terminate":
        await tier.takeOut(decision.InstanceId);
        return `Auto Scaling takes ${decision.InstanceId} out: ${decision.reason}`;
      case "terminated":
        await tier.terminate(decision.InstanceId);
        return `${decision.InstanceId} is terminated`;
      case "set-alarm-state":
        return this.setAlarm(decision.AlarmName, decision.StateValue);
      case "set-desired-capacity":
        return `${decision.PolicyName} asks for ${decision.DesiredCapacity} instances`;
      case "refresh":
        await this.advance(decision.Status, decision.StatusReason);
        return `the instance refresh is ${decision.Status}${decision.StatusReason ? `: ${decision.StatusReason}` : ""}`;
      case "checkpoint":
        return `the instance refresh waits at ${decision.PercentageComplete} %`;
      case "initial":
      case "draining":
      case "deregistered":
        // What the balancer does with what Auto Scaling has registered and deregistered.
        return undefined;
    }
  }

  private async found(id: string, state: "initial" | "unhealthy" | "healthy"): Promise<void> {
    const { region, clients } = this.tier;
    await clients.endpoint.change({ targetHealth: { [id]: state } }, region);
  }

  /** Target tracking's own alarms are Auto Scaling's: no emulator makes them. */
  private async setAlarm(AlarmName: string, StateValue: AlarmStateValue): Promise<string | undefined> {
    if (!AlarmName.startsWith(TRACKING)) {
      await this.tier.clients
        .make(CloudWatchClient, this.tier.region)
        .send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: "played" }));
    }
    const wasAlarming = this.alarming.delete(AlarmName);
    if (StateValue === "ALARM") {
      this.alarming.add(AlarmName);
    }
    return StateValue === "ALARM" || wasAlarming ? `the alarm ${AlarmName} is in ${StateValue}` : undefined;
  }

  /** What the refresh's end, or its turn, means for the group and for those who ask about it. */
  private async advance(Status: string, StatusReason = ""): Promise<void> {
    const { tier } = this;
    const { refresh } = this.state.group;
    const { LaunchTemplateId = "", Version = "" } = refresh?.target ?? {};
    if (Status === "Successful") {
      await tier.adopt(LaunchTemplateId, Version);
    }
    const ended = isActive(refresh) ? {} : { EndTime: new Date().toISOString() };
    const PercentageComplete = String(refresh?.PercentageComplete ?? 0);
    const change = { Status, StatusReason, PercentageComplete, ...ended };
    await tier.clients.endpoint.advanceRefresh(tier.region, tier.group, change);
  }
}

/** Whether something decides on who serves: the balancer's verdict, or that an instance goes. */
const changesService = (decision: BalancedGroupDecision) =>
  decision.action === "terminate" || ("Id" in decision && /healthy/.test(decision.action));

/** As many as desired, all healthy behind the balancer, as evenly spread as they can be; and nothing under way. */
function isSettled({ group: state, targets }: BalancedGroup, { lostZones = [], notRunning = [] }: Scene): boolean {
  const { group, instances, refresh, ahead } = state;
  const zones = [...group.zones.keys()].filter((zone) => !lostZones.includes(zone));
  const counts = zones.map((zone) => instances.filter((i) => i.AvailabilityZone === zone).length);
  const healthy = targets.targets.filter((t) => t.State === "healthy").length;
  return (
    !isActive(refresh) &&
    ahead === 0 &&
    alive(instances).length === instances.length &&
    !instances.some((i) => lostZones.includes(i.AvailabilityZone) || notRunning.includes(i.InstanceId)) &&
    instances.length === group.DesiredCapacity &&
    healthy === instances.length &&
    Math.max(...counts) - Math.min(...counts) <= 1
  );
}
