/** A condition on one property, as data. Exactly one of the comparisons is given. */
export interface Condition {
  /** Path of the property, e.g. `clusterConfig.zoneAwarenessEnabled`. */
  readonly property: string;
  readonly is?: unknown;
  readonly not?: unknown;
  readonly oneOf?: readonly unknown[];
  /** A regular expression that the text matches from its beginning. */
  readonly matches?: string;
  readonly atLeast?: number;
  /** Whether the property is given at all. */
  readonly given?: boolean;
  /** What AWS, or the provider, takes if the property is not set. @default nothing */
  readonly otherwise?: unknown;
}

/** The rules that judge by records. */
export type RecordRule =
  | "workloads-span-zones"
  | "standby-is-ready"
  | "enough-instances"
  | "data-can-be-restored"
  | "data-is-encrypted"
  | "deletion-is-protected";

/** Something that a resource must have. */
export interface Demand extends Condition {
  readonly rule: Exclude<RecordRule, "workloads-span-zones">;
  /** What to write instead, e.g. `set multiAz to true`. */
  readonly mend: string;
  /** The demand holds only for resources that are so. @default all of the type */
  readonly when?: readonly Condition[];
}

/** What AWS offers redundantly of one resource type, and how a program asks for it. */
export interface RedundancyRecord {
  /** What it is called, e.g. `database`. */
  readonly what: string;
  /** Lists that must reach over so many zones. */
  readonly spans?: {
    /** Paths of lists of subnet ids. */
    readonly subnets?: readonly string[];
    /** Paths of lists of zone names. */
    readonly zones?: readonly string[];
    /** Zones. @default 2 */
    readonly minimum?: number;
    readonly when?: readonly Condition[];
  };
  readonly demands?: readonly Demand[];
  /** Resources of another type that are its members: at least so many must refer to it. */
  readonly members?: {
    readonly type: string;
    /** The member's property that names it. */
    readonly by: string;
    readonly minimum: number;
    readonly rule: Demand["rule"];
    /** The member's property that lists its subnets, which must reach over `minimum` zones. @default not looked at */
    readonly subnets?: string;
    readonly mend: string;
    readonly when?: readonly Condition[];
  };
  /** One alone is never redundant: what to write instead. */
  readonly alone?: string;
  /** A stack that has one must have so many that differ in a property. */
  readonly peers?: { readonly differBy: string; readonly minimum: number; readonly mend: string };
  /** AWS's page. */
  readonly page: string;
}
