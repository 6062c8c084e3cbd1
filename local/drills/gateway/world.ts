import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  DescribeLifecycleHooksCommand,
} from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient, ListMetricsCommand, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import {
  DescribeInstancesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
  DetachNetworkInterfaceCommand,
  EC2Client,
  LaunchTemplateIamInstanceProfileSpecification,
  ResponseLaunchTemplateData,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { GetInstanceProfileCommand, IAMClient } from "@aws-sdk/client-iam";
import { describeAlarms } from "../alarms";
import { BootResult, runBootScript } from "./boot/boot";
import { Clients } from "../../endpoint/clients";
import { accessKey } from "../../endpoint/identity";

/** One zone's gateway, as the AWS APIs describe it. */
export interface Zone {
  readonly availabilityZone: string;
  readonly networkInterfaceId: string;
  readonly routeTableIds: readonly string[];
  readonly group: string;
}

/** A stack's gateways as the AWS APIs know them, and what AWS itself would do to them and moto does not. */
export class GatewayWorld {
  private readonly ec2: EC2Client;
  private readonly autoScaling: AutoScalingClient;
  private readonly cloudWatch: CloudWatchClient;

  private constructor(
    private readonly clients: Clients,
    private readonly region: string,
    readonly zones: Zone[] = [],
  ) {
    this.ec2 = clients.make(EC2Client, region);
    this.autoScaling = clients.make(AutoScalingClient, region);
    this.cloudWatch = clients.make(CloudWatchClient, region);
  }

  /**
   * Finds the gateways: interfaces without source/destination check, and what belongs to their zones.
   * @param ring the zones in the order in which they back each other. @default alphabetical
   */
  static async find(region: string, clients: Clients, ring: readonly string[] = []): Promise<GatewayWorld> {
    const world = new GatewayWorld(clients, region);
    const { ec2, autoScaling } = world;
    const [{ NetworkInterfaces = [] }, { Subnets = [] }, { RouteTables = [] }, { AutoScalingGroups = [] }] =
      await Promise.all([
        ec2.send(
          new DescribeNetworkInterfacesCommand({ Filters: [{ Name: "tag-key", Values: ["nplusone:gateway"] }] }),
        ),
        ec2.send(new DescribeSubnetsCommand({})),
        ec2.send(new DescribeRouteTablesCommand({})),
        autoScaling.send(new DescribeAutoScalingGroupsCommand({})),
      ]);
    for (const networkInterface of NetworkInterfaces) {
      const zone = networkInterface.AvailabilityZone;
      const isPrivate = (subnetId: string | undefined) =>
        Subnets.some(
          (s) =>
            s.SubnetId === subnetId &&
            s.AvailabilityZone === zone &&
            s.Tags?.some((t) => t.Key === "SubnetType" && t.Value === "Private"),
        );
      world.zones.push({
        availabilityZone: zone ?? "",
        networkInterfaceId: networkInterface.NetworkInterfaceId ?? "",
        routeTableIds: RouteTables.filter((t) => t.Associations?.some((a) => isPrivate(a.SubnetId))).map(
          (t) => t.RouteTableId ?? "",
        ),
        group:
          AutoScalingGroups.find((g) => g.VPCZoneIdentifier === networkInterface.SubnetId && g.MaxSize === 1)
            ?.AutoScalingGroupName ?? "",
      });
    }
    const place = (zone: Zone) => ring.indexOf(zone.availabilityZone);
    world.zones.sort((a, b) => place(a) - place(b) || a.availabilityZone.localeCompare(b.availabilityZone));
    return world;
  }

  /** The zone that follows in ring order. */
  next(zone: Zone, distance = 1): Zone {
    return this.zones[(this.zones.indexOf(zone) + distance) % this.zones.length] as Zone;
  }

  /** The subnets of the gateways' interfaces. */
  async subnetIds(): Promise<string[]> {
    const { NetworkInterfaces = [] } = await this.ec2.send(
      new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: this.zones.map((z) => z.networkInterfaceId) }),
    );
    return NetworkInterfaces.map((n) => n.SubnetId ?? "");
  }

  /** Id of the group's instance. */
  async instance(zone: Zone): Promise<string> {
    const { AutoScalingGroups = [] } = await this.autoScaling.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [zone.group] }),
    );
    return AutoScalingGroups[0]?.Instances?.[0]?.InstanceId ?? "";
  }

  /** Name of the group's terminating hook. */
  async terminatingHook(zone: Zone): Promise<string> {
    const { LifecycleHooks = [] } = await this.autoScaling.send(
      new DescribeLifecycleHooksCommand({ AutoScalingGroupName: zone.group }),
    );
    return LifecycleHooks.find((h) => h.LifecycleTransition?.endsWith("TERMINATING"))?.LifecycleHookName ?? "";
  }

  /** Name of the alarm on the zone's status checks. */
  async statusAlarm(zone: Zone): Promise<string> {
    const alarms = await describeAlarms(this.cloudWatch);
    const own = alarms.find(
      (a) => a.MetricName === "StatusCheckFailed" && a.Dimensions?.some((d) => d.Value === zone.group),
    );
    return own?.AlarmName ?? "";
  }

  /** The zones whose gateways the zone's default routes point at, one entry a route table. */
  async targets(zone: Zone): Promise<string[]> {
    const { RouteTables = [] } = await this.ec2.send(
      new DescribeRouteTablesCommand({ RouteTableIds: [...zone.routeTableIds] }),
    );
    return RouteTables.map((table) => {
      const route = table.Routes?.find((r) => r.DestinationCidrBlock === "0.0.0.0/0");
      const target = this.zones.find((z) => z.networkInterfaceId === route?.NetworkInterfaceId);
      return target?.availabilityZone ?? route?.NetworkInterfaceId ?? "nothing";
    });
  }

  /** Whether all of a zone's default routes point at the given zone's gateway. */
  async goesThrough(zone: Zone, through: Zone): Promise<boolean> {
    const targets = await this.targets(zone);
    return targets.length > 0 && targets.every((t) => t === through.availabilityZone);
  }

  /** Terminates a zone's instance. AWS then detaches the persistent interface, which moto leaves attached. */
  async terminate(zone: Zone): Promise<string> {
    const instanceId = await this.instance(zone);
    await this.detach(zone);
    await this.ec2.send(new TerminateInstancesCommand({ InstanceIds: [instanceId] }));
    return instanceId;
  }

  /** The group's new instance, which moto launches as soon as the old one is gone. */
  async isAttached(zone: Zone): Promise<boolean> {
    const { Reservations = [] } = await this.ec2.send(
      new DescribeInstancesCommand({ InstanceIds: [await this.instance(zone)] }),
    );
    return (Reservations[0]?.Instances?.[0]?.NetworkInterfaces ?? []).some(
      (n) => n.NetworkInterfaceId === zone.networkInterfaceId,
    );
  }

  /** Boots a zone's instance: runs the deployed user data, which no emulator does. */
  async boot(zone: Zone, noWayOut = false): Promise<BootResult> {
    const { userData, ...launched } = await this.launched(zone);
    const { networkInterfaceId } = zone;
    const endpointUrl = this.clients.endpoint.url;
    return runBootScript(userData, { ...launched, networkInterfaceId, endpointUrl, noWayOut });
  }

  /** What the instances' watchdogs do every minute, and no emulator runs them: those that have spoken say that they forward. */
  async reportForwarding(): Promise<void> {
    const { Metrics = [] } = await this.cloudWatch.send(new ListMetricsCommand({ MetricName: "Forwarding" }));
    await Promise.all(
      Metrics.map(({ Namespace, MetricName, Dimensions }) => {
        const datum = { MetricName, Dimensions, Value: 1 };
        return this.cloudWatch.send(new PutMetricDataCommand({ Namespace, MetricData: [datum] }));
      }),
    );
  }

  /** What a zone's instance has from its launch: the deployed user data, and the access key of the deployed role. */
  async launched(zone: Zone): Promise<{ instanceId: string; userData: string; accessKeyId: string }> {
    const instanceId = await this.instance(zone);
    const { UserData = "", IamInstanceProfile } = await this.template(zone);
    const userData = Buffer.from(UserData, "base64").toString();
    return { instanceId, userData, accessKeyId: await this.accessKey(instanceId, IamInstanceProfile) };
  }

  /** The access key that an instance gets of its profile's role, as the metadata service would say. */
  private async accessKey(
    session: string,
    profile: LaunchTemplateIamInstanceProfileSpecification | undefined,
  ): Promise<string> {
    const InstanceProfileName = profile?.Name ?? profile?.Arn?.split("/").pop();
    const { InstanceProfile } = await this.clients
      .make(IAMClient, this.region)
      .send(new GetInstanceProfileCommand({ InstanceProfileName }));
    return accessKey({ type: "instance", role: InstanceProfile?.Roles?.[0]?.RoleName ?? "", session });
  }

  /** The launch template's data, in the version that the group uses. */
  private async template(zone: Zone): Promise<ResponseLaunchTemplateData> {
    const { AutoScalingGroups = [] } = await this.autoScaling.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [zone.group] }),
    );
    const template = AutoScalingGroups[0]?.LaunchTemplate;
    const { LaunchTemplateVersions = [] } = await this.ec2.send(
      new DescribeLaunchTemplateVersionsCommand({
        LaunchTemplateId: template?.LaunchTemplateId,
        Versions: [template?.Version ?? "$Latest"],
      }),
    );
    return LaunchTemplateVersions[0]?.LaunchTemplateData ?? {};
  }

  private async detach(zone: Zone): Promise<void> {
    const { NetworkInterfaces = [] } = await this.ec2.send(
      new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [zone.networkInterfaceId] }),
    );
    const AttachmentId = NetworkInterfaces[0]?.Attachment?.AttachmentId;
    if (AttachmentId !== undefined) {
      await this.ec2.send(new DetachNetworkInterfaceCommand({ AttachmentId }));
    }
  }
}
