import { TIMES } from "../times";
import { alive, Instance, isReady, LaunchTemplate, Lifecycle, limits, Limits } from "./group";
import { isActive, percentagesOf, permitted, proceed, RefreshStatus } from "./instanceRefresh";
import { givenUp, imbalance, placeOfLaunch } from "./spread";
import { GroupState, launchedBy, surplus, warmupSeconds } from "./state";

/** What a group finds at a step. Instances and alarms are known by their ids and names. */
export interface GroupInputs {
  readonly lifecycle: Lifecycle;
  /** Instances that EC2 says are not running: these are replaced at once. @default none */
  readonly notRunning?: readonly string[];
  /** Instances that fail EC2's status checks. @default none */
  readonly impaired?: readonly string[];
  /** Instances of which a load balancer says `unhealthy` (DescribeTargetHealth). @default none */
  readonly unhealthyTargets?: readonly string[];
  /** Zones in which no instance can be launched. @default none */
  readonly unavailableZones?: readonly string[];
  /** Alarms in ALARM, for those that an instance refresh heeds. @default none */
  readonly alarms?: readonly string[];
}

/** What Auto Scaling does. */
export type GroupDecision =
  | {
      readonly action: "launch";
      /** The model's name, until `renamed` (state.ts) says the real one. */
      readonly InstanceId: string;
      readonly AvailabilityZone: string;
      readonly SubnetId?: string | undefined;
      readonly LaunchTemplate: LaunchTemplate;
    }
  | { readonly action: "in-service"; readonly InstanceId: string }
  | { readonly action: "unhealthy"; readonly InstanceId: string; readonly reason: string }
  | { readonly action: "terminate"; readonly InstanceId: string; readonly reason: string }
  | { readonly action: "terminated"; readonly InstanceId: string }
  | { readonly action: "refresh"; readonly Status: RefreshStatus; readonly StatusReason?: string | undefined }
  | { readonly action: "checkpoint"; readonly PercentageComplete: number; readonly waitsUntil: number };

/** What a step comes to. */
export interface GroupStep {
  readonly state: GroupState;
  readonly decisions: readonly GroupDecision[];
  /** What didn't happen and why, e.g. launches that failed. */
  readonly notes: readonly string[];
}

/**
 * What Auto Scaling does at a moment: takes instances into service, judges their health, carries on with an instance
 * refresh, terminates and launches. Call it as often as Auto Scaling is to look: how often it really does, AWS doesn't
 * say.
 * @param now seconds of virtual time, never less than in the step before
 */
export function step(state: GroupState, inputs: GroupInputs, now: number): GroupStep {
  const moment = new Moment(state, inputs, now);
  moment.advance();
  moment.judge();
  moment.proceedWithRefresh();
  moment.replaceDead();
  moment.replaceSick();
  moment.replaceOutdated();
  moment.scaleIn();
  moment.launch();
  moment.rebalance();
  return { state: moment.state, decisions: moment.decisions, notes: moment.notes };
}

/** The processes that SuspendProcesses can suspend, as far as the model has them. */
type Process = "Launch" | "Terminate" | "HealthCheck" | "ReplaceUnhealthy" | "AZRebalance";

/** One step under way: each method is one of the things that Auto Scaling does, and leaves the state to the next. */
class Moment {
  readonly decisions: GroupDecision[] = [];
  readonly notes: string[] = [];

  constructor(
    public state: GroupState,
    private readonly inputs: GroupInputs,
    private readonly now: number,
  ) {}

  /** What was launched long enough ago is in service; what was terminated long enough ago is gone. */
  advance(): void {
    const { launchSeconds, terminateSeconds } = this.inputs.lifecycle;
    const instances = this.state.instances.flatMap((i) => {
      if (i.LifecycleState === "Pending" && this.now - i.since >= launchSeconds) {
        this.decisions.push({ action: "in-service", InstanceId: i.InstanceId });
        return [{ ...i, LifecycleState: "InService" as const, since: i.since + launchSeconds }];
      }
      if (i.LifecycleState === "Terminating" && this.now - i.since >= terminateSeconds) {
        this.decisions.push({ action: "terminated", InstanceId: i.InstanceId });
        return [];
      }
      return [i];
    });
    this.state = { ...this.state, instances };
  }

  /**
   * What isn't running is unhealthy at once. Failed checks count after the grace period, EC2's after a few minutes.
   * https://docs.aws.amazon.com/autoscaling/ec2/userguide/health-check-grace-period.html
   */
  judge(): void {
    if (this.suspended("HealthCheck")) {
      return;
    }
    const instances = this.state.instances.map((one) => {
      const impaired = this.inputs.impaired?.includes(one.InstanceId) === true;
      const instance = { ...one, impairedSince: impaired ? (one.impairedSince ?? this.now) : undefined };
      const reason = instance.HealthStatus === "Healthy" ? this.whatIsWrongWith(instance) : undefined;
      if (reason === undefined) {
        return instance;
      }
      this.decisions.push({ action: "unhealthy", InstanceId: one.InstanceId, reason });
      return { ...instance, HealthStatus: "Unhealthy" as const };
    });
    this.state = { ...this.state, instances };
  }

