import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { gatewayClients } from "../lambdas/gateway/clients";
import { GatewayEvent } from "../lambdas/gateway/events";
import { failover, restore } from "../lambdas/gateway/failover";
import { METRIC_NAMESPACE } from "../lambdas/gateway/report";
import { GatewaySettings } from "../lambdas/gateway/settings";
import { Callback } from "./callback";
import { CallbackTrigger } from "./callbackTrigger";
import { bootScript, GatewayFlavour } from "./gatewayBootScript";
import { gatewayDashboard } from "./gatewayDashboard";
import { failoverStatements, instanceStatements, restoreStatements } from "./gatewayPermissions";

/** One zone that gets a gateway. */
export interface HaGatewayZone {
  /** Name of the Availability Zone. */
  readonly availabilityZone: string;
  /** The public subnet in which the gateway runs. */
  readonly publicSubnetId: pulumi.Input<string>;
  /** The private route tables whose default route the gateway takes: 1 or more. */
  readonly routeTableIds: readonly pulumi.Input<string>[];
}

/** Arguments of `HaGateway`. */
export interface HaGatewayArgs {
  /** The VPC that the gateways serve. */
  readonly vpcId: pulumi.Input<string>;
  /** IPv4 range of the VPC: what gateways forward. */
  readonly vpcCidrBlock: string;
  /** 2 to 6 zones in ring order: each is backed by the next live one. */
  readonly zones: readonly HaGatewayZone[];
  /** `nat` masquerades everything; `squid` also lets web traffic through to allowed domains only. @default nat */
  readonly flavour?: GatewayFlavour;
  /** Domains that `squid` lets through; a leading dot includes subdomains. @default none */
  readonly allowedDomains?: readonly string[];
  /** An arm64 instance type. @default t4g.small: 5 Gbit/s in bursts, about $12 a month */
  readonly instanceType?: string;
  /** Id of an Amazon Linux 2023 arm64 image. @default the newest one at each `pulumi up` */
  readonly imageId?: string;
  /** ARN of the KMS key for volumes, logs and dead-letter queues. */
  readonly kmsKeyArn: pulumi.Input<string>;
  /** ARN of the topic that transitions are published to. */
  readonly topicArn: pulumi.Input<string>;
  /** The table in which the callbacks remember what people have been told. */
  readonly stateTable: { readonly tableName: pulumi.Input<string>; readonly arn: pulumi.Input<string> };
  /** Minutes after which people are reminded of a zone that is not on its own gateway. @default 30 */
  readonly longFailoverMinutes?: number;
}

/** The parts of one zone's gateway. */
interface ZoneGateway extends HaGatewayZone {
  readonly networkInterface: aws.ec2.NetworkInterface;
  readonly group: aws.autoscaling.Group;
}

/** Seconds that a booting instance has to prove that it forwards: five minutes of attaching, five for the rest. */
const BOOT_SECONDS = 600;
/** Seconds for which a terminating instance waits for its routes to be moved. They move in well under one. */
const LEAVE_SECONDS = 120;
const AMAZON_LINUX = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64";
const TAG = "nplusone:gateway";

/**
 * A gateway for private subnets in each Availability Zone: a persistent network interface with an Elastic IP, held by
 * the only instance of an Auto Scaling group, and the zone's default routes pointing at it. When a gateway is lost or
 * about to go, a callback moves its zone's routes to the next live zone; when it is back, another gives them back.
 * A zone costs about $20 a month (t4g.small, two public IPv4 addresses, 8 GiB); `instanceType` is the knob.
 */
export class HaGateway extends pulumi.ComponentResource {
  /** Id of each zone's persistent network interface, by zone. */
  readonly networkInterfaceIds: pulumi.Output<Record<string, string>>;
  /** Elastic IP of each zone, by zone: what the outside sees, for allow-lists. */
  readonly publicIps: pulumi.Output<Record<string, string>>;

