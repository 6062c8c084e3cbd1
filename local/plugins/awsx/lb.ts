/* eslint-disable @typescript-eslint/no-explicit-any -- the plugin boundary: whatever the engine sends */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** Port and protocol of a listener that says only one of them, or none. */
export function protocolOf(listener: any, defaultPort: pulumi.Input<number> = 80) {
  const { port, protocol } = listener ?? {};
  if (port === undefined && protocol === undefined) {
    return { port: defaultPort, protocol: "HTTP" };
  }
  return {
    port: port ?? pulumi.output(protocol).apply((one) => (one === "HTTPS" ? 443 : 80)),
    protocol: protocol ?? pulumi.output(port).apply((one) => (one === 443 ? "HTTPS" : "HTTP")),
  };
}

/** As awsx has it: of a list of one listener, the target group gets neither port nor protocol. */
export const targetGroupProtocol = ({ listener, listeners, defaultTargetGroupPort }: any) =>
  listeners?.length === 1 ? undefined : protocolOf(listeners?.[0] ?? listener, defaultTargetGroupPort);

/** @throws as awsx does, if arguments exclude each other, or if they ask for something that the stand-in doesn't make. */
function refuse(name: string, args: any): void {
  const { subnets, subnetIds, subnetMappings, listener, listeners, defaultSecurityGroup: group } = args;
  const given = [subnets, subnetIds, subnetMappings].filter((one) => one !== undefined);
  if (given.length > 1) {
    throw new Error("Only one of [subnets], [subnetIds] or [subnetMappings] can be specified");
  }
  if (listener !== undefined && listeners !== undefined) {
    throw new Error("Only one of [listener] and [listeners] can be specified");
  }
  if (group?.args !== undefined && group.securityGroupId !== undefined) {
    throw new Error("Only one of [defaultSecurityGroup] [args] or [securityGroupId] can be specified");
  }
  if (args.defaultTargetGroup !== undefined && args.defaultTargetGroupPort !== undefined) {
    throw new Error("Only one of `defaultTargetGroup` or `defaultTargetGroupPort` can be provided.");
  }
  const whole = ["listener", "listeners", "defaultTargetGroup", "defaultSecurityGroup"].filter((property) =>
    pulumi.Output.isInstance(args[property]),
  );
  if (whole.length > 0) {
    throw new Error(
      `awsx.lb.ApplicationLoadBalancer ${name} can't look into ${whole.join(", ")}: only parts may be outputs`,
    );
  }
  if (subnetIds === undefined) {
    throw new Error(
      `the rehearsal makes awsx.lb.ApplicationLoadBalancer ${name} of subnetIds only: add the others to local/plugins/awsx/lb.ts`,
    );
  }
}

const EVERYWHERE = { cidrBlocks: ["0.0.0.0/0"], ipv6CidrBlocks: ["::/0"] };

/**
 * Stands in for `awsx.lb.ApplicationLoadBalancer` in given subnets: the same children under the same names with the same
 * properties, defaults and outputs (github.com/pulumi/pulumi-awsx, awsx/lb/applicationLoadBalancer.ts). So its security
 * group admits everything unless told otherwise, targets are addresses, and `region` reaches the load balancer alone.
 */
export class ApplicationLoadBalancer extends pulumi.ComponentResource {
  readonly state: pulumi.Inputs;

  constructor(name: string, args: any, opts: pulumi.ComponentResourceOptions) {
    super("awsx:lb:ApplicationLoadBalancer", name, {}, opts);
    refuse(name, args);
    const { subnetIds, defaultTargetGroup, defaultTargetGroupPort: _, defaultSecurityGroup, ...rest } = args;
    const { listener, listeners = listener === undefined ? [{}] : [listener], ...own } = rest;
    const child = { parent: this };
    const vpcId = pulumi.output(subnetIds as string[]).apply(([id = ""]) => aws.ec2.getSubnet({ id }, child)).vpcId;
    const group =
      own.securityGroups === undefined && !defaultSecurityGroup?.skip && !defaultSecurityGroup?.securityGroupId
        ? new aws.ec2.SecurityGroup(name, defaultSecurityGroup?.args ?? openBothWays(vpcId), child)
        : undefined;
    const defaultGroupId = group?.id ?? defaultSecurityGroup?.securityGroupId;
    const loadBalancer = new aws.lb.LoadBalancer(
      name,
      {
        ...own,
        subnets: subnetIds,
        securityGroups: own.securityGroups ?? (defaultGroupId === undefined ? undefined : [defaultGroupId]),
        loadBalancerType: "application",
      },
      child,
    );
    const targetGroup = new aws.lb.TargetGroup(
      name,
      { vpcId, targetType: "ip", ...targetGroupProtocol(args), ...defaultTargetGroup },
      child,
    );
    const defaultActions = [{ type: "forward", targetGroupArn: targetGroup.arn }];
    this.state = {
      vpcId,
      loadBalancer,
      defaultTargetGroup: targetGroup,
      ...(group === undefined ? {} : { defaultSecurityGroup: group }),
      listeners: listeners.map(
        (one: any, i: number) =>
          new aws.lb.Listener(
            `${name}-${i}`,
            {
              defaultActions,
              ...protocolOf(one, args.defaultTargetGroupPort),
              ...one,
              loadBalancerArn: loadBalancer.arn,
            },
            child,
          ),
      ),
    };
    this.registerOutputs(this.state);
  }
}

const openBothWays = (vpcId: pulumi.Output<string>) => ({
  vpcId,
  ingress: [{ fromPort: 0, toPort: 0, protocol: "-1", ...EVERYWHERE }],
  egress: [{ fromPort: 0, toPort: 65535, protocol: "tcp", ...EVERYWHERE }],
});
