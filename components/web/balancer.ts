import * as aws from "@pulumi/aws";
import * as awsx from "@pulumi/awsx";
import * as pulumi from "@pulumi/pulumi";
import {
  balancerAttributes,
  BalancerOptions,
  balancerRules,
  createAccessLogBucket,
  entranceTo,
  HTTP_LISTENER,
  httpsListener,
  REDIRECTING_LISTENER,
  targetGroupArgs,
  TargetOptions,
} from "../common/balancing";
import type { Entrance } from "../common/connections";

/** Arguments of `Balancer`. */
export interface BalancerArgs extends BalancerOptions, TargetOptions {
  /** A public subnet in each of 2 or more zones. */
  readonly publicSubnetIds: readonly pulumi.Input<string>[];
  /** The site's name, and the hosted zone that gets an alias for it. @default none */
  readonly domainName?: string;
  readonly zoneId?: string;
}

/**
 * An Application Load Balancer in the public subnets, which admits HTTP and HTTPS and sends them to instances: over TLS
 * with a certificate, with access logs in a bucket, ready for zonal shift, and with the site's name as an alias. $16.43 a
 * month (730 h x $0.0225), $3.65 for the public IPv4 address in each zone (730 h x $0.005), and $5.84 for each load
 * unit that is used throughout (730 h x $0.008), of which one is 25 new connections a second or 1 GB an hour.
 *
 * @example
 * new Balancer("shop-balancer", {
 *   vpcId: network.vpcId, vpcCidrBlock: "10.20.0.0/16", publicSubnetIds: network.zones.map((z) => z.publicSubnetId),
 *   port: 8080, healthCheckPath: "/healthz", drainSeconds: 60, allowedCidrBlocks: ["0.0.0.0/0"],
 *   accessLogRetentionDays: 90, deletionProtection: true,
 * });
 */
export class Balancer extends pulumi.ComponentResource {
  readonly targetGroupArn: pulumi.Output<string>;
  /** The security group that the balancer's requests come from. */
  readonly securityGroupId: pulumi.Output<string>;
  /** How DNS leads to it. */
  readonly entrance: Entrance;
  /** Where the site is. */
  readonly url: pulumi.Output<string>;
  /** Dimensions of the balancer's metrics, and of its target group's. */
  readonly dimensions: { readonly balancer: Dimensions; readonly targets: Dimensions };

  constructor(
    private readonly name: string,
    private readonly args: BalancerArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:Balancer", name, {}, opts);

    const securityGroup = this.createSecurityGroup();
    const { loadBalancer, defaultTargetGroup } = this.createBalancer(securityGroup);
    this.createAlias(loadBalancer);

    this.targetGroupArn = defaultTargetGroup.arn;
    this.securityGroupId = securityGroup.id;
    this.entrance = entranceTo(loadBalancer, args);
    const scheme = this.entrance.protocol.toLowerCase();
    this.url = pulumi.interpolate`${scheme}://${args.domainName ?? loadBalancer.dnsName}/`;
    const balancer = { LoadBalancer: loadBalancer.arnSuffix };
    this.dimensions = { balancer, targets: { ...balancer, TargetGroup: defaultTargetGroup.arnSuffix } };
    this.registerOutputs({ url: this.url, targetGroupArn: this.targetGroupArn });
  }

  /** awsx's own would admit everything. */
  private createSecurityGroup(): aws.ec2.SecurityGroup {
    const { port, vpcId } = this.args;
    return new aws.ec2.SecurityGroup(
      `${this.name}-security-group`,
      {
        vpcId,
        description: "Balancer: HTTP and HTTPS from outside, to the instances only",
        ...balancerRules(this.args, { fromPort: port, toPort: port, description: "Instances" }),
      },
      { parent: this },
    );
  }

  private createBalancer(securityGroup: aws.ec2.SecurityGroup): awsx.lb.ApplicationLoadBalancer {
    const { args } = this;
    return new awsx.lb.ApplicationLoadBalancer(
      // The name of balancer and target group, which have 32 characters at most, begins with it.
      this.name,
      {
        subnetIds: [...args.publicSubnetIds],
        securityGroups: [securityGroup.id],
        // A listener without actions of its own forwards to the target group.
        listeners:
          args.certificateArn === undefined
            ? [HTTP_LISTENER]
            : [REDIRECTING_LISTENER, httpsListener(args.certificateArn)],
        defaultTargetGroup: targetGroupArgs(args),
        ...balancerAttributes(args, createAccessLogBucket(`${this.name}-logs`, args.accessLogRetentionDays, this)),
      },
      { parent: this },
    );
  }

  private createAlias(loadBalancer: pulumi.Output<aws.lb.LoadBalancer>): void {
    const { domainName, zoneId } = this.args;
    if (domainName !== undefined && zoneId !== undefined) {
      new aws.route53.Record(
        `${this.name}-alias`,
        {
          zoneId,
          name: domainName,
          type: "A",
          aliases: [{ name: loadBalancer.dnsName, zoneId: loadBalancer.zoneId, evaluateTargetHealth: true }],
        },
        { parent: this },
      );
    }
  }
}

/** Dimensions of metrics. */
type Dimensions = Readonly<Record<string, pulumi.Output<string>>>;
