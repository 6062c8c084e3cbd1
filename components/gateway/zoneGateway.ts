import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { METRIC_NAMESPACE } from "../../lambdas/gateway/metrics";
import { createInstanceRole } from "../common/instanceRole";
import { templateArgs } from "../common/launchTemplate";
import { placeOf } from "../common/place";
import { bootScript } from "./bootScript";
import { GatewayFlavour } from "./boot/settings";
import { instanceStatements } from "./permissions";

/** One zone that gets a gateway. */
export interface GatewayZoneArgs {
  /** Name of the Availability Zone. */
  readonly availabilityZone: string;
  /** The public subnet in which the gateway runs. */
  readonly publicSubnetId: pulumi.Input<string>;
  /** The private route tables whose default route the gateway takes: 1 or more. */
  readonly routeTableIds: readonly pulumi.Input<string>[];
}

/** Arguments of `ZoneGateway`. */
export interface ZoneGatewayArgs {
  /** Id of the gateway that this zone is a part of: dimension of its metrics, and part of its tag. */
  readonly gateway: string;
  readonly zone: GatewayZoneArgs;
  readonly securityGroupId: pulumi.Input<string>;
  /** Id of an Amazon Linux 2023 arm64 image. */
  readonly imageId: pulumi.Input<string>;
  /** The image has all packages in it (docs/gateway-image.md), so that a boot asks no package mirror. */
  readonly imageIsBaked: boolean;
  /**
   * Hosts that answer HTTPS, 2 or more, of several operators: whether one of them answers through the gateway proves that
   * it forwards.
   */
  readonly proofTargets: readonly string[];
  /** IPv4 range of the VPC: what the gateway forwards. */
  readonly vpcCidrBlock: string;
  /** `nat` masquerades everything; `squid` also lets web traffic through to allowed domains only. */
  readonly flavour: GatewayFlavour;
  /** Domains that `squid` lets through; a leading dot includes subdomains. */
  readonly allowedDomains: readonly string[];
  /** An arm64 instance type, e.g. `t4g.small`: 5 Gbit/s in bursts, about $12 a month. */
  readonly instanceType: string;
  /** ARN of the KMS key for volumes, logs and dead-letter queues. */
  readonly kmsKeyArn: pulumi.Input<string>;
  /** ARN of the topic that people are told through. */
  readonly topicArn: pulumi.Input<string>;
  /** Minutes after which people are reminded of a zone that is not on its own gateway. */
  readonly longFailoverMinutes: number;
}

/** Seconds that a booting instance has to prove that it forwards: five minutes each for packages, attaching, the rest. */
const BOOT_SECONDS = 900;
/** Seconds for which a terminating instance waits for its routes to be moved. They move in well under one. */
const LEAVE_SECONDS = 120;
/** Tag of a zone's interface and instances, which limits what its instances may attach. */
const TAG = "nplusone:gateway";

/**
 * One zone's part of a gateway: a persistent network interface with an Elastic IP, the Auto Scaling group whose only
 * instance attaches it, the zone's default routes, and the alarms that say that it is failing. `HaGateway` makes one a
 * zone, and says what it costs.
 *
 * @example
 * new ZoneGateway("gateway-us-east-1a", {
 *   gateway: "nplusone-prod-us-east-1-gateway", imageId: "ami-0abc…", imageIsBaked: false, instanceType: "t4g.small", flavour: "nat",
 *   proofTargets: ["checkip.amazonaws.com", "1.1.1.1"],
 *   allowedDomains: [], vpcCidrBlock: "10.20.0.0/16",
 *   zone: { availabilityZone: "us-east-1a", publicSubnetId: subnet.id, routeTableIds: [table.id] },
 *   securityGroupId: group.id, kmsKeyArn: key.arn, topicArn: topic.arn, longFailoverMinutes: 30,
 * });
 */
export class ZoneGateway extends pulumi.ComponentResource {
  readonly zone: GatewayZoneArgs;
  readonly networkInterfaceId: pulumi.Output<string>;
  readonly publicIp: pulumi.Output<string>;
  readonly groupName: pulumi.Output<string>;
  readonly groupArn: pulumi.Output<string>;
  /** Name of the hook that holds an instance back until its routes have moved. */
  readonly terminatingHookName: pulumi.Output<string>;
  /** Names of the alarms on the status checks and on the interface's attachment. */
  readonly alarmNames: pulumi.Output<string>[];

