import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { AMAZON_LINUX, pinnedImage } from "../common/image";
import { createInstanceRole, InstanceRole } from "../common/instanceRole";
import { templateArgs } from "../common/launchTemplate";
import { placeOf } from "../common/place";
import { bastionScript } from "./bastionScript";
import { bastionStatements } from "./permissions";

/** Arguments of `Bastion`. */
export interface BastionArgs {
  readonly vpcId: pulumi.Input<string>;
  /** IPv4 range of the VPC: where it leads. */
  readonly vpcCidrBlock: string;
  /** A public subnet in each of 2 or more zones. */
  readonly publicSubnetIds: readonly pulumi.Input<string>[];
  /** The ranges from which SSH is let in; not the whole Internet. */
  readonly allowedCidrBlocks: readonly string[];
  readonly instanceType: string;
  readonly kmsKeyArn: pulumi.Input<string>;
  readonly topicArn: pulumi.Input<string>;
}

/** Tag of bastions, which limits what they may give an address to. */
const TAG = "nplusone:bastion";

/**
 * A host for SSH into the VPC: the only instance of an Auto Scaling group over the public subnets, so that a lost one
 * comes back, in another zone if need be, under the same address. It admits keys only, from ranges that are known, and
 * only leads on; keys are those that EC2 Instance Connect has sent within the last minute, so none lies about:
 * `aws ec2-instance-connect send-ssh-public-key`, then `ssh -J ec2-user@ADDRESS ec2-user@INSTANCE`. Session Manager reaches
 * it too. About $7.50 a month with t4g.nano: $3.07 (730 h x $0.0042), $3.65 for the address (730 h x $0.005), $0.64 for
 * 8 GiB, $0.10 for an alarm.
 *
 * @example
 * new Bastion("shop-bastion", {
 *   vpcId: network.vpcId, vpcCidrBlock: "10.20.0.0/16", publicSubnetIds: network.zones.map((z) => z.publicSubnetId),
 *   allowedCidrBlocks: ["203.0.113.0/24"], instanceType: "t4g.nano", kmsKeyArn: key.arn, topicArn: topic.arn,
 * });
 */
export class Bastion extends pulumi.ComponentResource {
  /** Its address, which stays the same. */
  readonly publicIp: pulumi.Output<string>;
  /** The security group that its connections come from. */
  readonly securityGroupId: pulumi.Output<string>;

  private readonly tags: Record<string, string>;

  constructor(
    private readonly name: string,
    private readonly args: BastionArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:Bastion", name, {}, opts);
    this.tags = { Name: name, [TAG]: `${pulumi.getProject()}-${pulumi.getStack()}-${name}` };

    const securityGroup = this.createSecurityGroup();
    const address = this.createAddress();
    const group = this.createGroup(this.createLaunchTemplate(securityGroup, address));
    this.createAlarm(group);

    this.publicIp = address.publicIp;
    this.securityGroupId = securityGroup.id;
    this.registerOutputs({ publicIp: this.publicIp, securityGroupId: this.securityGroupId });
  }

  private createSecurityGroup(): aws.ec2.SecurityGroup {
    const { allowedCidrBlocks, vpcCidrBlock, vpcId } = this.args;
    const tcp = (port: number, cidrBlocks: string[], description: string) => ({
      ...{ protocol: "tcp", fromPort: port, toPort: port, cidrBlocks, description },
    });
    return new aws.ec2.SecurityGroup(
      `${this.name}-security-group`,
      {
        vpcId,
        description: "Bastion: SSH from known ranges, on to the VPC",
        ingress: [tcp(22, [...allowedCidrBlocks], "SSH")],
        egress: [tcp(22, [vpcCidrBlock], "SSH to instances"), tcp(443, ["0.0.0.0/0"], "AWS")],
      },
      { parent: this },
    );
  }

  private createAddress(): aws.ec2.Eip {
    return new aws.ec2.Eip(
      `${this.name}-address`,
      { domain: "vpc", tags: this.tags },
      // The instance takes it; Pulumi must not take it away again.
      { parent: this, ignoreChanges: ["instance", "networkInterface"] },
    );
  }

  private createLaunchTemplate(securityGroup: aws.ec2.SecurityGroup, address: aws.ec2.Eip): aws.ec2.LaunchTemplate {
    const { imageId, ignoreChanges } = pinnedImage({ instanceType: this.args.instanceType }, AMAZON_LINUX, this);
    const script = pulumi
      .all([placeOf(this).region, address.allocationId])
      .apply(([region, allocationId]) => bastionScript({ region, allocationId }));
    return new aws.ec2.LaunchTemplate(
      `${this.name}-template`,
      {
        imageId,
        ...templateArgs({
          ...this.args,
          profile: this.createProfile(address),
          securityGroupIds: [securityGroup.id],
          // An address of its own until it has the bastion's: it has to ask EC2 for that.
          hasPublicAddress: true,
          volumeGiB: 8,
          script,
          tags: this.tags,
        }),
        // Its alarm waits for ten minutes, and nothing scales by its metrics: those of every five minutes cost nothing.
        monitoring: undefined,
        tagSpecifications: ["volume", "network-interface"].map((resourceType) => ({ resourceType, tags: this.tags })),
      },
      { parent: this, ignoreChanges },
    );
  }

  private createProfile(address: aws.ec2.Eip): InstanceRole["profile"] {
    const tag = { key: TAG, value: this.tags[TAG] ?? "" };
    const statements = bastionStatements(placeOf(this), address.allocationId, tag);
    return createInstanceRole(this.name, statements, { parent: this }).profile;
  }

  private createGroup(launchTemplate: aws.ec2.LaunchTemplate): aws.autoscaling.Group {
    return new aws.autoscaling.Group(
      `${this.name}-group`,
      {
        minSize: 1,
        maxSize: 1,
        desiredCapacity: 1,
        vpcZoneIdentifiers: [...this.args.publicSubnetIds],
        launchTemplate: { id: launchTemplate.id, version: launchTemplate.latestVersion.apply(String) },
        healthCheckType: "EC2",
        healthCheckGracePeriod: 60,
        // Nobody is served by it: a new version may replace it as it is.
        instanceRefresh: { strategy: "Rolling", preferences: { minHealthyPercentage: 0 } },
        tags: Object.entries(this.tags).map(([key, value]) => ({ key, value, propagateAtLaunch: true })),
        waitForCapacityTimeout: "0",
      },
      { parent: this },
    );
  }

  private createAlarm(group: aws.autoscaling.Group): void {
    new aws.cloudwatch.MetricAlarm(
      `${this.name}-status-checks`,
      {
        alarmDescription: "The bastion fails its EC2 status checks, or there is none: see docs/runbooks/web.md.",
        namespace: "AWS/EC2",
        metricName: "StatusCheckFailed",
        dimensions: { AutoScalingGroupName: group.name },
        statistic: "Maximum",
        comparisonOperator: "GreaterThanOrEqualToThreshold",
        threshold: 1,
        period: 60,
        // A new one takes a few minutes, and is no reason to wake anybody.
        evaluationPeriods: 10,
        treatMissingData: "breaching",
        alarmActions: [this.args.topicArn],
        okActions: [this.args.topicArn],
      },
      { parent: this },
    );
  }
}
