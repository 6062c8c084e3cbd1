import * as pulumi from "@pulumi/pulumi";
import { Chat, Pager, RecoveryTarget } from "../../lambdas/recovery/settings";
import { StateTable } from "../common/stateTable";
import { RecoveryTimes } from "./definition";
import { CpuAlarm } from "./recoveryTrigger";

/** A channel as configured: SNS goes to the stack's own topic. */
export type Configured<Channel> = Exclude<Channel, { type: "sns" }> | { readonly type: "sns" };

/** Arguments of `RecoveryWorkflow`. */
export interface RecoveryWorkflowArgs {
  /** The instances that are looked after, 1 or more. */
  readonly targets: readonly RecoveryTarget[];
  /** The groups that instances may belong to, by name, with the percent of each that must stay in service. */
  readonly groups: Readonly<Record<string, { readonly minHealthyPercentage: number }>>;
  readonly alarm: CpuAlarm;
  readonly restart: RecoveryTimes & {
    /** Minutes after a restart in which the instance is not restarted again. */
    readonly cooldownMinutes: number;
  };
  /** Where messages about what was recovered go. */
  readonly chat: Configured<Chat>;
  /** Who is paged about what was not. */
  readonly pager: Configured<Pager>;
  /** ARNs of the KMS keys that encrypt the channels' secrets. @default AWS's own, which needs no permission */
  readonly secretKeyArns: { readonly chat?: string; readonly pager?: string };
  /** The VPC from which the SSH check connects, and subnets in it. */
  readonly vpcId: pulumi.Input<string>;
  readonly subnetIds: pulumi.Input<string>[];
  /** ARN of the KMS key for logs, executions and dead letters. */
  readonly kmsKeyArn: pulumi.Input<string>;
  /** ARN of the topic for people. */
  readonly topicArn: pulumi.Input<string>;
  /** The table that remembers restarts and what people have been told. */
  readonly stateTable: StateTable;
}
