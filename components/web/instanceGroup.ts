import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { DatabaseConnection } from "../common/connections";
import { AMAZON_LINUX, pinnedImage } from "../common/image";
import { createInstanceRole, InstanceRole } from "../common/instanceRole";
import { templateArgs } from "../common/launchTemplate";
import { placeOf } from "../common/place";
import { InstancesArgs, OWNED_BY_OTHERS, rolledOutGroupArgs } from "../common/rolledOutGroup";
import { Application, applicationScript } from "./applicationScript";
import { instanceStatements } from "./permissions";
import { Size } from "./size";

/** Arguments of `InstanceGroup`. */
export interface InstanceGroupArgs extends InstancesArgs {
  /** Name of the tier: that of its instances, for people. */
  readonly tier: string;
  readonly size: Size;
  /** How many instances the load needs: a tag of the group, which policies read. */
  readonly requiredInstances: number;
  readonly application: Application & {
    /** Seconds from the launch until the application answers, at most. */
    readonly startSeconds: number;
  };
  /** The database that the application uses. @default none */
  readonly database?: DatabaseConnection;
  /** The security group that the balancer's requests come from. */
  readonly balancerSecurityGroupId: pulumi.Input<string>;
  /** The security group that SSH comes from. @default none: there is no SSH */
  readonly bastionSecurityGroupId?: pulumi.Input<string>;
  readonly targetGroupArn: pulumi.Input<string>;
}

/**
 * An Auto Scaling group over the private subnets, whose instances run an application behind a balancer: IMDSv2, encrypted
 * volumes, no public addresses, access by Session Manager, memory and disk as metrics. It replaces an instance that the
 * balancer calls unhealthy, and launches before it terminates. An instance of t4g.small is $12.26 a month (730 h x $0.0168),
 * $0.64 for 8 GiB (8 x $0.08), $2.10 for detailed monitoring (7 metrics x $0.30) and $0.60 for memory and disk (2 x $0.30).
 *
 * The group's version of the launch template is what it was made with; from then on `Rollout` owns it. A `pulumi up`
 * that set it would make the version that is being rolled out the one that a rollback goes back to.
 *
 * @example
 * new InstanceGroup("shop-instances", {
 *   tier: "shop", size: { minimum: 3, maximum: 6 }, requiredInstances: 2, vpcId: network.vpcId,
 *   privateSubnetIds: network.zones.map((z) => z.privateSubnetId), instanceType: "t4g.small", volumeGiB: 8,
 *   application: { command: "/opt/shop/start", port: 8080, environment: {}, startSeconds: 300 },
 *   clientSecurityGroupIds: [], balancerSecurityGroupId: balancer.securityGroupId,
 *   targetGroupArn: balancer.targetGroupArn, kmsKeyArn: key.arn,
 * }, { dependsOn: [balancer] });
 */
export class InstanceGroup extends pulumi.ComponentResource {
  readonly groupName: pulumi.Output<string>;
  readonly groupArn: pulumi.Output<string>;
  /** The launch template as it is declared now; the group may be on an earlier version. */
  readonly launchTemplate: aws.ec2.LaunchTemplate;
  /** ARN of the instances' role. */
  readonly roleArn: pulumi.Output<string>;

  constructor(
    private readonly name: string,
    private readonly args: InstanceGroupArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:InstanceGroup", name, {}, opts);

    const securityGroup = this.createSecurityGroup();
    const { role, profile } = createInstanceRole(name, instanceStatements(args.database), { parent: this });
    this.launchTemplate = this.createLaunchTemplate(securityGroup, profile);
    const group = this.createGroup();

    this.groupName = group.name;
    this.groupArn = group.arn;
    this.roleArn = role.arn;
    this.registerOutputs({ groupName: this.groupName, groupArn: this.groupArn });
  }

  private createSecurityGroup(): aws.ec2.SecurityGroup {
    const { application, balancerSecurityGroupId, bastionSecurityGroupId, vpcId } = this.args;
    const admit = (from: pulumi.Input<string>, port: number, description: string) => ({
      ...{ protocol: "tcp", fromPort: port, toPort: port, description },
      securityGroups: [from],
    });
    return new aws.ec2.SecurityGroup(
      `${this.name}-security-group`,
      {
        vpcId,
        description: `Instances of ${this.args.tier}: from the balancer, to anywhere`,
        ingress: [
          admit(balancerSecurityGroupId, application.port, "From the balancer"),
          ...(bastionSecurityGroupId === undefined ? [] : [admit(bastionSecurityGroupId, 22, "SSH from the bastion")]),
        ],
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
    const { imageId, ignoreChanges } = pinnedImage(args, AMAZON_LINUX, this);
    return new aws.ec2.LaunchTemplate(
      `${this.name}-template`,
      {
        imageId,
        ...templateArgs({
          ...args,
          profile,
          securityGroupIds: [securityGroup.id, ...args.clientSecurityGroupIds],
          hasPublicAddress: false,
          script: this.script(),
          tags: { Name: args.tier },
        }),
      },
      { parent: this, ignoreChanges },
    );
  }

  private script(): pulumi.Output<string> {
    const { application, database } = this.args;
    const { region } = placeOf(this);
    return database === undefined
      ? region.apply((name) => applicationScript({ region: name, application }))
      : pulumi.all([region, database.host, database.port, database.secretArn]).apply(([name, host, port, secretArn]) =>
          applicationScript({
            region: name,
            application,
            database: { engine: database.engine, name: database.name, host, port, secretArn },
          }),
        );
  }

  private createGroup(): aws.autoscaling.Group {
    const { args, launchTemplate } = this;
    const { startSeconds } = args.application;
    return new aws.autoscaling.Group(
      `${this.name}-group`,
      {
        ...rolledOutGroupArgs({ ...args, instanceName: args.tier, launchTemplate, startSeconds }),
        targetGroupArns: [args.targetGroupArn],
        healthCheckType: "ELB",
      },
      { parent: this, ignoreChanges: OWNED_BY_OTHERS },
    );
  }
}
