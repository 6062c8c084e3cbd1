import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ImageParameter, pinnedImage } from "../common/image";
import { createInstanceRole, InstanceRole } from "../common/instanceRole";
import { templateArgs } from "../common/launchTemplate";
import { InstancesArgs, OWNED_BY_OTHERS, rolledOutGroupArgs } from "../common/rolledOutGroup";
import { hostStatements } from "./permissions";
import { HostCount, RESERVED_MIB } from "./size";

/** Arguments of `Hosts`. */
export interface HostsArgs extends InstancesArgs {
  /** Name of the service cluster: that of its hosts, for people. */
  readonly cluster: string;
  readonly ecsCluster: aws.ecs.Cluster;
  readonly size: HostCount;
  /** Whether ECS decides how many hosts there are: then it alone may take one away. */
  readonly managedByEcs: boolean;
  /** The security groups that balancers' requests come from. */
  readonly balancerSecurityGroupIds: readonly pulumi.Input<string>[];
}

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
export const DYNAMIC_PORTS = { fromPort: 32768, toPort: 65535 };

/** Seconds from a host's launch until it has joined its cluster, at most. */
export const JOIN_SECONDS = 300;

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
        ...templateArgs({
          ...args,
          profile,
          securityGroupIds: [securityGroup.id, ...args.clientSecurityGroupIds],
          hasPublicAddress: false,
          script: args.ecsCluster.name.apply(hostScript),
          tags: { Name: args.cluster },
        }),
      },
      { parent: this, ignoreChanges },
    );
  }

  private createGroup(): aws.autoscaling.Group {
    const { args, launchTemplate } = this;
    const common = rolledOutGroupArgs({
      ...args,
      instanceName: args.cluster,
      requiredInstances: args.size.required,
      launchTemplate,
      startSeconds: JOIN_SECONDS,
    });
    return new aws.autoscaling.Group(
      `${this.name}-group`,
      {
        ...common,
        healthCheckType: "EC2",
        // Without it ECS refuses to protect hosts that have tasks, and Auto Scaling may take any.
        protectFromScaleIn: args.managedByEcs,
        enabledMetrics: ["GroupInServiceInstances"],
        // ECS sets it on groups of its capacity providers; declared, so that no update takes it away.
        tags: [...common.tags, { key: "AmazonECSManaged", value: "", propagateAtLaunch: true }],
      },
      { parent: this, ignoreChanges: OWNED_BY_OTHERS },
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
