import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ImageParameter, pinnedImage } from "../common/image";
import { createInstanceRole, InstanceRole } from "../common/instanceRole";
import { HEALTHY_PERCENTAGES } from "../common/rollout";
import { hostStatements } from "./permissions";
import { HostCount, RESERVED_MIB } from "./size";

/** What hosts are, as configured. */
export interface HostOptions {
  readonly instanceType: string;
  /** Id of an ECS-optimized image of Amazon Linux 2023. @default AWS's own when the template was made */
  readonly imageId?: string;
  /** GiB of the root volume. */
  readonly volumeGiB: number;
  /** Days after which a host is drained and replaced. @default it is not */
  readonly maxInstanceLifetimeDays?: number;
}

/** Arguments of `Hosts`. */
export interface HostsArgs extends HostOptions {
  /** Name of the service cluster: that of its hosts, for people. */
  readonly cluster: string;
  readonly ecsCluster: aws.ecs.Cluster;
  readonly size: HostCount;
  readonly vpcId: pulumi.Input<string>;
  /** A private subnet in each of 2 or more zones. */
  readonly privateSubnetIds: readonly pulumi.Input<string>[];
  /** Whether ECS decides how many hosts there are: then it alone may take one away. */
  readonly managedByEcs: boolean;
  /** The security groups that balancers' requests come from. */
  readonly balancerSecurityGroupIds: readonly pulumi.Input<string>[];
  /** Security groups that the hosts carry besides their own, by which databases know them. */
  readonly clientSecurityGroupIds: readonly pulumi.Input<string>[];
  /** ARN of the KMS key for the volumes. */
  readonly kmsKeyArn: pulumi.Input<string>;
}

/** Tag of a group that says how many instances its load needs. */
const REQUIRED_TAG = "nplusone:required-instances";

/**
 * AWS's ECS-optimized Amazon Linux 2023.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/retrieve-ecs-optimized_AMI.html
 */
const ECS_OPTIMIZED: ImageParameter = (architecture) =>
  `/aws/service/ecs/optimized-ami/amazon-linux-2023/${architecture === "arm64" ? "arm64/" : ""}recommended/image_id`;

/**
 * The ports that Docker gives containers: the kernel's range, or 49153 and up if that can't be read.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html
 */
const DYNAMIC_PORTS = { fromPort: 32768, toPort: 65535 };

/** Seconds from a host's launch until it has joined its cluster, at most. */
export const JOIN_SECONDS = 300;

const DAY = 24 * 60 * 60;

/**
 * An Auto Scaling group over the private subnets, whose instances join an ECS cluster: ECS-optimized Amazon Linux 2023,
 * IMDSv2 that tasks can't reach, encrypted volumes, no public addresses, access by Session Manager. A host of m7g.large is
 * $59.57 a month (730 h x $0.0816), $2.40 for 30 GiB (30 x $0.08) and $2.10 for detailed monitoring (7 metrics x $0.30).
 *
 * @example
 * new Hosts("shop-hosts", {
 *   cluster: "shop", ecsCluster, size: { minimum: 4, maximum: 8, required: 2 }, vpcId: network.vpcId,
 *   privateSubnetIds: network.zones.map((z) => z.privateSubnetId), instanceType: "m7g.large", volumeGiB: 30,
 *   managedByEcs: true, balancerSecurityGroupIds: [balancer.securityGroupId], clientSecurityGroupIds: [],
 *   kmsKeyArn: key.arn,
 * });
 */
export class Hosts extends pulumi.ComponentResource {
  readonly groupName: pulumi.Output<string>;
  readonly groupArn: pulumi.Output<string>;
  /** The launch template as it is declared now; the group may be on an earlier version. */
  readonly launchTemplate: aws.ec2.LaunchTemplate;
  /** ARN of the hosts' role. */
  readonly roleArn: pulumi.Output<string>;

  constructor(
    private readonly name: string,
    private readonly args: HostsArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:Hosts", name, {}, opts);

    const securityGroup = this.createSecurityGroup();
    const { role, profile } = createInstanceRole(name, hostStatements(this, args.ecsCluster.arn), { parent: this });
    this.launchTemplate = this.createLaunchTemplate(securityGroup, profile);
    const group = this.createGroup();

    this.groupName = group.name;
    this.groupArn = group.arn;
    this.roleArn = role.arn;
    this.registerOutputs({ groupName: this.groupName, groupArn: this.groupArn });
  }

