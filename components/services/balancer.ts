import * as aws from "@pulumi/aws";
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
} from "../common/balancing";
import type { Entrance } from "../common/connections";
import { DYNAMIC_PORTS } from "./hosts";
import { priorities, Rule, RuleOf } from "./names";

/** Arguments of `Balancer`. */
export interface BalancerArgs extends BalancerOptions {
  /** Name of the service cluster, for people. */
  readonly cluster: string;
  /** A subnet in each of 2 or more zones: public ones for an Internet-facing balancer, private ones else. */
  readonly subnetIds: readonly pulumi.Input<string>[];
  readonly internal: boolean;
  /** The services behind it. */
  readonly services: readonly RuleOf[];
}

/**
 * An Application Load Balancer for the services of a cluster, Internet-facing or internal: each has a rule, and what is
 * nobody's is answered with 404. $16.43 a month (730 h x $0.0225), $5.84 for each load unit that is used throughout
 * (730 h x $0.008), and $3.65 for the public IPv4 address in each zone (730 h x $0.005), which an internal one hasn't.
 *
 * @example
 * const balancer = new Balancer("shop-public", {
 *   cluster: "shop", vpcId: network.vpcId, vpcCidrBlock: "10.20.0.0/16", internal: false,
 *   subnetIds: network.zones.map((z) => z.publicSubnetId), allowedCidrBlocks: ["0.0.0.0/0"],
 *   services: [{ name: "cart", rule: { paths: ["/cart/*"] } }], accessLogRetentionDays: 90, deletionProtection: true,
 * });
 * balancer.forward({ name: "cart", rule: { paths: ["/cart/*"] } }, targetGroup.arn, { parent: this });
 */
export class Balancer extends pulumi.ComponentResource {
  /** The security group that the balancer's requests come from. */
  readonly securityGroupId: pulumi.Output<string>;
  /** How DNS leads to it. */
  readonly entrance: Entrance;
  /** The `LoadBalancer` dimension of its metrics. */
  readonly dimension: pulumi.Output<string>;

  private readonly listener: aws.lb.Listener;
  private readonly priorities: Map<string, number>;

  constructor(
    private readonly name: string,
    private readonly args: BalancerArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:ServiceBalancer", name, {}, opts);

    const securityGroup = this.createSecurityGroup();
    const balancer = this.createBalancer(securityGroup);
    this.listener = this.createListeners(balancer);
    this.priorities = priorities(args.services);

    this.securityGroupId = securityGroup.id;
    this.entrance = entranceTo(balancer, args);
    this.dimension = balancer.arnSuffix;
    this.registerOutputs({ dnsName: balancer.dnsName });
  }

  /** Sends a service's requests to its tasks. */
  forward(
    { name, rule }: RuleOf,
    targetGroupArn: pulumi.Input<string>,
    opts: pulumi.CustomResourceOptions & { readonly parent: pulumi.Resource },
  ): aws.lb.ListenerRule {
    return new aws.lb.ListenerRule(
      `${this.name}-${name}`,
      {
        listenerArn: this.listener.arn,
        priority: this.priorities.get(name) as number,
        conditions: conditions(rule),
        actions: [{ type: "forward", targetGroupArn }],
      },
      opts,
    );
  }

  private createSecurityGroup(): aws.ec2.SecurityGroup {
    const { cluster, vpcId } = this.args;
    return new aws.ec2.SecurityGroup(
      `${this.name}-security-group`,
      {
        vpcId,
        description: `Balancer of ${cluster}: HTTP and HTTPS, to the hosts only`,
        ...balancerRules(this.args, { ...DYNAMIC_PORTS, description: "Tasks on hosts" }),
      },
      { parent: this },
    );
  }

  private createBalancer(securityGroup: aws.ec2.SecurityGroup): aws.lb.LoadBalancer {
    const { args } = this;
    return new aws.lb.LoadBalancer(
      // The balancer's name, which has 32 characters at most, begins with it.
      this.name,
      {
        loadBalancerType: "application",
        internal: args.internal,
        subnets: [...args.subnetIds],
        securityGroups: [securityGroup.id],
        ...balancerAttributes(args, createAccessLogBucket(`${this.name}-logs`, args.accessLogRetentionDays, this)),
      },
      { parent: this },
    );
  }

  /** @returns the listener that has the rules. */
  private createListeners(balancer: aws.lb.LoadBalancer): aws.lb.Listener {
    const { certificateArn } = this.args;
    const nobodys = {
      type: "fixed-response",
      fixedResponse: { contentType: "text/plain", messageBody: "There is no such service here.", statusCode: "404" },
    };
    const listener = (name: string, args: Omit<aws.lb.ListenerArgs, "loadBalancerArn">) =>
      new aws.lb.Listener(`${this.name}-${name}`, { loadBalancerArn: balancer.arn, ...args }, { parent: this });
    if (certificateArn === undefined) {
      return listener("http", { ...HTTP_LISTENER, defaultActions: [nobodys] });
    }
    listener("http", REDIRECTING_LISTENER);
    return listener("https", { ...httpsListener(certificateArn), defaultActions: [nobodys] });
  }
}

function conditions({ hosts, paths }: Rule): aws.types.input.lb.ListenerRuleCondition[] {
  return [
    ...(hosts === undefined ? [] : [{ hostHeader: { values: [...hosts] } }]),
    ...(paths === undefined ? [] : [{ pathPattern: { values: [...paths] } }]),
  ];
}
