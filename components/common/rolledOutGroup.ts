import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { TemplateArgs } from "./launchTemplate";
import { HEALTHY_PERCENTAGES } from "./rollout";

/**
 * Auto Scaling takes an instance's lifetime in seconds.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-max-instance-lifetime.html
 */
const DAY_SECONDS = 24 * 60 * 60;

/** What the instances of an Auto Scaling group are, as configured. */
export interface InstanceOptions extends Pick<TemplateArgs, "instanceType" | "volumeGiB"> {
  /** Id of an image of Amazon Linux 2023, for ECS an ECS-optimized one. @default AWS's own when the template was made */
  readonly imageId?: string;
  /** Days after which an instance is replaced. @default it is not */
  readonly maxInstanceLifetimeDays?: number;
}

/** Arguments of a component with a group that `Rollout` brings new versions to. */
export interface InstancesArgs extends InstanceOptions, Pick<TemplateArgs, "kmsKeyArn"> {
  readonly vpcId: pulumi.Input<string>;
  /** A private subnet in each of 2 or more zones. */
  readonly privateSubnetIds: readonly pulumi.Input<string>[];
  /** Security groups that the instances carry besides their own, by which databases know them. */
  readonly clientSecurityGroupIds: readonly pulumi.Input<string>[];
}

/** What tells one group over several zones from another. */
interface GroupArgs extends Pick<InstancesArgs, "privateSubnetIds" | "maxInstanceLifetimeDays"> {
  /** The `Name` of the instances, for people. */
  readonly instanceName: string;
  readonly size: { readonly minimum: number; readonly maximum: number };
  /** How many instances the load needs: a tag of the group, which policies read. */
  readonly requiredInstances: number;
  readonly launchTemplate: aws.ec2.LaunchTemplate;
  /** Seconds from an instance's launch until it does its work, at most; until then no health check counts. */
  readonly startSeconds: number;
}

/** Arguments of a group that `Rollout` brings new versions to, but for its health check. */
export function rolledOutGroupArgs(args: GroupArgs) {
  const { launchTemplate, size } = args;
  return {
    minSize: size.minimum,
    maxSize: size.maximum,
    desiredCapacity: size.minimum,
    vpcZoneIdentifiers: [...args.privateSubnetIds],
    // `$Latest` would forbid every rollback.
    launchTemplate: { id: launchTemplate.id, version: launchTemplate.latestVersion.apply(String) },
    healthCheckGracePeriod: args.startSeconds,
    defaultInstanceWarmup: args.startSeconds,
    instanceMaintenancePolicy: HEALTHY_PERCENTAGES,
    maxInstanceLifetime: args.maxInstanceLifetimeDays && args.maxInstanceLifetimeDays * DAY_SECONDS,
    // Other zones take over when one has no room: balanced-only would go on trying there.
    availabilityZoneDistribution: { capacityDistributionStrategy: "balanced-best-effort" },
    tags: [
      { key: "Name", value: args.instanceName, propagateAtLaunch: true },
      { key: "nplusone:required-instances", value: String(args.requiredInstances), propagateAtLaunch: false },
    ],
    // `up` is done when the group exists; whether there are enough healthy instances is what an alarm watches.
    waitForCapacityTimeout: "0",
  } satisfies aws.autoscaling.GroupArgs;
}

/** What `pulumi up` leaves as it is: scaling owns the desired capacity, and the rollout the template's version. */
export const OWNED_BY_OTHERS = ["desiredCapacity", "launchTemplate"];
