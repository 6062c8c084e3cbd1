import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  DescribePoliciesCommand,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient, MetricAlarm } from "@aws-sdk/client-cloudwatch";
import {
  DeregisterTargetsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { describeAlarms } from "../alarms";
import { ScalingPolicy } from "../../../model/autoScaling/scalingPolicy";
import { DescribedBalancedGroup } from "../../../model/balancedGroup";
import { Clients } from "../../endpoint/clients";
import { ScalingGroup } from "../scalingGroup";
import { trackingAlarms } from "../targetTracking";

/** The tag of a tier's group that says how many instances its load needs. */
const REQUIRED_TAG = "nplusone:required-instances";

/** An instance that users reach: in service in its group, and healthy behind the balancer. */
export interface Serving {
  readonly id: string;
  readonly availabilityZone: string;
  readonly imageId: string;
}

/** A web tier as the AWS APIs know it, and what Auto Scaling itself would do to it through them. */
export class Tier extends ScalingGroup {
  private readonly loadBalancing: ElasticLoadBalancingV2Client;
  private readonly cloudWatch: CloudWatchClient;

  private constructor(
    region: string,
    clients: Clients,
    name: string,
    group: string,
    /** How many instances its load needs, as its group says. */
    readonly required: number,
    private readonly targetGroupArn: string,
  ) {
    super(region, clients, name, group);
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

  /** The alarms on the group and on its target group. */
  async alarms(): Promise<MetricAlarm[]> {
    const own = [this.group, this.targetGroupArn.split(":").pop()];
    const all = await describeAlarms(this.cloudWatch);
    return all.filter((alarm) => alarm.Dimensions?.some((d) => own.includes(d.Value)));
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

  /**
   * Nothing reaches instances any more, as when their zone is lost, though EC2 doesn't say that they have stopped. The
   * balancer's own checks take a moment to find out: here they are not counted from the first second on.
   */
  async cutOff(ids: readonly string[]): Promise<void> {
    const all = <T extends string>(value: T) => Object.fromEntries(ids.map((id) => [id, value]));
    await this.clients.endpoint.change({ targetHealth: all("unhealthy"), systemChecks: all("impaired") }, this.region);
  }

  /** Takes an instance out of service: requests that it has go on. */
  override async takeOut(InstanceId: string): Promise<void> {
    await super.takeOut(InstanceId);
    await this.loadBalancing.send(
      new DeregisterTargetsCommand({ TargetGroupArn: this.targetGroupArn, Targets: [{ Id: InstanceId }] }),
    );
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
