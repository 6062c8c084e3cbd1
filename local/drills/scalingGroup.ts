import {
  AttachInstancesCommand,
  AutoScalingClient,
  AutoScalingGroup,
  DescribeAutoScalingGroupsCommand,
  DetachInstancesCommand,
  SetInstanceHealthCommand,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
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
import { Subnet } from "../../model/autoScaling/group";
import { Clients } from "../endpoint/clients";

/** A launch that a group has decided on. */
interface Launch {
  readonly SubnetId?: string | undefined;
  readonly LaunchTemplate: { readonly LaunchTemplateId?: string | undefined; readonly Version?: string | undefined };
}

/** An instance of a group, where it is. */
export interface Placed {
  readonly id: string;
  readonly availabilityZone: string;
}

/** An Auto Scaling group as the AWS APIs know it, and what Auto Scaling itself would do to it through them. */
export class ScalingGroup {
  protected readonly ec2: EC2Client;
  protected readonly autoScaling: AutoScalingClient;
  /** What launch templates say, by version: that never changes. */
  private readonly templates = new Map<string, ResponseLaunchTemplateData>();

  constructor(
    readonly region: string,
    readonly clients: Clients,
    /** The name that its instances carry. */
    readonly name: string,
    readonly group: string,
  ) {
    this.ec2 = clients.make(EC2Client, region);
    this.autoScaling = clients.make(AutoScalingClient, region);
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

  async subnets({ VPCZoneIdentifier = "" }: AutoScalingGroup): Promise<Subnet[]> {
    const SubnetIds = VPCZoneIdentifier.split(",");
    return (await this.ec2.send(new DescribeSubnetsCommand({ SubnetIds }))).Subnets ?? [];
  }

  /** Those of its instances that are in service and run. */
  async running(): Promise<Placed[]> {
    const { Instances = [] } = await this.describedGroup();
    const ids = Instances.flatMap((i) => (i.LifecycleState === "InService" ? (i.InstanceId ?? []) : []));
    return (await this.instances(ids))
      .filter((i) => i.State?.Name === "running")
      .map(({ InstanceId: id = "", Placement }) => ({ id, availabilityZone: Placement?.AvailabilityZone ?? "" }));
  }

  protected async instances(InstanceIds: readonly string[]): Promise<Instance[]> {
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

  /** A version of the group's launch template. */
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

  /** Takes an instance out of service. */
  async takeOut(InstanceId: string): Promise<void> {
    await this.autoScaling.send(
      new DetachInstancesCommand({
        AutoScalingGroupName: this.group,
        InstanceIds: [InstanceId],
        ShouldDecrementDesiredCapacity: true,
      }),
    );
  }

  async terminate(InstanceId: string): Promise<void> {
    await this.ec2.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId] }));
  }

  async markUnhealthy(InstanceId: string): Promise<void> {
    await this.autoScaling.send(new SetInstanceHealthCommand({ InstanceId, HealthStatus: "Unhealthy" }));
  }

  /**
   * moto launches a group's first instances into one subnet: those that belong to other zones are exchanged. So are those
   * of its instances that are not among the live ones.
   */
  async spread(live: readonly Placed[]): Promise<void> {
    const group = await this.describedGroup();
    const { DesiredCapacity = 0, Instances = [], LaunchTemplate = {} } = group;
    const subnets = await this.subnets(group);
    const leaving = Instances.map((i) => i.InstanceId ?? "").filter((id) => !live.some((s) => s.id === id));
    const zones = subnets.map((s) => s.AvailabilityZone ?? "");
    const { launched, left } = exchange(
      zones,
      live.map((s) => s.availabilityZone),
      DesiredCapacity,
    );
    const staying = [...live];
    for (const zone of left) {
      // The newest, which is moto's: the others have been there, and have tasks.
      const [one] = staying.splice(
        staying.findLastIndex((s) => s.availabilityZone === zone),
        1,
      );
      leaving.push(one?.id ?? "");
    }
    for (const id of leaving) {
      await this.takeOut(id);
      await this.terminate(id);
    }
    for (const zone of launched) {
      const SubnetId = subnets.find((s) => s.AvailabilityZone === zone)?.SubnetId;
      await this.takeIn(await this.launch({ SubnetId, LaunchTemplate }));
    }
  }
}

/** The zones in which instances are to be launched and given up, so that as many as desired are spread evenly. */
export function exchange(
  zones: readonly string[],
  instances: readonly string[],
  desired: number,
): { launched: string[]; left: string[] } {
  const counts = new Map(zones.map((zone) => [zone, instances.filter((one) => one === zone).length]));
  const [launched, left]: [string[], string[]] = [[], []];
  const change = (zone: string, by: 1 | -1) => {
    counts.set(zone, (counts.get(zone) ?? 0) + by);
    (by > 0 ? launched : left).push(zone);
  };
  for (let missing = desired - instances.length; missing > 0; missing--) {
    change(extremes(counts).emptiest, 1);
  }
  for (let { emptiest, fullest, difference } = extremes(counts); difference > 1;) {
    change(emptiest, 1);
    change(fullest, -1);
    ({ emptiest, fullest, difference } = extremes(counts));
  }
  return { launched, left };
}

function extremes(counts: ReadonlyMap<string, number>) {
  const sorted = [...counts].sort(([, a], [, b]) => a - b);
  const [[emptiest, fewest] = ["", 0], [fullest, most] = ["", 0]] = [sorted[0], sorted.at(-1)];
  return { emptiest, fullest, difference: most - fewest };
}
