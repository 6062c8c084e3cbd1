import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { gatewayClients } from "../../lambdas/gateway/clients";
import { GatewayEvent } from "../../lambdas/gateway/events";
import { reconcile } from "../../lambdas/gateway/reconcile";
import { GatewaySettings } from "../../lambdas/gateway/settings";
import { alarmStatePattern } from "../common/alarmStatePattern";
import { AMAZON_LINUX } from "../common/image";
import { placeOf } from "../common/place";
import { Problem, refuseIfAny } from "../common/problems";
import { QueueCallback, QueueTrigger } from "../common/queueCallback";
import { StateTable } from "../common/stateTable";
import { gatewayDashboard } from "./dashboard";
import { callbackStatements } from "./permissions";
import { GatewayZoneArgs, ZoneGateway, ZoneGatewayArgs } from "./zoneGateway";

/** Arguments of `HaGateway`. */
export interface HaGatewayArgs extends Omit<ZoneGatewayArgs, "gateway" | "zone" | "securityGroupId" | "imageId"> {
  /** The VPC that the gateways serve. */
  readonly vpcId: pulumi.Input<string>;
  /** 2 to 6 zones in ring order: each is backed by the next live one. */
  readonly zones: readonly GatewayZoneArgs[];
  /** Id of an Amazon Linux 2023 arm64 image. @default the newest one at each `pulumi up` */
  readonly imageId?: string;
  /** The table in which the callback remembers what people have been told. */
  readonly stateTable: StateTable;
}

/**
 * A gateway for private subnets in each Availability Zone: a persistent network interface with an Elastic IP, held by
 * the only instance of an Auto Scaling group, and the zone's default routes pointing at it. When a gateway is lost or
 * about to go, a callback moves its zone's routes to the next live zone; when it is back, it gives them back.
 * A zone costs about $20 a month (t4g.small $12.26, two public IPv4 addresses $7.30, 8 GiB $0.64), of which `instanceType`
 * is the knob, and $0.43 to read what it says of itself every minute; the callback costs as `QueueCallback` says.
 *
 * @example
 * new HaGateway("gateway", {
 *   vpcId: network.vpcId,
 *   vpcCidrBlock: "10.20.0.0/16",
 *   zones: network.zones.map((zone) => ({ ...zone, routeTableIds: [zone.privateRouteTableId] })),
 *   kmsKeyArn: key.arn,
 *   topicArn: notifications.topicArn,
 *   stateTable,
 * });
 */
export class HaGateway extends pulumi.ComponentResource {
  /** Id of each zone's persistent network interface, by zone. */
  readonly networkInterfaceIds: pulumi.Output<Record<string, string>>;
  /** Elastic IP of each zone, by zone: what the outside sees, for allow-lists. */
  readonly publicIps: pulumi.Output<Record<string, string>>;

  /** Metrics and tags are the account's: other stacks of it may have a gateway of this name, and in the same zones. */
  private readonly id: string;

  constructor(
    private readonly name: string,
    private readonly args: HaGatewayArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:HaGateway", name, {}, opts);
    checkArgs(args);
    this.id = `${pulumi.getProject()}-${pulumi.getStack()}-${name}`;

    const securityGroup = this.createSecurityGroup();
    const imageId = args.imageId ?? aws.ssm.getParameterOutput({ name: AMAZON_LINUX("arm64") }, { parent: this }).value;
    const gateways = args.zones.map((zone) => this.createZone(zone, securityGroup.id, imageId));

    this.createCallback(gateways);
    this.createDashboard();

    const byZone = (values: pulumi.Output<string>[]) =>
      pulumi.all(
        Object.fromEntries(args.zones.map((zone, i) => [zone.availabilityZone, values[i] as pulumi.Output<string>])),
      );
    this.networkInterfaceIds = byZone(gateways.map((g) => g.networkInterfaceId));
    this.publicIps = byZone(gateways.map((g) => g.publicIp));
    this.registerOutputs({ networkInterfaceIds: this.networkInterfaceIds, publicIps: this.publicIps });
  }