  private readonly tags: Record<string, string>;

  constructor(
    private readonly name: string,
    private readonly args: ZoneGatewayArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:ZoneGateway", name, {}, opts);
    this.zone = args.zone;
    this.tags = { Name: name, [TAG]: `${args.gateway}/${args.zone.availabilityZone}` };

    const networkInterface = this.createNetworkInterface();
    const elasticIp = this.createElasticIp(networkInterface);
    const group = this.createGroup(networkInterface);
    const hook = this.createTerminatingHook(group);
    this.createDefaultRoutes(networkInterface);
    const alarms = [this.createStatusAlarm(group), this.createAttachmentAlarm()];
    this.createLongFailoverAlarm();

    this.networkInterfaceId = networkInterface.id;
    this.publicIp = elasticIp.publicIp;
    this.groupName = group.name;
    this.groupArn = group.arn;
    this.terminatingHookName = hook.name;
    this.alarmNames = alarms.map((a) => a.name);
    this.registerOutputs({ networkInterfaceId: this.networkInterfaceId, publicIp: this.publicIp });
  }

  private createNetworkInterface(): aws.ec2.NetworkInterface {
    return new aws.ec2.NetworkInterface(
      `${this.name}-interface`,
      {
        subnetId: this.zone.publicSubnetId,
        description: `Persistent interface of the gateway in ${this.zone.availabilityZone}`,
        sourceDestCheck: false,
        securityGroups: [this.args.securityGroupId],
        tags: this.tags,
      },
      // The instance attaches it; Pulumi must not detach it again.
      { parent: this, ignoreChanges: ["attachments"] },
    );
  }

  private createElasticIp(networkInterface: aws.ec2.NetworkInterface): aws.ec2.Eip {
    return new aws.ec2.Eip(
      `${this.name}-ip`,
      { domain: "vpc", networkInterface: networkInterface.id, tags: this.tags },
      // Others have it on their allow-lists: once it is released, AWS gives it to somebody else.
      { parent: this, protect: true },
    );
  }

  private createGroup(networkInterface: aws.ec2.NetworkInterface): aws.autoscaling.Group {
    // Known before the group, whose launch template has to name it.
    const name = `${pulumi.getProject()}-${pulumi.getStack()}-${this.name}`;
    const launchTemplate = this.createLaunchTemplate(name, networkInterface);
    return new aws.autoscaling.Group(
      `${this.name}-group`,
      {
        name,
        minSize: 1,
        maxSize: 1,
        desiredCapacity: 1,
        vpcZoneIdentifiers: [this.zone.publicSubnetId],
        launchTemplate: { id: launchTemplate.id, version: launchTemplate.latestVersion.apply(String) },
        healthCheckType: "EC2",
        healthCheckGracePeriod: 60,
        // Part of the group, so that the first instance waits for it too.
        initialLifecycleHooks: [
          {
            name: launchHookName(name),
            lifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING",
            heartbeatTimeout: BOOT_SECONDS,
            defaultResult: "ABANDON",
          },
        ],
        tags: Object.entries(this.tags).map(([key, value]) => ({ key, value, propagateAtLaunch: true })),
        // `up` is done when the group exists; whether the gateway forwards is what the callback watches.
        waitForCapacityTimeout: "0",
      },
      { parent: this },
    );
  }

  private createTerminatingHook(group: aws.autoscaling.Group): aws.autoscaling.LifecycleHook {
    return new aws.autoscaling.LifecycleHook(
      `${this.name}-terminating`,
      {
        autoscalingGroupName: group.name,
        lifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
        heartbeatTimeout: LEAVE_SECONDS,
        defaultResult: "CONTINUE",
      },
      { parent: group },
    );
  }

