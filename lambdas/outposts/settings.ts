/** What the relaunch callbacks of one direction of a pair know: source fails, destination takes over. Plain JSON. */
export interface RelaunchSettings {
  /** Partition of the state table, and value of the tag of relaunched instances, e.g. `outposts/store/a-to-b`. */
  readonly system: string;
  /** Name of the pair, for people. */
  readonly pair: string;
  readonly source: OutpostServer;
  readonly destination: OutpostServer;
  /** The source's applications, the most important first. */
  readonly applications: readonly Application[];
  /** What to do with relaunched instances when the source's pass their checks again. */
  readonly failback: "notify" | "terminate-relaunched";
  /** Name of the CloudWatch alarm on the source's `ConnectedStatus`. */
  readonly sourceAlarm: string;
  /** Account that owns the Outposts, if it is another one: its metrics are read across accounts. */
  readonly ownerAccountId: string | undefined;
  readonly stateTable: string;
  readonly topicArn: string;
  /** Seconds between two looks at the relaunched instances' status checks. */
  readonly pollSeconds: number;
  /** Seconds after which instances that don't pass their checks are reported as such. */
  readonly deadlineSeconds: number;
}

/** One Outposts server. */
export interface OutpostServer {
  /** Name in the configuration, for people. */
  readonly name: string;
  /** Id of the Outpost, `op-…`. */
  readonly outpostId: string;
  /** The subnets on it. */
  readonly subnetIds: readonly string[];
  /** How many instances of each type it holds. */
  readonly capacity: Readonly<Record<string, number>>;
}

/** One application: a launch template of which so many instances must run. */
export interface Application {
  readonly name: string;
  readonly launchTemplateId: string;
  /** Version of the launch template, e.g. `3` or `$Default`. */
  readonly version: string;
  readonly instanceType: string;
  /** How many instances must run. */
  readonly count: number;
  /** The destination's subnet that they are relaunched in. */
  readonly subnetId: string;
  /** Target groups whose members are moved. */
  readonly targetGroupArns: readonly string[];
}

/** Tag of relaunched instances: the direction that relaunched them. The only instances that may be terminated. */
export const RELAUNCHED_BY = "nplusone:relaunched-by";
/** Tag of relaunched instances: the outage that they were launched for. */
export const OUTAGE = "nplusone:outage";
/** Tag of relaunched instances: application and index, e.g. `pos/0`. */
export const SLOT = "nplusone:slot";