  private createSecurityGroup(): aws.ec2.SecurityGroup {
    return new aws.ec2.SecurityGroup(
      `${this.name}-instances`,
      {
        vpcId: this.args.vpcId,
        description: "Gateways: anything from within the VPC, to anywhere",
        ingress: [
          { protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: [this.args.vpcCidrBlock], description: "From the VPC" },
        ],
        egress: [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"], description: "To anywhere" }],
      },
      { parent: this },
    );
  }

  private createZone(
    zone: GatewayZoneArgs,
    securityGroupId: pulumi.Input<string>,
    imageId: pulumi.Input<string>,
  ): ZoneGateway {
    const name = `${this.name}-${zone.availabilityZone}`;
    return new ZoneGateway(name, { ...this.args, gateway: this.id, zone, securityGroupId, imageId }, { parent: this });
  }

  private settings(gateways: readonly ZoneGateway[]): pulumi.Output<GatewaySettings> {
    return pulumi.output({
      name: this.name,
      id: this.id,
      zones: gateways.map((g) => ({
        availabilityZone: g.zone.availabilityZone,
        networkInterfaceId: g.networkInterfaceId,
        routeTableIds: [...g.zone.routeTableIds],
        autoScalingGroupName: g.groupName,
        terminatingHookName: g.terminatingHookName,
      })),
      subnetIds: gateways.map((g) => g.zone.publicSubnetId),
      stateTable: this.args.stateTable.tableName,
      topicArn: this.args.topicArn,
    });
  }

  /** One callback is the only writer of the routes: two runs that decide at once could route two zones through each other. */
  private createCallback(gateways: readonly ZoneGateway[]): void {
    new QueueCallback(
      `${this.name}-reconcile`,
      {
        description: "Moves routes away from lost gateways and back again, and publishes the gateway's metrics",
        triggers: this.triggers(gateways),
        settings: this.settings(gateways),
        clients: () => ({ aws: gatewayClients(), memory: { told: new Map() } }),
        handler: (events: readonly GatewayEvent[], settings, { aws: clients, memory }) =>
          reconcile(events, settings, clients, memory),
        statements: callbackStatements(this.permissionArgs(gateways)),
        kmsKeyArn: this.args.kmsKeyArn,
        alarmTopicArn: this.args.topicArn,
      },
      { parent: this },
    );
  }

  private triggers(gateways: readonly ZoneGateway[]): QueueTrigger[] {
    const AutoScalingGroupName = gateways.map((g) => g.groupName);
    const alarmNames = gateways.flatMap((g) => g.alarmNames);
    const on = (suffix: string, description: string, eventPattern: Record<string, unknown>): QueueTrigger => ({
      name: `${this.name}-on-${suffix}`,
      description,
      eventPattern,
    });
    return [
      on("terminating", "A gateway instance waits to be terminated, or has been", {
        source: ["aws.autoscaling"],
        "detail-type": ["EC2 Instance-terminate Lifecycle Action", "EC2 Instance Terminate Successful"],
        detail: { AutoScalingGroupName },
      }),
      // EC2 says neither group nor zone here, so every instance's end arrives; the callback knows which are gateways.
      on("stopping", "An instance stops or terminates", {
        source: ["aws.ec2"],
        "detail-type": ["EC2 Instance State-change Notification"],
        detail: { state: ["shutting-down", "stopping", "stopped", "terminated"] },
      }),
      on("alarm", "A gateway's alarm goes off", alarmStatePattern(alarmNames, "ALARM")),
      on("launched", "A gateway instance has proven that it forwards", {
        source: ["aws.autoscaling"],
        "detail-type": ["EC2 Instance Launch Successful"],
        detail: { AutoScalingGroupName },
      }),
      on("attached", "A gateway's network interface has been attached", {
        source: ["aws.ec2"],
        "detail-type": ["AWS API Call via CloudTrail"],
        detail: {
          eventSource: ["ec2.amazonaws.com"],
          eventName: ["AttachNetworkInterface"],
          requestParameters: { networkInterfaceId: gateways.map((g) => g.networkInterfaceId) },
        },
      }),
      on("alarm-ok", "A gateway's alarm is over", alarmStatePattern(alarmNames, "OK")),
      // Status checks pass minutes after the last event about an instance, and metrics need a pulse.
      {
        name: `${this.name}-every-minute`,
        description: "Looks after the gateway's routes and metrics",
        scheduleExpression: "rate(1 minute)",
      },
    ];
  }

  private permissionArgs(gateways: readonly ZoneGateway[]) {
    return {
      gatewayName: this.name,
      routeTableIds: gateways.flatMap((g) => [...g.zone.routeTableIds]),
      groupArns: gateways.map((g) => g.groupArn),
      topicArn: this.args.topicArn,
      stateTable: this.args.stateTable,
      place: placeOf(this),
    };
  }

  private createDashboard(): void {
    const zones = this.args.zones.map((z) => z.availabilityZone);
    const { region } = placeOf(this);
    new aws.cloudwatch.Dashboard(
      `${this.name}-dashboard`,
      {
        dashboardName: this.id,
        dashboardBody: region.apply((r) => JSON.stringify(gatewayDashboard(this.id, zones, r))),
      },
      { parent: this },
    );
  }
}

/** @throws {@link pulumi.InputPropertiesError} that lists every problem of the arguments. */
function checkArgs(args: HaGatewayArgs): void {
  const problems: Problem[] = [];
  const zones = args.zones.map((z) => z.availabilityZone);
  if (new Set(zones).size < zones.length) {
    problems.push({ propertyPath: "zones", reason: "a zone is named twice" });
  }
  args.zones.forEach((zone, i) => {
    if (zone.routeTableIds.length === 0) {
      problems.push({ propertyPath: `zones[${i}].routeTableIds`, reason: "a gateway needs a route table to serve" });
    }
  });
  if (args.flavour === "squid" && args.allowedDomains.length === 0) {
    problems.push({
      propertyPath: "allowedDomains",
      reason: "squid without allowed domains lets no web traffic through",
    });
  }
  refuseIfAny("gateway", problems);
}
