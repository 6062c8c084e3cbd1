/** What the rollout knows about the deployed group. Every field is plain JSON. */
export interface RolloutSettings {
  /** Name of the Auto Scaling group. */
  readonly groupName: string;
  /** Id of its launch template. */
  readonly launchTemplateId: string;
  /** Names of the alarms that tell that a version is bad. */
  readonly alarmNames: readonly string[];
  /** Seconds after which a new instance counts as one that works, if the balancer calls it healthy. */
  readonly warmupSeconds: number;
  /** How many of the group's instances there have to be at any time, and may be, in percent. */
  readonly minHealthyPercentage: number;
  readonly maxHealthyPercentage: number;
}

/** What tells people of a group's refreshes knows. */
export interface RefreshesSettings {
  /** What the group is, for people: a tier's name. */
  readonly of: string;
  /** Where people read what to do. */
  readonly runbook: string;
  /** Name of the Auto Scaling group. */
  readonly groupName: string;
  /** Name of the DynamoDB table that remembers what people have been told. */
  readonly stateTable: string;
  /** Partition of that table. */
  readonly system: string;
  /** ARN of the SNS topic. */
  readonly topicArn: string;
}