  private whatIsWrongWith(instance: Instance): string | undefined {
    const { group } = this.state;
    const { InstanceId: id, LifecycleState, since, impairedSince } = instance;
    if (LifecycleState === "Terminating") {
      return undefined;
    }
    if (this.isDead(instance)) {
      return "EC2 says that it isn't running";
    }
    if (LifecycleState === "Pending" || this.now - since < group.HealthCheckGracePeriod) {
      return undefined;
    }
    if (impairedSince !== undefined && this.now - impairedSince >= TIMES.impairedInstance.typical) {
      return "it fails EC2's status checks";
    }
    const failsTarget = group.HealthCheckType === "ELB" && this.inputs.unhealthyTargets?.includes(id) === true;
    return failsTarget ? "it fails the load balancer's health check" : undefined;
  }

  proceedWithRefresh(): void {
    const { refresh, group } = this.state;
    if (!isActive(refresh)) {
      return;
    }
    const current = this.current();
    const after = proceed(
      refresh,
      {
        remaining: this.alive().filter((i) => refresh.outdated.includes(i.InstanceId)).length,
        settled:
          this.sick().length === 0 &&
          current.every((i) => this.isReady(i)) &&
          current.length + this.outdated().length >= group.DesiredCapacity,
        alarms: this.inputs.alarms ?? [],
        launched: launchedBy(this.state),
      },
      group,
      this.now,
    );
    this.state = {
      ...this.state,
      refresh: after,
      group: after.Status === "Successful" ? { ...group, LaunchTemplate: after.target } : group,
      ahead: isActive(after) ? this.state.ahead : surplus(this.state),
    };
    if (after.checkpoints > refresh.checkpoints) {
      const { PercentageComplete, waitsUntil } = after;
      this.decisions.push({ action: "checkpoint", PercentageComplete, waitsUntil });
    }
    if (after.Status !== refresh.Status) {
      this.decisions.push({ action: "refresh", Status: after.Status, StatusReason: after.StatusReason });
    }
  }

  /** What EC2 no longer runs holds nothing up. */
  replaceDead(): void {
    if (!this.suspended("ReplaceUnhealthy")) {
      this.sick()
        .filter((i) => this.isDead(i))
        .forEach((i) => this.terminate(i, "it isn't running"));
    }
  }

  /** The unhealthy go as far as what is there, unhealthy or ready, stays within the limits: others come first then. */
  replaceSick(): void {
    const { least } = this.limits();
    for (const instance of this.suspended("ReplaceUnhealthy") ? [] : this.sick()) {
      if (this.ready().length + this.sick().length - 1 >= least) {
        this.terminate(instance, "it is unhealthy");
      }
    }
  }

  /** What an instance refresh replaces goes as far as it may now, and what is ready stays within the limits. */
  replaceOutdated(): void {
    const { least } = this.limits();
    while (this.permitted() > 0 && this.ready().length - 1 >= least) {
      const candidates = this.outdated().filter((i) => i.LifecycleState === "InService" && this.mayBeRefreshed(i));
      const instance = givenUp(candidates, this.healthy());
      if (instance === undefined || !this.terminate(instance, "an instance refresh replaces it")) {
        return;
      }
    }
  }

  /** What is there beyond the desired capacity goes; what was launched ahead stays until all are ready. */
  scaleIn(): void {
    if (this.current().every((i) => this.isReady(i))) {
      this.state = { ...this.state, ahead: 0 };
    }
    const { ahead, group } = this.state;
    while (this.current().length + this.outdated().length - this.permitted() > group.DesiredCapacity + ahead) {
      const candidates = this.healthy().filter((i) => !i.ProtectedFromScaleIn);
      const instance = givenUp(candidates, this.healthy());
      if (instance === undefined || !this.terminate(instance, "there are more than desired")) {
        return;
      }
    }
  }

  /** Launches what is missing, as far as the limits allow while what is to go is still there. */
  launch(): void {
    const { group } = this.state;
    const staying = this.outdated().length - this.permitted();
    const missing = group.DesiredCapacity - this.current().length - staying;
    // By AWS's definition the upper limit is of what is healthy or pending. Without a policy nothing is launched before
    // what it replaces is terminated.
    const { most } = this.limits();
    const counted = this.replacesWithin() === undefined ? this.alive() : this.healthy();
    for (let room = Math.min(missing, most - counted.length); room > 0; room--) {
      if (!this.launchOne()) {
        return;
      }
    }
  }

