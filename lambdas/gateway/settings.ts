/**
 * What the gateway's callback knows about the deployed gateway. The component resolves it from its outputs and Pulumi's
 * function serialization carries it; every field is plain JSON.
 */
export interface GatewaySettings {
  /** The gateway's name, for people; partition of the stack's state table. */
  readonly name: string;
  /** What no other gateway of the account is called: dimension of the metrics, which all stacks share. */
  readonly id: string;
  /** One entry a zone, in ring order: the zone after the last is the first. */
  readonly zones: readonly GatewayZone[];
  /** The public subnets that gateway instances run in: the one filter that finds them all in one call. */
  readonly subnetIds: readonly string[];
  /** Name of the DynamoDB table that remembers what people have been told. */
  readonly stateTable: string;
  /** ARN of the SNS topic that transitions are published to. */
  readonly topicArn: string;
}

/** One zone of the gateway. */
export interface GatewayZone {
  /** Name of the Availability Zone, e.g. `us-east-1a`. */
  readonly availabilityZone: string;
  /** The zone's persistent network interface: the default target of its route tables. */
  readonly networkInterfaceId: string;
  /** The zone's private route tables: 1 or more. */
  readonly routeTableIds: readonly string[];
  /** Name of the zone's single-instance Auto Scaling group. */
  readonly autoScalingGroupName: string;
  /** Name of the group's terminating hook, the only one that the callback completes. */
  readonly terminatingHookName: string;
}

/** The route that the callback owns. */
export const DEFAULT_ROUTE = "0.0.0.0/0";
