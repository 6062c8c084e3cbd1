import * as pulumi from "@pulumi/pulumi";
import type { DatabaseConnection, Entrance } from "../common/connections";
import { Problem, refuseIfAny } from "../common/problems";
import { Rollout } from "../common/rollout";
import { StateTable } from "../common/stateTable";
import { Balancer, BalancerArgs } from "./balancer";
import { Bastion, BastionArgs } from "./bastion";
import { InstanceGroup, InstanceGroupArgs } from "./instanceGroup";
import { Scaling, ScalingArgs } from "./scaling";
import { SizeArgs, sizeOf, sizeProblems } from "./size";
import { AlarmThresholds, TierAlarms } from "./tierAlarms";

/** Arguments of `WebTier`. */
export interface WebTierArgs
  extends
    Omit<BalancerArgs, "publicSubnetIds" | "port" | "healthCheckPath">,
    Omit<SizeArgs, "zones">,
    Pick<InstanceGroupArgs, "instanceType" | "imageId" | "volumeGiB" | "maxInstanceLifetimeDays" | "kmsKeyArn"> {
  /** 2 or more zones. */
  readonly zones: readonly {
    readonly publicSubnetId: pulumi.Input<string>;
    readonly privateSubnetId: pulumi.Input<string>;
  }[];
  /** What the instances run. */
  readonly application: InstanceGroupArgs["application"] & {
    /** What the balancer asks for: 200 means that an instance works. */
    readonly healthCheckPath: string;
  };
  /** The database that the application uses. @default none */
  readonly database?: DatabaseConnection;
  /** Security groups by which databases know the instances. @default none */
  readonly clientSecurityGroupIds?: readonly pulumi.Input<string>[];
  readonly scaling: ScalingArgs["scaling"];
  /** When people are told. */
  readonly alarms: AlarmThresholds;
  /** A host for SSH. @default none: Session Manager reaches every instance */
  readonly bastion?: Pick<BastionArgs, "allowedCidrBlocks" | "instanceType">;
  /** ARN of the topic that people are told through. */
  readonly topicArn: pulumi.Input<string>;
  /** The table in which it is remembered what people have been told. */
  readonly stateTable: StateTable;
}

/**
 * A web application that survives the loss of an instance and of a zone: a balancer in the public subnets, and in the
 * private ones an Auto Scaling group with so many instances that those that are left when a zone is lost carry the
 * load. New versions come without a gap, and bad ones go back by themselves. With three instances of t4g.small over three
 * zones about $82 a month, before traffic: $27.38 for the balancer with three addresses, $5.84 for a load unit that is used
 * throughout, 3 x $15.60 for instances with their volumes and metrics, $0.60 for the group's own, $0.90 for alarms.
 *
 * @example
 * new WebTier("shop", {
 *   vpcId: network.vpcId, vpcCidrBlock: "10.20.0.0/16", zones: network.zones,
 *   requiredInstances: 2, instanceType: "t4g.small", volumeGiB: 8,
 *   application: {
 *     command: "/opt/shop/start", port: 8080, environment: {}, healthCheckPath: "/healthz", startSeconds: 300,
 *   },
 *   allowedCidrBlocks: ["0.0.0.0/0"], drainSeconds: 60, accessLogRetentionDays: 90, deletionProtection: true,
 *   scaling: { type: "target-tracking", metric: "cpu", targetPercent: 50 },
 *   alarms: { serverErrorsPerMinute: 10, memoryPercent: 90, diskPercent: 85 },
 *   kmsKeyArn: key.arn, topicArn: topic.arn, stateTable,
 * });
 */
export class WebTier extends pulumi.ComponentResource {
  /** How DNS leads to it. */
  readonly entrance: Entrance;
  /** Where the site is. */
  readonly url: pulumi.Output<string>;
  /** The bastion's address, if there is one. */
  readonly bastionIp: pulumi.Output<string> | undefined;

