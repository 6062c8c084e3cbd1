import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** A kind of subnet: with a way in and out, with a way out through a gateway, with none. */
export type SubnetKind = "public" | "private" | "isolated";

/** Arguments of `NetworkAcls`. */
export interface NetworkAclsArgs {
  readonly vpcId: pulumi.Input<string>;
  /** IPv4 range of the VPC. */
  readonly cidrBlock: string;
  /** TCP ports of the public subnets that can be reached from outside. */
  readonly publicPorts: readonly number[];
  /** The subnets of each kind. */
  readonly subnetIds: Readonly<Record<SubnetKind, readonly pulumi.Input<string>[]>>;
}

/** What may pass, in one direction; whatever no rule admits may not. */
export interface AclRule {
  readonly protocol: "-1" | "tcp" | "udp" | "icmp";
  readonly cidrBlock: string;
  /** The packet's destination ports; 0 to 0 for protocols without. */
  readonly fromPort: number;
  readonly toPort: number;
}

const ANYWHERE = "0.0.0.0/0";
/**
 * Where answers from outside arrive: clients, balancers and gateways ask from these ports.
 * https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports
 */
const EPHEMERAL = { fromPort: 1024, toPort: 65535 };
const ALL_PORTS = { fromPort: 0, toPort: 0 };

/**
 * What may pass into and out of a kind of subnet. Lists know no connections, so that answers have to be admitted as
 * packets of their own; which of these are answers, security groups know.
 */
export function aclRules(
  kind: SubnetKind,
  { cidrBlock, publicPorts }: Pick<NetworkAclsArgs, "cidrBlock" | "publicPorts">,
): { readonly ingress: AclRule[]; readonly egress: AclRule[] } {
  const within: AclRule = { protocol: "-1", cidrBlock, ...ALL_PORTS };
  if (kind === "isolated") {
    return { ingress: [within], egress: [within] };
  }
  const answers: AclRule[] = [
    { protocol: "tcp", cidrBlock: ANYWHERE, ...EPHEMERAL },
    { protocol: "udp", cidrBlock: ANYWHERE, ...EPHEMERAL },
    // Without these a path's largest packet isn't found, and connections stall.
    { protocol: "icmp", cidrBlock: ANYWHERE, ...ALL_PORTS },
  ];
  const open = (port: number): AclRule => ({ protocol: "tcp", cidrBlock: ANYWHERE, fromPort: port, toPort: port });
  return {
    ingress: [within, ...(kind === "public" ? publicPorts.map(open) : []), ...answers],
    egress: [{ protocol: "-1", cidrBlock: ANYWHERE, ...ALL_PORTS }],
  };
}

/**
 * A network ACL for each kind of subnet, beneath what security groups admit: from outside, public subnets can be
 * reached on some ports, private ones get answers only, and isolated ones neither send nor get anything. Free.
 *
 * @example
 * new NetworkAcls("net", {
 *   vpcId: vpc.id, cidrBlock: "10.20.0.0/16", publicPorts: [80, 443],
 *   subnetIds: { public: ["subnet-1"], private: ["subnet-2"], isolated: ["subnet-3"] },
 * });
 */
export class NetworkAcls extends pulumi.ComponentResource {
  constructor(name: string, args: NetworkAclsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nplusone:index:NetworkAcls", name, {}, opts);
    for (const kind of ["public", "private", "isolated"] as const) {
      const { ingress, egress } = aclRules(kind, args);
      new aws.ec2.NetworkAcl(
        `${name}-${kind}`,
        {
          vpcId: args.vpcId,
          subnetIds: [...args.subnetIds[kind]],
          ingress: ingress.map(numbered),
          egress: egress.map(numbered),
          tags: { Name: `${name}-${kind}` },
        },
        { parent: this },
      );
    }
    this.registerOutputs();
  }
}

/** Ten apart, so that a person in need can put one between. */
const numbered = (rule: AclRule, i: number) => ({
  ...rule,
  ruleNo: 100 + 10 * i,
  action: "allow",
  // Any type and code.
  ...(rule.protocol === "icmp" ? { icmpType: -1, icmpCode: -1 } : {}),
});
