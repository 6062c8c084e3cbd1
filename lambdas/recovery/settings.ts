/** An instance that is looked after. Plain JSON. */
export interface RecoveryTarget {
  /** Name in the configuration, for people; unique in a stack. */
  readonly name: string;
  /** Id of the EC2 instance, `i-…`. */
  readonly instanceId: string;
  /** What the URL check asks for. */
  readonly url: string;
  /** Seconds for the URL's answer to begin. */
  readonly urlTimeoutSeconds: number;
  /** Id of the Route 53 health check that is this instance's own. */
  readonly healthCheckId: string;
  /** Where the SSH check connects, from inside the VPC. */
  readonly ssh: { readonly host: string; readonly port: number };
  /** The group that it shares its work with, if any. */
  readonly group?: string;
}

/** What the checks know. */
export interface CheckSettings {
  /** The instances that this function may look at, by name. */
  readonly targets: Readonly<Record<string, RecoveryTarget>>;
}

/** As `CheckSettings`, and the alarm's numbers, by which the CPU check judges too. */
export interface CpuSettings extends CheckSettings {
  /** Percent of CPUUtilization from which on an instance counts as pegged. */
  readonly thresholdPercent: number;
  /** Seconds of one datum. */
  readonly periodSeconds: number;
}

/** What the restart callback of one instance knows. */
export interface RestartSettings extends CheckSettings {
  readonly stateTable: string;
  /** Minutes after a restart in which the instance is not restarted again. */
  readonly cooldownMinutes: number;
  /** Seconds for which an execution waits for its turn before it gives up. */
  readonly maxWaitSeconds: number;
  /** The instance's group, if it has one. */
  readonly group?: RestartGroup;
}

/** Instances that share their work. */
export interface RestartGroup {
  readonly name: string;
  /** Instance ids of all members, by name; the restarted one included. */
  readonly members: Readonly<Record<string, string>>;
  /** Percent of the members that must stay in service, rounded up. */
  readonly minHealthyPercentage: number;
}

/** Where chat messages go. */
export type Chat =
  | { readonly type: "slack"; readonly channel: string; readonly secretArn: string }
  | { readonly type: "webhook"; readonly secretArn: string }
  | { readonly type: "sns"; readonly topicArn: string };

/** Who is paged, and how. */
export type Pager =
  | {
      readonly type: "opsgenie";
      readonly region: "us" | "eu";
      readonly teamId: string;
      readonly secretArn: string;
    }
  | { readonly type: "pagerduty"; readonly region: "us" | "eu"; readonly secretArn: string }
  | { readonly type: "sns"; readonly topicArn: string };

/** What the report and page callbacks know. */
export interface TellSettings<Channel extends Chat | Pager> extends CheckSettings {
  readonly channel: Channel;
  readonly stateTable: string;
  /** AWS Region, for links to the console. */
  readonly region: string;
}

/** Partition of the state table that an instance has for itself. */
export const systemOf = (target: string) => `recovery/${target}`;
/** Partition of the state table that a group has for itself. */
export const groupSystemOf = (group: string) => `recovery-group/${group}`;
