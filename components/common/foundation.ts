import * as pulumi from "@pulumi/pulumi";
import type { Connections } from "./connections";
import type { StateTable } from "./stateTable";
import type { Topics } from "./topics";

/** One Availability Zone of a stack's network. */
export interface NetworkZone {
  readonly availabilityZone: string;
  readonly publicSubnetId: pulumi.Output<string>;
  readonly privateSubnetId: pulumi.Output<string>;
  readonly isolatedSubnetId: pulumi.Output<string>;
  readonly privateRouteTableId: pulumi.Output<string>;
}

/** A stack's part in a pair of Regions. */
export interface Partner {
  /** What this stack is: the primary's Region is served from while it is healthy. */
  readonly role: "primary" | "standby";
  /** Name of the other stack. */
  readonly stack: string;
  /** Region of the other stack. */
  readonly region: string;
  /** What of the standby runs all the time. */
  readonly mode: "pilot-light" | "warm" | "active-active";
}

/** What every system of a stack stands on. */
export interface Foundation {
  /** The VPC, and its IPv4 range. */
  readonly network: {
    readonly vpcId: pulumi.Output<string>;
    readonly cidrBlock: string;
    /** In the order in which zones back each other. */
    readonly zones: readonly NetworkZone[];
  };
  /** What most components take as it is. */
  readonly shared: {
    /** ARN of the KMS key that encrypts all that the stack encrypts. */
    readonly kmsKeyArn: pulumi.Output<string>;
    /** ARN of the topic that people are told through. */
    readonly topicArn: pulumi.Output<string>;
    /** Where callbacks remember outages and what people were told. */
    readonly stateTable: StateTable;
  };
  /** The topics that people are told through from other Regions. */
  readonly topics: Topics;
  /** By which systems find each other. */
  readonly connections: Connections;
  /** The stack in the other Region, if there is one. */
  readonly partner: Partner | undefined;
}

/** What a system adds to the stack's outputs. */
export type StackOutputs = Readonly<Record<string, unknown>>;
