import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { JOIN_SECONDS } from "./hosts";
import { HostSteps, ManagedScaling } from "./hostScaling";

/** Arguments of `Capacity`. */
export interface CapacityArgs {
  readonly ecsCluster: aws.ecs.Cluster;
  /** ARN of the Auto Scaling group. */
  readonly groupArn: pulumi.Input<string>;
  readonly scaling: ManagedScaling | HostSteps;
}

/** Hosts that ECS may add at once: as many as a zone's tasks may ask for. */
const MOST_AT_ONCE = 100;

/**
 * What makes a group of hosts a cluster's capacity: a capacity provider, by which ECS drains a host before it goes,
 * whoever takes it away, and, unless the group has step policies of its own, adds hosts and protects those with tasks.
 * Services depend on it: it can't be taken from a cluster that uses it. Its name is Pulumi's, because two providers can't
 * share a group, so that another group means another provider beside the old one. Free.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/asg-capacity-providers.html
 *
 * @example
 * new Capacity("shop-capacity", {
 *   ecsCluster, groupArn: hosts.groupArn, scaling: { type: "managed", targetCapacityPercent: 100 },
 * });
 */
export class Capacity extends pulumi.ComponentResource {
  /** Name of the capacity provider, once the cluster has it. */
  readonly providerName: pulumi.Output<string>;

  constructor(name: string, args: CapacityArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nplusone:index:Capacity", name, {}, opts);
    const { ecsCluster, groupArn, scaling } = args;
    const provider = new aws.ecs.CapacityProvider(
      `${name}-provider`,
      {
        autoScalingGroupProvider: {
          autoScalingGroupArn: groupArn,
          managedDraining: "ENABLED",
          // Protection needs ECS's scaling: without it nobody would ever lift it.
          managedTerminationProtection: scaling.type === "managed" ? "ENABLED" : "DISABLED",
          managedScaling:
            scaling.type === "managed"
              ? {
                  status: "ENABLED",
                  targetCapacity: scaling.targetCapacityPercent,
                  minimumScalingStepSize: 1,
                  maximumScalingStepSize: MOST_AT_ONCE,
                  instanceWarmupPeriod: JOIN_SECONDS,
                }
              : { status: "DISABLED" },
        },
      },
      { parent: this },
    );
    const association = new aws.ecs.ClusterCapacityProviders(
      `${name}-of-cluster`,
      {
        clusterName: ecsCluster.name,
        capacityProviders: [provider.name],
        defaultCapacityProviderStrategies: [{ capacityProvider: provider.name, base: 0, weight: 1 }],
      },
      { parent: this },
    );
    this.providerName = pulumi.all([provider.name, association.id]).apply(([own]) => own);
    this.registerOutputs({ providerName: this.providerName });
  }
}