  constructor(
    private readonly name: string,
    private readonly args: WebTierArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:WebTier", name, {}, opts);
    checkArgs(args);

    const balancer = this.createBalancer();
    const bastion = this.createBastion();
    const group = this.createGroup(balancer, bastion);
    const alarms = this.createAlarms(balancer, group);
    this.createScaling(group);
    this.createRollout(group, alarms);

    this.entrance = balancer.entrance;
    this.url = balancer.url;
    this.bastionIp = bastion?.publicIp;
    this.registerOutputs({ url: this.url, bastionIp: this.bastionIp });
  }

  private createBalancer(): Balancer {
    const { application, zones } = this.args;
    return new Balancer(
      `${this.name}-lb`,
      {
        ...this.args,
        publicSubnetIds: zones.map((zone) => zone.publicSubnetId),
        port: application.port,
        healthCheckPath: application.healthCheckPath,
      },
      { parent: this },
    );
  }

  private createBastion(): Bastion | undefined {
    const { bastion, kmsKeyArn, topicArn, vpcCidrBlock, vpcId, zones } = this.args;
    const publicSubnetIds = zones.map((zone) => zone.publicSubnetId);
    return (
      bastion &&
      new Bastion(
        `${this.name}-bastion`,
        { ...bastion, vpcId, vpcCidrBlock, publicSubnetIds, kmsKeyArn, topicArn },
        { parent: this },
      )
    );
  }

  private createGroup(balancer: Balancer, bastion: Bastion | undefined): InstanceGroup {
    const { args } = this;
    return new InstanceGroup(
      `${this.name}-instances`,
      {
        ...args,
        tier: this.name,
        size: sizeOf({ ...args, zones: args.zones.length }),
        privateSubnetIds: args.zones.map((zone) => zone.privateSubnetId),
        clientSecurityGroupIds: args.clientSecurityGroupIds ?? [],
        balancerSecurityGroupId: balancer.securityGroupId,
        bastionSecurityGroupId: bastion?.securityGroupId,
        targetGroupArn: balancer.targetGroupArn,
      },
      // A target group without a listener has no health: no instance would pass.
      { parent: this, dependsOn: [balancer] },
    );
  }

  private createAlarms(balancer: Balancer, group: InstanceGroup): TierAlarms {
    const { alarms, application, requiredInstances, topicArn } = this.args;
    return new TierAlarms(
      `${this.name}-alarms`,
      {
        tier: this.name,
        requiredInstances,
        thresholds: alarms,
        startSeconds: application.startSeconds,
        groupName: group.groupName,
        dimensions: balancer.dimensions,
        topicArn,
      },
      { parent: this },
    );
  }

  private createScaling(group: InstanceGroup): void {
    const { application, scaling, topicArn } = this.args;
    new Scaling(
      `${this.name}-scaling`,
      { tier: this.name, groupName: group.groupName, scaling, warmupSeconds: application.startSeconds, topicArn },
      { parent: this },
    );
  }

  private createRollout(group: InstanceGroup, alarms: TierAlarms): void {
    const { application, kmsKeyArn, stateTable, topicArn } = this.args;
    new Rollout(
      `${this.name}-rollout`,
      {
        ...{ of: this.name, system: `web/${this.name}`, runbook: "docs/runbooks/web.md" },
        ...{ group, kmsKeyArn, topicArn, stateTable },
        alarmNames: alarms.rolloutAlarmNames,
        startSeconds: application.startSeconds,
      },
      { parent: this },
    );
  }
}

/** @throws {@link pulumi.InputPropertiesError} that lists every problem of the arguments. */
function checkArgs(args: WebTierArgs): void {
  const problems: Problem[] = sizeProblems({ ...args, zones: args.zones.length }).map(({ property, reason }) => ({
    propertyPath: property,
    reason,
  }));
  if ((args.domainName === undefined) !== (args.zoneId === undefined)) {
    problems.push({ propertyPath: "domainName", reason: "a record needs both a domain name and its hosted zone" });
  }
  args.bastion?.allowedCidrBlocks.forEach((block, i) => {
    if (block.endsWith("/0")) {
      const propertyPath = `bastion.allowedCidrBlocks[${i}]`;
      problems.push({ propertyPath, reason: "a bastion is not for the whole Internet" });
    }
  });
  refuseIfAny("web tier", problems);
}