  constructor(
    private readonly name: string,
    private readonly args: HaGatewayArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:HaGateway", name, {}, opts);
    checkArgs(args);

    const securityGroup = this.createSecurityGroup();
    const imageId = args.imageId ?? aws.ssm.getParameterOutput({ name: AMAZON_LINUX }, { parent: this }).value;
    const gateways = args.zones.map((zone) => this.createGateway(zone, securityGroup, imageId));
    const publicIps = gateways.map((gateway) => this.createElasticIp(gateway));
    gateways.forEach((gateway) => this.createDefaultRoutes(gateway));

    const settings = this.settings(gateways);
    const alarms = gateways.flatMap((gateway) => this.createAlarms(gateway));
    this.createFailover(gateways, alarms, settings);
    this.createRestore(gateways, alarms, settings);
    this.createDashboard();

    const byZone = (values: pulumi.Output<string>[]) =>
      pulumi.all(Object.fromEntries(args.zones.map((zone, i) => [zone.availabilityZone, values[i] as pulumi.Output<string>])));
    this.networkInterfaceIds = byZone(gateways.map((g) => g.networkInterface.id));
    this.publicIps = byZone(publicIps);
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

  private createGateway(
    zone: HaGatewayZone,
    securityGroup: aws.ec2.SecurityGroup,
    imageId: pulumi.Input<string>,
  ): ZoneGateway {
    const name = `${this.name}-${zone.availabilityZone}`;
    const tags = { Name: name, [TAG]: `${this.name}/${zone.availabilityZone}` };
    const networkInterface = new aws.ec2.NetworkInterface(
      `${name}-interface`,
      {
        subnetId: zone.publicSubnetId,
        description: `Persistent interface of the gateway in ${zone.availabilityZone}`,
        sourceDestCheck: false,
        securityGroups: [securityGroup.id],
        tags,
      },
      // The instance attaches it; Pulumi must not detach it again.
      { parent: this, ignoreChanges: ["attachments"] },
    );
    // Known before the group, whose launch template has to name it.
    const groupName = `${pulumi.getProject()}-${pulumi.getStack()}-${name}`;
    const launchTemplate = this.createLaunchTemplate(name, groupName, networkInterface, securityGroup, imageId, tags);
    const group = new aws.autoscaling.Group(
      `${name}-group`,
      {
        name: groupName,
        minSize: 1,
        maxSize: 1,
        desiredCapacity: 1,
        vpcZoneIdentifiers: [zone.publicSubnetId],
        launchTemplate: { id: launchTemplate.id, version: launchTemplate.latestVersion.apply(String) },
        healthCheckType: "EC2",
        healthCheckGracePeriod: 60,
        // Part of the group, so that the first instance waits for it too.
        initialLifecycleHooks: [
          {
            name: launchHookName(groupName),
            lifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING",
            heartbeatTimeout: BOOT_SECONDS,
            defaultResult: "ABANDON",
          },
        ],
        tags: Object.entries(tags).map(([key, value]) => ({ key, value, propagateAtLaunch: true })),
        // `up` is done when the group exists; whether the gateway forwards is what the callbacks watch.
        waitForCapacityTimeout: "0",
      },
      { parent: this },
    );
    new aws.autoscaling.LifecycleHook(
      `${name}-terminating`,
      {
        autoscalingGroupName: group.name,
        lifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
        heartbeatTimeout: LEAVE_SECONDS,
        defaultResult: "CONTINUE",
      },
      { parent: group },
    );
    return { ...zone, networkInterface, group };
  }

  private createLaunchTemplate(
    name: string,
    groupName: string,
    networkInterface: aws.ec2.NetworkInterface,
    securityGroup: aws.ec2.SecurityGroup,
    imageId: pulumi.Input<string>,
    tags: Record<string, string>,
  ): aws.ec2.LaunchTemplate {
    const { flavour = "nat", vpcCidrBlock, allowedDomains = [] } = this.args;
    const region = aws.getRegionOutput({}, { parent: this }).region;
    const script = pulumi.all([region, networkInterface.id]).apply(([regionName, networkInterfaceId]) =>
      bootScript({
        flavour,
        region: regionName,
        vpcCidrBlock,
        networkInterfaceId,
        autoScalingGroupName: groupName,
        launchHookName: launchHookName(groupName),
        allowedDomains,
      }),
    );
    return new aws.ec2.LaunchTemplate(
      `${name}-template`,
      {
        imageId,
        instanceType: this.args.instanceType ?? "t4g.small",
        iamInstanceProfile: { arn: this.createInstanceProfile(name, groupName, tags).arn },
        metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
        blockDeviceMappings: [
          {
            deviceName: "/dev/xvda",
            ebs: { encrypted: "true", kmsKeyId: this.args.kmsKeyArn, volumeType: "gp3", volumeSize: 8 },
          },
        ],
        // The primary interface's public address is how the instance reaches AWS before it holds the persistent one.
        networkInterfaces: [{ deviceIndex: 0, associatePublicIpAddress: "true", securityGroups: [securityGroup.id] }],
        monitoring: { enabled: true },
        userData: script.apply((text) => Buffer.from(text).toString("base64")),
        tagSpecifications: [{ resourceType: "volume", tags }],
        updateDefaultVersion: true,
      },
      { parent: this },
    );
  }

  private createInstanceProfile(name: string, groupName: string, tags: Record<string, string>): aws.iam.InstanceProfile {
    const role = new aws.iam.Role(
      `${name}-role`,
      { assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "ec2.amazonaws.com" }) },
      { parent: this },
    );
    const region = aws.getRegionOutput({}, { parent: this }).region;
    const account = aws.getCallerIdentityOutput({}, { parent: this }).accountId;
    new aws.iam.RolePolicy(
      `${name}-policy`,
      {
        role: role.id,
        policy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: pulumi
            .all([region, account])
            .apply(([r, a]) => instanceStatements({ region: r, account: a, groupName, tag: TAG, value: tags[TAG] ?? "" })),
        }),
      },
      { parent: role },
    );
    return new aws.iam.InstanceProfile(`${name}-profile`, { role: role.name }, { parent: role });
  }

  private createElasticIp(gateway: ZoneGateway): pulumi.Output<string> {
    const name = `${this.name}-${gateway.availabilityZone}-ip`;
    return new aws.ec2.Eip(
      name,
      { domain: "vpc", networkInterface: gateway.networkInterface.id, tags: { Name: name } },
      { parent: this },
    ).publicIp;
  }

  private createDefaultRoutes(gateway: ZoneGateway): void {
    gateway.routeTableIds.forEach((routeTableId, i) => {
      new aws.ec2.Route(
        `${this.name}-${gateway.availabilityZone}-default-${i + 1}`,
        { routeTableId, destinationCidrBlock: "0.0.0.0/0", networkInterfaceId: gateway.networkInterface.id },
        // From here on the callbacks own the target: an `up` during a failover must not fight them.
        { parent: this, ignoreChanges: ["networkInterfaceId"] },
      );
    });
  }

  private settings(gateways: readonly ZoneGateway[]): pulumi.Output<GatewaySettings> {
    return pulumi.output({
      name: this.name,
      zones: gateways.map((g) => ({
        availabilityZone: g.availabilityZone,
        networkInterfaceId: g.networkInterface.id,
        routeTableIds: [...g.routeTableIds],
        autoScalingGroupName: g.group.name,
      })),
      subnetIds: gateways.map((g) => g.publicSubnetId),
      stateTable: this.args.stateTable.tableName,
      topicArn: this.args.topicArn,
    });
  }

  /** A failing gateway's alarms. EventBridge hears of their changes, and so do the callbacks, which tell people once. */
  private createAlarms(gateway: ZoneGateway): aws.cloudwatch.MetricAlarm[] {
    const zone = gateway.availabilityZone;
    const own = { Gateway: this.name, AvailabilityZone: zone };
    const statusChecks = this.createAlarm(`${zone}-status-checks`, {
      alarmDescription: `The gateway in ${zone} fails its EC2 status checks, or there is none.`,
      namespace: "AWS/EC2",
      metricName: "StatusCheckFailed",
      dimensions: { AutoScalingGroupName: gateway.group.name },
      threshold: 1,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      treatMissingData: "breaching",
    });
    const attachment = this.createAlarm(`${zone}-attachment`, {
      alarmDescription: `The gateway's network interface in ${zone} is not attached to a live instance.`,
      namespace: METRIC_NAMESPACE,
      metricName: "NetworkInterfaceAttached",
      dimensions: own,
      statistic: "Minimum",
      threshold: 1,
      comparisonOperator: "LessThanThreshold",
      treatMissingData: "breaching",
    });
    const minutes = this.args.longFailoverMinutes ?? 30;
    this.createAlarm(`${zone}-long-failover`, {
      alarmDescription: `${zone} has gone out through another zone for ${minutes} minutes: see docs/runbooks/gateway.md.`,
      namespace: METRIC_NAMESPACE,
      metricName: "RouteTarget",
      dimensions: own,
      statistic: "Minimum",
      evaluationPeriods: minutes,
      threshold: 1,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      treatMissingData: "ignore",
      alarmActions: [this.args.topicArn],
      okActions: [this.args.topicArn],
    });
    return [statusChecks, attachment];
  }

  private createAlarm(
    suffix: string,
    args: Omit<aws.cloudwatch.MetricAlarmArgs, "evaluationPeriods"> & { evaluationPeriods?: number },
  ): aws.cloudwatch.MetricAlarm {
    return new aws.cloudwatch.MetricAlarm(
      `${this.name}-${suffix}`,
      { period: 60, evaluationPeriods: 2, statistic: "Maximum", ...args },
      { parent: this },
    );
  }

  private createFailover(
    gateways: readonly ZoneGateway[],
    alarms: readonly aws.cloudwatch.MetricAlarm[],
    settings: pulumi.Output<GatewaySettings>,
  ): void {
    const callback = new Callback<GatewayEvent>(
      `${this.name}-failover`,
      {
        description: "Moves the routes of a lost gateway to the nearest live zone",
        factory: () => {
          const resolved = settings.get();
          const clients = gatewayClients();
          return (event) => failover(event, resolved, clients);
        },
        statements: failoverStatements(this.permissionArgs(gateways)),
        ...this.callbackArgs(),
      },
      { parent: this },
    );
    const groupNames = gateways.map((g) => g.group.name);
    const trigger = (suffix: string, description: string, eventPattern: Record<string, unknown>) =>
      new CallbackTrigger(`${this.name}-on-${suffix}`, { description, callback, eventPattern }, { parent: this });
    trigger("terminating", "A gateway instance waits to be terminated, or has been", {
      source: ["aws.autoscaling"],
      "detail-type": ["EC2 Instance-terminate Lifecycle Action", "EC2 Instance Terminate Successful"],
      detail: { AutoScalingGroupName: groupNames },
    });
    // EC2 says neither group nor zone here, so every instance's end is looked at; it takes one round of reads.
    trigger("stopping", "An instance stops or terminates", {
      source: ["aws.ec2"],
      "detail-type": ["EC2 Instance State-change Notification"],
      detail: { state: ["shutting-down", "stopping", "stopped", "terminated"] },
    });
    trigger("alarm", "A gateway's alarm goes off", alarmPattern(alarms, "ALARM"));
  }

  private createRestore(
    gateways: readonly ZoneGateway[],
    alarms: readonly aws.cloudwatch.MetricAlarm[],
    settings: pulumi.Output<GatewaySettings>,
  ): void {
    const callback = new Callback<GatewayEvent>(
      `${this.name}-restore`,
      {
        description: "Gives a zone whose gateway is back its own routes again, and publishes the gateway's metrics",
        factory: () => {
          const resolved = settings.get();
          const clients = gatewayClients();
          return (event) => restore(event, resolved, clients);
        },
        statements: restoreStatements(this.permissionArgs(gateways)),
        ...this.callbackArgs(),
      },
      { parent: this },
    );
    const trigger = (suffix: string, description: string, eventPattern: Record<string, unknown>) =>
      new CallbackTrigger(`${this.name}-on-${suffix}`, { description, callback, eventPattern }, { parent: this });
    trigger("launched", "A gateway instance has proven that it forwards", {
      source: ["aws.autoscaling"],
      "detail-type": ["EC2 Instance Launch Successful"],
      detail: { AutoScalingGroupName: gateways.map((g) => g.group.name) },
    });
    trigger("attached", "A gateway's network interface has been attached", {
      source: ["aws.ec2"],
      "detail-type": ["AWS API Call via CloudTrail"],
      detail: {
        eventSource: ["ec2.amazonaws.com"],
        eventName: ["AttachNetworkInterface"],
        requestParameters: { networkInterfaceId: gateways.map((g) => g.networkInterface.id) },
      },
    });
    trigger("alarm-ok", "A gateway's alarm is over", alarmPattern(alarms, "OK"));
    // Status checks pass minutes after the last event about an instance, and metrics need a pulse.
    new CallbackTrigger(
      `${this.name}-every-minute`,
      { description: "Looks after the gateway's routes and metrics", callback, scheduleExpression: "rate(1 minute)" },
      { parent: this },
    );
  }

  private callbackArgs() {
    // One run at a time: two that decide on the same routes at once could send two zones through each other.
    return { kmsKeyArn: this.args.kmsKeyArn, alarmTopicArn: this.args.topicArn, reservedConcurrency: 1 };
  }

  private permissionArgs(gateways: readonly ZoneGateway[]) {
    return {
      gatewayName: this.name,
      routeTableIds: gateways.flatMap((g) => [...g.routeTableIds]),
      groupArns: gateways.map((g) => g.group.arn),
      topicArn: this.args.topicArn,
      stateTableArn: this.args.stateTable.arn,
      region: aws.getRegionOutput({}, { parent: this }).region,
      account: aws.getCallerIdentityOutput({}, { parent: this }).accountId,
    };
  }

  private createDashboard(): void {
    const zones = this.args.zones.map((z) => z.availabilityZone);
    const region = aws.getRegionOutput({}, { parent: this }).region;
    new aws.cloudwatch.Dashboard(
      `${this.name}-dashboard`,
      {
        dashboardName: `${pulumi.getProject()}-${pulumi.getStack()}-${this.name}`,
        dashboardBody: region.apply((r) => JSON.stringify(gatewayDashboard(this.name, zones, r))),
      },
      { parent: this },
    );
  }
}

