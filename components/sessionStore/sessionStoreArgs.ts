import * as pulumi from "@pulumi/pulumi";
import { SessionStoreAlarmArgs } from "./alarms";
import { SessionStoreSpec } from "./problems";

/** Arguments of `SessionStore`. */
export interface SessionStoreArgs extends SessionStoreSpec {
  /** Id of the ElastiCache user that tasks connect as, and of its group: unique in the account and Region. Never changed. */
  readonly userId: string;
  /** Major and minor version of Valkey, e.g. `8.0`. ElastiCache upgrades patch versions by itself. */
  readonly engineVersion: string;
  /** Node type of every member, e.g. `cache.t4g.small`. */
  readonly nodeType: string;
  /** How many members there are, 2 to 6: one takes writes, the others stand by to. */
  readonly members: number;
  /** Weekly hour or more, in UTC, in which ElastiCache maintains it: `sun:05:00-sun:06:00`. */
  readonly maintenanceWindow: string;
  /** Daily hour or more, in UTC, in which a snapshot is taken: `03:00-04:00`. */
  readonly snapshotWindow: string;
  /** Days that snapshots are kept; 0: none are taken. */
  readonly snapshotRetentionDays: number;
  /** When people are told. */
  readonly alarms: SessionStoreAlarmArgs;
  /** The VPC of the subnets. */
  readonly vpcId: pulumi.Input<string>;
  /** Isolated subnets, one a zone, by the zone's name: members are spread over them in this order. */
  readonly subnetIds: Readonly<Record<string, pulumi.Input<string>>>;
  /** Security groups of those who may connect, by who they are. No one else may. */
  readonly clientGroupIds: Readonly<Record<string, pulumi.Input<string>>>;
  /** ARN of the KMS key of the data on disk, the snapshots and the logs. */
  readonly kmsKeyArn: pulumi.Input<string>;
  /** ARN of the topic that hears of alarms. */
  readonly topicArn: pulumi.Input<string>;
  /** ARN of the unencrypted topic that hears of ElastiCache's own events: see `StoreEvents`. */
  readonly eventTopicArn: pulumi.Input<string>;
}
