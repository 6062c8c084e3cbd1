/** A launch template and its version, as Auto Scaling names them. */
export interface LaunchTemplate {
  readonly LaunchTemplateId?: string | undefined;
  readonly LaunchTemplateName?: string | undefined;
  readonly Version?: string | undefined;
}

/** How much of a group replacing instances leaves and adds, in percent of the desired capacity; -1 is not set. */
export interface InstanceMaintenancePolicy {
  readonly MinHealthyPercentage?: number | undefined;
  readonly MaxHealthyPercentage?: number | undefined;
}

/** What DescribeAutoScalingGroups says of an instance, as far as the model goes by it. */
export interface DescribedInstance {
  readonly InstanceId: string | undefined;
  readonly AvailabilityZone: string | undefined;
  readonly LifecycleState: string | undefined;
  readonly HealthStatus: string | undefined;
  readonly LaunchTemplate?: LaunchTemplate | undefined;
  readonly ProtectedFromScaleIn?: boolean | undefined;
}

/** What DescribeAutoScalingGroups says of a group, as far as the model goes by it: the SDK's answer fits. */
export interface DescribedGroup {
  readonly AutoScalingGroupName: string | undefined;
  readonly MinSize: number | undefined;
  readonly MaxSize: number | undefined;
  readonly DesiredCapacity: number | undefined;
  readonly AvailabilityZones: readonly string[] | undefined;
  /** Subnets, separated by commas. */
  readonly VPCZoneIdentifier?: string | undefined;
  readonly LaunchTemplate?: LaunchTemplate | undefined;
  readonly HealthCheckType: string | undefined;
  readonly HealthCheckGracePeriod?: number | undefined;
  readonly DefaultCooldown?: number | undefined;
  readonly DefaultInstanceWarmup?: number | undefined;
  readonly InstanceMaintenancePolicy?: InstanceMaintenancePolicy | undefined;
  readonly AvailabilityZoneDistribution?: { readonly CapacityDistributionStrategy?: string | undefined } | undefined;
  readonly SuspendedProcesses?: readonly { readonly ProcessName?: string | undefined }[] | undefined;
  readonly Instances?: readonly DescribedInstance[] | undefined;
}

/** A subnet, as DescribeSubnets names it. */
export interface Subnet {
  readonly SubnetId?: string | undefined;
  readonly AvailabilityZone?: string | undefined;
}

/** A group's settings, complete, with AWS's defaults. */
export interface Group {
  readonly AutoScalingGroupName: string;
  readonly MinSize: number;
  readonly MaxSize: number;
  readonly DesiredCapacity: number;
  /** The zones in which it launches, and in each its subnets (without any, the zone's default). */
  readonly zones: ReadonlyMap<string, readonly string[]>;
  readonly LaunchTemplate: LaunchTemplate;
  readonly HealthCheckType: "EC2" | "ELB";
  /** Seconds in service before a failed status or load balancer check counts. */
  readonly HealthCheckGracePeriod: number;
  /** Seconds after a simple scaling activity before the next. */
  readonly DefaultCooldown: number;
  /** Seconds in service before an instance counts as ready; `undefined` if the group says nothing. */
  readonly DefaultInstanceWarmup: number | undefined;
  /** `undefined` for AWS's default: terminate first, a tenth of the group at a time. */
  readonly maintenance: Percentages | undefined;
  /** Whether it launches elsewhere when a zone can't (`balanced-best-effort`), or keeps trying there. */
  readonly bestEffort: boolean;
  readonly suspended: readonly string[];
}

/** The range that replacing instances keeps to, in percent of the desired capacity. */
export interface Percentages {
  readonly MinHealthyPercentage: number;
  readonly MaxHealthyPercentage: number;
}

/** An instance of a group in virtual time. */
export interface Instance {
  readonly InstanceId: string;
  readonly AvailabilityZone: string;
  readonly SubnetId?: string | undefined;
  readonly LifecycleState: "Pending" | "InService" | "Terminating";
  readonly HealthStatus: "Healthy" | "Unhealthy";
  readonly LaunchTemplate: LaunchTemplate;
  readonly ProtectedFromScaleIn: boolean;
  /** When it came into this lifecycle state. */
  readonly since: number;
  /** Since when its EC2 status checks fail. */
  readonly impairedSince?: number | undefined;
  /** The instance refresh that has launched it. */
  readonly refresh?: string | undefined;
}

/** How long things take that depend on the image and the hooks, in seconds. */
export interface Lifecycle {
  /** From the launch until the instance runs, launch hooks included. */
  readonly launchSeconds: number;
  /** From the decision to terminate until it is gone: deregistration delay and terminate hooks. */
  readonly terminateSeconds: number;
}