/** Name of a group's launch hook, which the boot script completes. */
function launchHookName(groupName: string): string {
  return `${groupName}-launching`;
}

function alarmPattern(alarms: readonly aws.cloudwatch.MetricAlarm[], state: "ALARM" | "OK") {
  return {
    source: ["aws.cloudwatch"],
    "detail-type": ["CloudWatch Alarm State Change"],
    detail: { alarmName: alarms.map((a) => a.name), state: { value: [state] } },
  };
}

/** @throws {@link pulumi.InputPropertiesError} that lists every problem of the arguments. */
function checkArgs(args: HaGatewayArgs): void {
  const errors: pulumi.InputPropertyErrorDetails[] = [];
  const zones = args.zones.map((z) => z.availabilityZone);
  if (new Set(zones).size < zones.length) {
    errors.push({ propertyPath: "zones", reason: "a zone is named twice" });
  }
  args.zones.forEach((zone, i) => {
    if (zone.routeTableIds.length === 0) {
      errors.push({ propertyPath: `zones[${i}].routeTableIds`, reason: "a gateway needs a route table to serve" });
    }
  });
  if (args.flavour === "squid" && (args.allowedDomains ?? []).length === 0) {
    errors.push({ propertyPath: "allowedDomains", reason: "squid without allowed domains lets no web traffic through" });
  }
  if (errors.length > 0) {
    const reasons = errors.map((e) => `${e.propertyPath}: ${e.reason}`).join("; ");
    throw new pulumi.InputPropertiesError({ message: `invalid gateway: ${reasons}`, errors });
  }
}
