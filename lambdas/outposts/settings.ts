/** What the callback of one direction of a pair knows: source fails, destination takes over. Plain JSON. */
export interface RelaunchSettings {
  /** Partition of the state table, and value of the tag of relaunched instances, e.g. `nplusone/prod/outposts/store-a`. */
  readonly system: string;
  /** Name of the pair, for people. */
  readonly pair: string;
  readonly source: OutpostServer;
  readonly destination: OutpostServer;
  /** The source's applications, the most important first. */
  readonly applications: readonly Application[];
  /** What to do with relaunched instances when the source's pass their checks again. */
  readonly failback: "notify" | "terminate-relaunched";
  /** The CloudWatch alarm on the source's `ConnectedStatus`. */
  readonly sourceAlarm: {
    readonly name: string;
    /** Seconds that one datum of it stands for. */
    readonly periodSeconds: number;
    readonly evaluationPeriods: number;
  };
  /** Account that owns the Outposts, if it is another one: its metrics are read across accounts. */
  readonly ownerAccountId: string | undefined;
  readonly stateTable: string;
  readonly topicArn: string;
}

/** One Outposts server. */
export interface OutpostServer {
  /** Name in the configuration, for people. */
  readonly name: string;
  /** Id of the Outpost, `op-…`. */
  readonly outpostId: string;
  /** What the Outposts API is asked by: the ARN of an Outpost that another account shares, the id of an own one. */
  readonly outpost: string;
  /** The subnets on it. */
  readonly subnetIds: readonly string[];
  /** How many instances of each type it holds. */
  readonly capacity: Readonly<Record<string, number>>;
}

/** One application: a launch template of which so many instances must run. */
export interface Application {
  readonly name: string;
  readonly launchTemplateId: string;
  /** Number of the template's version, as found at the last update: never `$Default` or `$Latest`, which may move. */
  readonly version: string;
  /** The version's network interfaces, if it has any, without their subnets. */
  readonly networkInterfaces: readonly NetworkInterface[];
  readonly instanceType: string;
  /** How many instances must run. */
  readonly count: number;
  /** The destination's subnet that they are relaunched in. */
  readonly subnetId: string;
  /** Target groups whose members are moved. */
  readonly targetGroupArns: readonly string[];
}

/** A network interface of a launch template, in EC2's own words. */
export interface NetworkInterface {
  readonly DeviceIndex?: number;
  readonly [property: string]: unknown;
}

/** Tag of relaunched instances: the direction that relaunched them. The only instances that may be terminated. */
export const RELAUNCHED_BY = "nplusone:relaunched-by";
/** Tag of relaunched instances: the outage that they were launched for. */
export const OUTAGE = "nplusone:outage";
/** Tag of relaunched instances: application and index, e.g. `pos/0`. */
export const SLOT = "nplusone:slot";