/**
 * A group as AWS describes it. Instances that are there count as having been in service for ever.
 * @param subnets those of its `VPCZoneIdentifier`, as DescribeSubnets lists them
 */
export function groupOf(described: DescribedGroup, subnets: readonly Subnet[] = []): Group {
  const { MinHealthyPercentage: min = -1, MaxHealthyPercentage: max = -1 } = described.InstanceMaintenancePolicy ?? {};
  const used = described.VPCZoneIdentifier?.split(",").map((id) => id.trim()) ?? [];
  const warmup = described.DefaultInstanceWarmup ?? -1;
  return {
    AutoScalingGroupName: described.AutoScalingGroupName ?? "",
    MinSize: described.MinSize ?? 0,
    MaxSize: described.MaxSize ?? 0,
    DesiredCapacity: described.DesiredCapacity ?? described.MinSize ?? 0,
    zones: new Map(
      (described.AvailabilityZones ?? []).map((zone) => [
        zone,
        subnets.flatMap(({ SubnetId: id = "", AvailabilityZone }) =>
          AvailabilityZone === zone && used.includes(id) ? [id] : [],
        ),
      ]),
    ),
    LaunchTemplate: described.LaunchTemplate ?? {},
    HealthCheckType: described.HealthCheckType?.split(",").includes("ELB") === true ? "ELB" : "EC2",
    HealthCheckGracePeriod: described.HealthCheckGracePeriod ?? 0,
    DefaultCooldown: described.DefaultCooldown ?? 300,
    DefaultInstanceWarmup: warmup < 0 ? undefined : warmup,
    maintenance: min < 0 || max < 0 ? undefined : { MinHealthyPercentage: min, MaxHealthyPercentage: max },
    bestEffort: described.AvailabilityZoneDistribution?.CapacityDistributionStrategy !== "balanced-only",
    suspended: described.SuspendedProcesses?.flatMap(({ ProcessName }) => ProcessName ?? []) ?? [],
  };
}

/** The instances of a described group that count: not those on standby, in its warm pool or detached. */
export function instancesOf(described: DescribedGroup): Instance[] {
  return (described.Instances ?? []).flatMap((instance) => {
    const [state = ""] = instance.LifecycleState?.split(":") ?? [];
    return isLifecycleState(state)
      ? [
          {
            InstanceId: instance.InstanceId ?? "",
            AvailabilityZone: instance.AvailabilityZone ?? "",
            LifecycleState: state,
            HealthStatus: instance.HealthStatus?.toLowerCase() === "unhealthy" ? "Unhealthy" : "Healthy",
            LaunchTemplate: instance.LaunchTemplate ?? {},
            ProtectedFromScaleIn: instance.ProtectedFromScaleIn ?? false,
            since: Number.NEGATIVE_INFINITY,
          },
        ]
      : [];
  });
}

const isLifecycleState = (state: string): state is Instance["LifecycleState"] =>
  ["Pending", "InService", "Terminating"].includes(state);

/** Seconds in service before an instance counts as ready. Without a warmup an instance refresh waits out the grace. */
export const warmupOf = (group: Group): number => group.DefaultInstanceWarmup ?? group.HealthCheckGracePeriod;

/** Whether an instance is in service, healthy as Auto Scaling sees it, and has warmed up. */
export function isReady(instance: Instance, warmupSeconds: number, now: number): boolean {
  return (
    instance.LifecycleState === "InService" &&
    instance.HealthStatus === "Healthy" &&
    now - instance.since >= warmupSeconds
  );
}

/** Instances that are there or coming. */
export const alive = (instances: readonly Instance[]) => instances.filter((i) => i.LifecycleState !== "Terminating");

/** What replacing instances may do to a group, in instances. */
export interface Limits {
  /** The fewest that stay in service and ready. */
  readonly least: number;
  /** The most that are healthy or pending. */
  readonly most: number;
}

/**
 * A policy's range in instances: the lower end rounded up, the upper one down. A range without room for a single
 * replacement gets it, since AWS then replaces one at a time: above if nothing may be missing, or more than everything
 * may be there; else below. AWS doesn't document how it rounds.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-maintenance-policy-overview-and-considerations.html
 */
export function limits(desired: number, percentages: Percentages): Limits {
  const { MinHealthyPercentage: min, MaxHealthyPercentage: max } = percentages;
  const least = Math.ceil((desired * min) / 100);
  const most = Math.floor((desired * max) / 100);
  if (least < most || desired === 0) {
    return { least, most };
  }
  return min === 100 || max > 100 ? { least: desired, most: desired + 1 } : { least: desired - 1, most: desired };
}