  private createSecurityGroup(): aws.ec2.SecurityGroup {
    const { balancerSecurityGroupIds, cluster, vpcId } = this.args;
    return new aws.ec2.SecurityGroup(
      `${this.name}-security-group`,
      {
        vpcId,
        description: `Hosts of ${cluster}: from the balancers, to anywhere`,
        ingress: balancerSecurityGroupIds.map((from) => ({
          ...{ protocol: "tcp", ...DYNAMIC_PORTS, description: "From a balancer to tasks" },
          securityGroups: [from],
        })),
        egress: [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"], description: "To anywhere" }],
      },
      { parent: this },
    );
  }

  private createLaunchTemplate(
    securityGroup: aws.ec2.SecurityGroup,
    profile: InstanceRole["profile"],
  ): aws.ec2.LaunchTemplate {
    const { args } = this;
    const { imageId, ignoreChanges } = pinnedImage(args, ECS_OPTIMIZED, this);
    return new aws.ec2.LaunchTemplate(
      `${this.name}-template`,
      {
        imageId,
        instanceType: args.instanceType,
        iamInstanceProfile: { arn: profile.arn },
        // One hop ends at the host: tasks on its bridge are one further.
        metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
        blockDeviceMappings: [
          {
            deviceName: "/dev/xvda",
            ebs: { encrypted: "true", kmsKeyId: args.kmsKeyArn, volumeType: "gp3", volumeSize: args.volumeGiB },
          },
        ],
        networkInterfaces: [
          {
            deviceIndex: 0,
            associatePublicIpAddress: "false",
            securityGroups: [securityGroup.id, ...args.clientSecurityGroupIds],
          },
        ],
        // EC2's metrics every minute: policies and alarms on five-minute data react five times as late.
        monitoring: { enabled: true },
        userData: args.ecsCluster.name.apply((cluster) => Buffer.from(hostScript(cluster)).toString("base64")),
        tagSpecifications: [{ resourceType: "volume", tags: { Name: args.cluster } }],
        updateDefaultVersion: true,
      },
      { parent: this, ignoreChanges },
    );
  }

  private createGroup(): aws.autoscaling.Group {
    const { args, launchTemplate } = this;
    return new aws.autoscaling.Group(
      `${this.name}-group`,
      {
        minSize: args.size.minimum,
        maxSize: args.size.maximum,
        desiredCapacity: args.size.minimum,
        vpcZoneIdentifiers: [...args.privateSubnetIds],
        // `$Latest` would forbid every rollback.
        launchTemplate: { id: launchTemplate.id, version: launchTemplate.latestVersion.apply(String) },
        healthCheckType: "EC2",
        healthCheckGracePeriod: JOIN_SECONDS,
        defaultInstanceWarmup: JOIN_SECONDS,
        instanceMaintenancePolicy: HEALTHY_PERCENTAGES,
        maxInstanceLifetime: args.maxInstanceLifetimeDays && args.maxInstanceLifetimeDays * DAY,
        // Other zones take over when one has no room: balanced-only would go on trying there.
        availabilityZoneDistribution: { capacityDistributionStrategy: "balanced-best-effort" },
        // Without it ECS refuses to protect hosts that have tasks, and Auto Scaling may take any.
        protectFromScaleIn: args.managedByEcs,
        enabledMetrics: ["GroupInServiceInstances"],
        tags: [
          { key: "Name", value: args.cluster, propagateAtLaunch: true },
          { key: REQUIRED_TAG, value: String(args.size.required), propagateAtLaunch: false },
          // ECS sets it on groups of its capacity providers; declared, so that no update takes it away.
          { key: "AmazonECSManaged", value: "", propagateAtLaunch: true },
        ],
        // `up` is done when the group exists; whether hosts join is what an alarm watches.
        waitForCapacityTimeout: "0",
      },
      // Scaling owns the desired capacity, and the rollout the template's version.
      { parent: this, ignoreChanges: ["desiredCapacity", "launchTemplate"] },
    );
  }
}

/**
 * What a host does at its first boot: it says which cluster it belongs to. Images are pulled once, since their tags never
 * move: a host that has one starts tasks without the registry.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-config.html
 */
function hostScript(ecsCluster: string): string {
  return `\
#!/bin/bash
set -euo pipefail
cat >> /etc/ecs/ecs.config <<'END'
ECS_CLUSTER=${ecsCluster}
ECS_RESERVED_MEMORY=${RESERVED_MIB}
ECS_IMAGE_PULL_BEHAVIOR=once
ECS_ENABLE_AWSLOGS_EXECUTIONROLE_OVERRIDE=true
ECS_AWSVPC_BLOCK_IMDS=true
ECS_DISABLE_PRIVILEGED=true
END
`;
}
