import * as pulumi from "@pulumi/pulumi";
import { Partner } from "../common/foundation";

/** Where objects go that aren't read any more. */
export interface Tiering {
  /** Days after which they go there. */
  readonly afterDays: number;
  readonly storageClass: "INTELLIGENT_TIERING" | "STANDARD_IA" | "GLACIER_IR";
}

/** When people are told about the copies of user files. */
export interface FilesAlarmArgs {
  /** Minutes that the other Region's bucket may be behind; Replication Time Control promises 15. */
  readonly latencyMinutes: number;
}

/** Arguments of `UserFiles`, and of what a standby offers. */
export interface UserFilesArgs {
  /** Name of the stack that is being deployed. */
  readonly stack: string;
  /** The stack in the other Region. @default none: the files are in one Region alone */
  readonly partner?: Pick<Partner, "role" | "stack" | "region"> | undefined;
  /** Days that a deleted or overwritten file can still be had back. */
  readonly noncurrentDays: number;
  /** Where files go that aren't read any more. @default they stay in S3 Standard */
  readonly tiering?: Tiering | undefined;
  /** Whether Pulumi refuses to delete the buckets. S3 deletes none that isn't empty. */
  readonly protected: boolean;
  /** When people are told. */
  readonly alarms: FilesAlarmArgs;
  /** ARN of the topic that hears of alarms. */
  readonly topicArn: pulumi.Input<string>;
}