  private createLaunchTemplate(groupName: string, networkInterface: aws.ec2.NetworkInterface): aws.ec2.LaunchTemplate {
    const { flavour, vpcCidrBlock, allowedDomains, imageId, imageIsBaked, proofTargets } = this.args;
    const script = pulumi.all([placeOf(this).region, networkInterface.id]).apply(([regionName, networkInterfaceId]) =>
      bootScript({
        flavour,
        region: regionName,
        vpcCidrBlock,
        networkInterfaceId,
        autoScalingGroupName: groupName,
        launchHookName: launchHookName(groupName),
        gateway: this.args.gateway,
        availabilityZone: this.zone.availabilityZone,
        metricNamespace: METRIC_NAMESPACE,
        allowedDomains,
        imageIsBaked,
        proofTargets,
      }),
    );
    return new aws.ec2.LaunchTemplate(
      `${this.name}-template`,
      {
        imageId,
        ...templateArgs({
          ...this.args,
          profile: this.createInstanceProfile(groupName),
          securityGroupIds: [this.args.securityGroupId],
          // The primary interface's public address is how the instance reaches AWS before it holds the persistent one.
          hasPublicAddress: true,
          volumeGiB: 8,
          script,
          tags: this.tags,
        }),
      },
      { parent: this },
    );
  }

  private createInstanceProfile(groupName: string): aws.iam.InstanceProfile {
    const own = { place: placeOf(this), groupName, tag: TAG, value: this.tags[TAG] ?? "" };
    return createInstanceRole(this.name, instanceStatements(own), { parent: this }).profile;
  }

  private createDefaultRoutes(networkInterface: aws.ec2.NetworkInterface): void {
    this.zone.routeTableIds.forEach((routeTableId, i) => {
      new aws.ec2.Route(
        `${this.name}-default-${i + 1}`,
        { routeTableId, destinationCidrBlock: "0.0.0.0/0", networkInterfaceId: networkInterface.id },
        // From here on the callback owns the target: an `up` during a failover must not fight them.
        { parent: this, ignoreChanges: ["networkInterfaceId"] },
      );
    });
  }

  private createStatusAlarm(group: aws.autoscaling.Group): aws.cloudwatch.MetricAlarm {
    return this.createAlarm("status-checks", {
      alarmDescription: `The gateway in ${this.zone.availabilityZone} fails its EC2 status checks, or there is none.`,
      namespace: "AWS/EC2",
      metricName: "StatusCheckFailed",
      dimensions: { AutoScalingGroupName: group.name },
      statistic: "Maximum",
      threshold: 1,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      treatMissingData: "breaching",
    });
  }

  private createAttachmentAlarm(): aws.cloudwatch.MetricAlarm {
    return this.createAlarm("attachment", {
      alarmDescription: `The gateway's interface in ${this.zone.availabilityZone} is attached to no live instance.`,
      namespace: METRIC_NAMESPACE,
      metricName: "NetworkInterfaceAttached",
      dimensions: this.dimensions(),
      statistic: "Minimum",
      threshold: 1,
      comparisonOperator: "LessThanThreshold",
      treatMissingData: "breaching",
    });
  }

  /** The one alarm of a gateway that tells people itself: the callback has, but nothing has come of it. */
  private createLongFailoverAlarm(): void {
    const zone = this.zone.availabilityZone;
    const minutes = this.args.longFailoverMinutes;
    this.createAlarm("long-failover", {
      alarmDescription: `${zone} has gone out through another zone for ${minutes} minutes: see docs/runbooks/gateway.md.`,
      namespace: METRIC_NAMESPACE,
      metricName: "RouteTarget",
      dimensions: this.dimensions(),
      statistic: "Minimum",
      evaluationPeriods: minutes,
      threshold: 1,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      treatMissingData: "ignore",
      alarmActions: [this.args.topicArn],
      okActions: [this.args.topicArn],
    });
  }

  private dimensions(): Record<string, string> {
    return { Gateway: this.args.gateway, AvailabilityZone: this.zone.availabilityZone };
  }

  /** An alarm on a metric of one minute; two periods, so that one late datum alarms nobody. */
  private createAlarm(
    suffix: string,
    args: Omit<aws.cloudwatch.MetricAlarmArgs, "evaluationPeriods"> & { evaluationPeriods?: number },
  ): aws.cloudwatch.MetricAlarm {
    return new aws.cloudwatch.MetricAlarm(
      `${this.name}-${suffix}`,
      { period: 60, evaluationPeriods: 2, ...args },
      { parent: this },
    );
  }
}

/** Name of a group's launch hook, which the boot script completes. */
function launchHookName(groupName: string): string {
  return `${groupName}-launching`;
}
