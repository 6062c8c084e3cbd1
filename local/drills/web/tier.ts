import {
  AttachInstancesCommand,
  AutoScalingClient,
  AutoScalingGroup,
  DescribeAutoScalingGroupsCommand,
  DescribePoliciesCommand,
  DetachInstancesCommand,
  SetInstanceHealthCommand,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient, MetricAlarm, paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";
import {
  DescribeInstancesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeSubnetsCommand,
  EC2Client,
  Instance,
  ResponseLaunchTemplateData,
  RunInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import {
  DeregisterTargetsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { Subnet } from "../../../model/autoScaling/group";
import { ScalingPolicy } from "../../../model/autoScaling/scalingPolicy";
import { DescribedBalancedGroup } from "../../../model/balancedGroup";
import { Clients } from "../../endpoint/clients";

/** The tag of a tier's group that says how many instances its load needs. */
const REQUIRED_TAG = "nplusone:required-instances";

/** How the names begin of the alarms that Auto Scaling makes for target tracking. */
export const TRACKING = "TargetTracking-";

/**
 * The alarms that Auto Scaling makes for a policy that tracks a target, and no emulator: out after three minutes above it,
 * in after fifteen below nine tenths of it.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html
 */
function trackingAlarms({ PolicyName, TargetTrackingConfiguration }: ScalingPolicy): MetricAlarm[] {
  const target = TargetTrackingConfiguration?.TargetValue;
  const alarm = (
    suffix: string,
    ComparisonOperator: "GreaterThanThreshold" | "LessThanThreshold",
    more: MetricAlarm,
  ) => ({
    ...{ AlarmName: `${TRACKING}${PolicyName}-${suffix}`, ComparisonOperator, Period: 60, MetricName: "tracked" },
    ...more,
  });
  return target === undefined
    ? []
    : [
        alarm("AlarmHigh", "GreaterThanThreshold", { Threshold: target, EvaluationPeriods: 3 }),
        alarm("AlarmLow", "LessThanThreshold", { Threshold: target * 0.9, EvaluationPeriods: 15 }),
      ];
}

/** A launch that a group has decided on. */
interface Launch {
  readonly SubnetId?: string | undefined;
  readonly LaunchTemplate: { readonly LaunchTemplateId?: string | undefined; readonly Version?: string | undefined };
}

/** An instance that users reach: in service in its group, and healthy behind the balancer. */
export interface Serving {
  readonly id: string;
  readonly availabilityZone: string;
  readonly imageId: string;
}

/** A web tier as the AWS APIs know it, and what Auto Scaling itself would do to it through them. */
export class Tier {
  private readonly ec2: EC2Client;
  private readonly autoScaling: AutoScalingClient;
  private readonly loadBalancing: ElasticLoadBalancingV2Client;
  private readonly cloudWatch: CloudWatchClient;
  /** What launch templates say, by version: that never changes. */
  private readonly templates = new Map<string, ResponseLaunchTemplateData>();

  private constructor(
    readonly region: string,
    readonly clients: Clients,
    /** The tier's name, which its instances carry. */
    readonly name: string,
    readonly group: string,
    /** How many instances its load needs, as its group says. */
    readonly required: number,
    private readonly targetGroupArn: string,
  ) {
    this.ec2 = clients.make(EC2Client, region);
    this.autoScaling = clients.make(AutoScalingClient, region);
    this.loadBalancing = clients.make(ElasticLoadBalancingV2Client, region);
    this.cloudWatch = clients.make(CloudWatchClient, region);
  }

  /** Finds the tiers: the groups behind a balancer that say what they need. */
  static async all(region: string, clients: Clients): Promise<Tier[]> {
    const { AutoScalingGroups = [] } = await clients
      .make(AutoScalingClient, region)
      .send(new DescribeAutoScalingGroupsCommand({}));
    return AutoScalingGroups.flatMap(({ AutoScalingGroupName = "", Tags = [], TargetGroupARNs: [target] = [] }) => {
      const tag = (key: string) => Tags.find((t) => t.Key === key)?.Value ?? "";
      return target === undefined || tag(REQUIRED_TAG) === ""
        ? []
        : [new Tier(region, clients, tag("Name"), AutoScalingGroupName, Number(tag(REQUIRED_TAG)), target)];
    });
  }

  /** All that AWS says of it. */
  async described(): Promise<DescribedBalancedGroup> {
    const group = await this.describedGroup();
    const TargetGroupArns = [this.targetGroupArn];
    const [subnets, { TargetGroups: [targetGroup] = [] }, { Attributes: targetGroupAttributes = [] }] =
      await Promise.all([
        this.subnets(group),
        this.loadBalancing.send(new DescribeTargetGroupsCommand({ TargetGroupArns })),
        this.loadBalancing.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: this.targetGroupArn })),
      ]);
    const alarms = await this.alarms();
    const policies = await this.policies(alarms);
    return {
      ...{ group, subnets, targetGroup: targetGroup ?? {}, targetGroupAttributes },
      ...{ alarms: [...alarms, ...policies.flatMap(trackingAlarms)], policies },
    };
  }

  /** The group itself. */
  async describedGroup(): Promise<AutoScalingGroup> {
    const { AutoScalingGroups: [group] = [] } = await this.autoScaling.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [this.group] }),
    );
    if (group === undefined) {
      throw new Error(`there is no Auto Scaling group ${this.group}`);
    }
    return group;
  }

  private async subnets({ VPCZoneIdentifier = "" }: AutoScalingGroup): Promise<Subnet[]> {
    const SubnetIds = VPCZoneIdentifier.split(",");
    return (await this.ec2.send(new DescribeSubnetsCommand({ SubnetIds }))).Subnets ?? [];
  }

  /** The alarms on the group and on its target group. */
  async alarms(): Promise<MetricAlarm[]> {
    const own = [this.group, this.targetGroupArn.split(":").pop()];
    const found: MetricAlarm[] = [];
    for await (const { MetricAlarms = [] } of paginateDescribeAlarms({ client: this.cloudWatch }, {})) {
      found.push(...MetricAlarms.filter((alarm) => alarm.Dimensions?.some((d) => own.includes(d.Value))));
    }
    return found;
  }

  /** The group's policies, each with the alarms that have it among their actions: moto doesn't say. */
  private async policies(alarms: readonly MetricAlarm[]): Promise<ScalingPolicy[]> {
    const { ScalingPolicies = [] } = await this.autoScaling.send(
      new DescribePoliciesCommand({ AutoScalingGroupName: this.group }),
    );
    return ScalingPolicies.map((policy) => ({
      ...policy,
      Alarms: [...alarms.filter((a) => a.AlarmActions?.includes(policy.PolicyARN ?? "")), ...trackingAlarms(policy)],
    }));
  }

  /** The instances that users reach. */
  async serving(): Promise<Serving[]> {
    const [{ Instances = [] }, { TargetHealthDescriptions = [] }] = await Promise.all([
      this.describedGroup(),
      this.loadBalancing.send(new DescribeTargetHealthCommand({ TargetGroupArn: this.targetGroupArn })),
    ]);
    const isHealthy = (id: string | undefined) =>
      TargetHealthDescriptions.some((t) => t.Target?.Id === id && t.TargetHealth?.State === "healthy");
    const ids = Instances.flatMap(({ InstanceId: id, LifecycleState }) =>
      id !== undefined && LifecycleState === "InService" && isHealthy(id) ? [id] : [],
    );
    return (await this.instances(ids))
      .filter((i) => i.State?.Name === "running")
      .map(({ InstanceId: id = "", Placement, ImageId: imageId = "" }) => {
        return { id, availabilityZone: Placement?.AvailabilityZone ?? "", imageId };
      });
  }

  private async instances(InstanceIds: readonly string[]): Promise<Instance[]> {
    const { Reservations = [] } =
      InstanceIds.length === 0
        ? {}
        : await this.ec2.send(new DescribeInstancesCommand({ InstanceIds: [...InstanceIds] }));
    return Reservations.flatMap((r) => r.Instances ?? []);
  }

  /** An instance fails: nothing of it runs any more. */
  async fail(id: string): Promise<void> {
    await this.ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
  }

  /**
   * Nothing reaches instances any more, as when their zone is lost, though EC2 doesn't say that they have stopped. The
   * balancer's own checks take a moment to find out: here they are not counted from the first second on.
   */
  async cutOff(ids: readonly string[]): Promise<void> {
    const all = <T extends string>(value: T) => Object.fromEntries(ids.map((id) => [id, value]));
    await this.clients.endpoint.change({ targetHealth: all("unhealthy"), systemChecks: all("impaired") }, this.region);
  }

  /** A version of the tier's launch template. */
  async template(Version?: string): Promise<{ id: string; version: string; data: ResponseLaunchTemplateData }> {
    const { LaunchTemplate } = await this.describedGroup();
    const { LaunchTemplateVersions: [found] = [] } = await this.ec2.send(
      new DescribeLaunchTemplateVersionsCommand({
        LaunchTemplateId: LaunchTemplate?.LaunchTemplateId,
        Versions: [Version ?? LaunchTemplate?.Version ?? "$Default"],
      }),
    );
    return {
      id: LaunchTemplate?.LaunchTemplateId ?? "",
      version: String(found?.VersionNumber),
      data: found?.LaunchTemplateData ?? {},
    };
  }

  /** Launches an instance as the group would; moto's groups launch into one subnet only. Returns its id. */
  async launch({ SubnetId, LaunchTemplate: { LaunchTemplateId, Version } }: Launch): Promise<string> {
    const data = this.templates.get(Version ?? "") ?? (await this.template(Version)).data;
    this.templates.set(Version ?? "", data);
    const Groups = [...(data.SecurityGroupIds ?? []), ...(data.NetworkInterfaces?.[0]?.Groups ?? [])];
    const { Instances: [instance] = [] } = await this.ec2.send(
      new RunInstancesCommand({
        ...{ MinCount: 1, MaxCount: 1, ImageId: data.ImageId, InstanceType: data.InstanceType },
        LaunchTemplate: { LaunchTemplateId, Version },
        NetworkInterfaces: [{ DeviceIndex: 0, SubnetId, Groups }],
        TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "Name", Value: this.name }] }],
      }),
    );
    return instance?.InstanceId ?? "";
  }

  /**
   * Takes an instance into service. Auto Scaling may exceed a group's size while it replaces instances; from outside
   * nobody may, so the size makes way for the moment.
   */
  async takeIn(InstanceId: string): Promise<void> {
    const { Instances = [], MaxSize = 0 } = await this.describedGroup();
    const count = Instances.length;
    const resize = async (size: number, DesiredCapacity: number) =>
      this.autoScaling.send(
        new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: this.group, MaxSize: size, DesiredCapacity }),
      );
    if (count + 1 > MaxSize) {
      await resize(count + 1, count);
    }
    await this.autoScaling.send(
      new AttachInstancesCommand({ AutoScalingGroupName: this.group, InstanceIds: [InstanceId] }),
    );
    if (count + 1 > MaxSize) {
      await resize(MaxSize, count + 1);
    }
  }

  /** Takes an instance out of service: requests that it has go on. */
  async takeOut(InstanceId: string): Promise<void> {
    await this.autoScaling.send(
      new DetachInstancesCommand({
        AutoScalingGroupName: this.group,
        InstanceIds: [InstanceId],
        ShouldDecrementDesiredCapacity: true,
      }),
    );
    await this.loadBalancing.send(
      new DeregisterTargetsCommand({ TargetGroupArn: this.targetGroupArn, Targets: [{ Id: InstanceId }] }),
    );
  }

  async terminate(InstanceId: string): Promise<void> {
    await this.ec2.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId] }));
  }

  async markUnhealthy(InstanceId: string): Promise<void> {
    await this.autoScaling.send(new SetInstanceHealthCommand({ InstanceId, HealthStatus: "Unhealthy" }));
  }

  /** What a successful instance refresh does to its group. */
  async adopt(LaunchTemplateId: string, Version: string): Promise<void> {
    await this.autoScaling.send(
      new UpdateAutoScalingGroupCommand({
        AutoScalingGroupName: this.group,
        LaunchTemplate: { LaunchTemplateId, Version },
      }),
    );
  }
}