  /**
   * Zones that have grown apart are evened out: launched where there are fewest, and once that is ready the fullest
   * zones give up as many. A tenth of the group or one at a time.
   * https://docs.aws.amazon.com/autoscaling/ec2/userguide/auto-scaling-benefits.html#AutoScalingBehavior.InstanceUsage
   */
  rebalance(): void {
    const { group, refresh, ahead } = this.state;
    const zones = [...group.zones.keys()].filter((zone) => this.inputs.unavailableZones?.includes(zone) !== true);
    const all = this.alive();
    const atRest = all.length === group.DesiredCapacity && all.every((i) => this.isReady(i)) && ahead === 0;
    if (!atRest || isActive(refresh) || this.suspended("AZRebalance")) {
      return;
    }
    const most = Math.max(1, Math.floor(group.DesiredCapacity / 10));
    // Each instance that moves from the fullest zone to the emptiest brings them closer by two.
    const moves = Math.min(most, Math.floor(imbalance(zones, all) / 2));
    for (let i = 0; i < moves && this.launchOne(); i++) {
      this.state = { ...this.state, ahead: this.state.ahead + 1 };
    }
  }

  private launchOne(): boolean {
    const { group, refresh, launches, instances } = this.state;
    if (this.suspended("Launch")) {
      this.notes.push("Launch is suspended");
      return false;
    }
    const { place, failed } = placeOfLaunch(group, this.healthy(), this.inputs.unavailableZones, this.current());
    this.notes.push(...failed.map((zone) => `a launch in ${zone} fails`));
    if (place === undefined) {
      return false;
    }
    const InstanceId = `launch-${launches + 1}`;
    const updates = isActive(refresh);
    const template = updates ? refresh.target : group.LaunchTemplate;
    const launched: Instance = {
      InstanceId,
      ...place,
      LifecycleState: "Pending",
      HealthStatus: "Healthy",
      LaunchTemplate: template,
      ProtectedFromScaleIn: false,
      since: this.now,
      refresh: updates && refresh.Status !== "RollbackInProgress" ? refresh.InstanceRefreshId : undefined,
    };
    this.state = { ...this.state, launches: launches + 1, instances: [...instances, launched] };
    this.decisions.push({ action: "launch", InstanceId, ...place, LaunchTemplate: template });
    return true;
  }

  private terminate(instance: Instance, reason: string): boolean {
    const { InstanceId } = instance;
    if (this.suspended("Terminate")) {
      this.notes.push(`Terminate is suspended: ${InstanceId} stays although ${reason}`);
      return false;
    }
    const instances = this.state.instances.map((i) =>
      i.InstanceId === InstanceId ? { ...i, LifecycleState: "Terminating" as const, since: this.now } : i,
    );
    this.state = { ...this.state, instances };
    this.decisions.push({ action: "terminate", InstanceId, reason });
    return true;
  }

  /** The range to which replacing keeps; `undefined` for AWS's default. */
  private replacesWithin(): Limits | undefined {
    const { refresh, group } = this.state;
    const percentages = isActive(refresh) ? percentagesOf(refresh, group) : group.maintenance;
    return percentages && limits(group.DesiredCapacity, percentages);
  }

  /**
   * AWS's default: a tenth of the group at a time, or one, terminated first.
   * https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-health-checks.html#minimize-downtime
   */
  private limits(): Limits {
    const { DesiredCapacity: desired } = this.state.group;
    const atATime = Math.max(1, Math.floor(desired / 10));
    return this.replacesWithin() ?? { least: desired - atATime, most: desired };
  }

  private permitted(): number {
    const { refresh } = this.state;
    const outdated = this.outdated().length;
    return isActive(refresh) ? Math.min(outdated, permitted(refresh, outdated, this.now)) : 0;
  }

  private alive = () => alive(this.state.instances);
  private healthy = () => this.alive().filter((i) => i.HealthStatus === "Healthy");
  private sick = () => this.alive().filter((i) => i.HealthStatus === "Unhealthy");
  private ready = () => this.alive().filter((i) => this.isReady(i));
  /** Healthy, and to be replaced by an active refresh. */
  private outdated = () => this.healthy().filter((i) => this.isOutdated(i));
  /** Healthy, and to stay. */
  private current = () => this.healthy().filter((i) => !this.isOutdated(i));

  private isOutdated(instance: Instance): boolean {
    const { refresh } = this.state;
    return isActive(refresh) && refresh.outdated.includes(instance.InstanceId);
  }

  private mayBeRefreshed = ({ ProtectedFromScaleIn }: Instance) =>
    !ProtectedFromScaleIn || this.state.refresh?.Preferences.ScaleInProtectedInstances === "Refresh";

  private isReady = (instance: Instance) => isReady(instance, warmupSeconds(this.state), this.now);
  private isDead = ({ InstanceId }: Instance) => this.inputs.notRunning?.includes(InstanceId) === true;
  private suspended = (process: Process) => this.state.group.suspended.includes(process);
}
