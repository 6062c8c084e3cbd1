import { Pace, TIMES } from "./times";

/** What DescribeDBInstances says of an instance, as far as the model goes by it: the SDK's answer fits. */
export interface DescribedDbInstance {
  readonly DBInstanceIdentifier?: string | undefined;
  readonly MultiAZ?: boolean | undefined;
  readonly AvailabilityZone?: string | undefined;
  readonly SecondaryAvailabilityZone?: string | undefined;
  readonly Endpoint?: { readonly Address?: string | undefined } | undefined;
}

/** What DescribeDBClusters says of a Multi-AZ DB cluster, as far as the model goes by it: the SDK's answer fits. */
export interface DescribedDbCluster {
  readonly DBClusterIdentifier?: string | undefined;
  readonly Endpoint?: string | undefined;
  readonly DBClusterMembers?:
    | readonly { readonly DBInstanceIdentifier?: string | undefined; readonly IsClusterWriter?: boolean | undefined }[]
    | undefined;
}

/** A copy of a database. */
interface Copy {
  /** The DB instance's identifier: a Multi-AZ instance's two copies share theirs. */
  readonly DBInstanceIdentifier: string;
  readonly AvailabilityZone: string;
}

/** A database in virtual time. */
export interface DatabaseState {
  readonly SourceType: "DB_INSTANCE" | "CLUSTER";
  readonly SourceIdentifier: string;
  /** The name that clients connect to. A failover changes what it leads to, never the name. */
  readonly Endpoint: string;
  readonly Status: "available" | "failing-over" | "unavailable";
  readonly writer: Copy;
  readonly standbys: readonly Copy[];
  /** When the failover that is under way ends. */
  readonly endsAt?: number | undefined;
}

/** What a database finds at a step. */
export interface DatabaseInputs {
  /** Zones that are lost. @default none */
  readonly lostZones?: readonly string[];
  /** RebootDBInstance with ForceFailover, or FailoverDBCluster. @default false */
  readonly failover?: boolean;
  /** Whether a failover takes as long as AWS says it does, or as long as it says it may. @default worst */
  readonly pace?: Pace;
}

/** An event as RDS gives it to event subscriptions and, as `detail`, to EventBridge. */
export interface RdsEvent {
  readonly action: "event";
  readonly EventID: string;
  readonly EventCategories: readonly string[];
  readonly SourceType: DatabaseState["SourceType"];
  readonly SourceIdentifier: string;
  readonly Message: string;
  /** When it happened: at most the step's time. */
  readonly at: number;
}

/** What a step comes to. */
export interface DatabaseStep {
  readonly state: DatabaseState;
  readonly decisions: readonly RdsEvent[];
  readonly notes: readonly string[];
}

/** A DB instance as AWS describes it, at rest. */
export function instanceOf(described: DescribedDbInstance): DatabaseState {
  const { DBInstanceIdentifier = "", AvailabilityZone = "", SecondaryAvailabilityZone, MultiAZ } = described;
  const standby = MultiAZ === true && SecondaryAvailabilityZone !== undefined;
  return {
    SourceType: "DB_INSTANCE",
    SourceIdentifier: DBInstanceIdentifier,
    Endpoint: described.Endpoint?.Address ?? "",
    Status: "available",
    writer: { DBInstanceIdentifier, AvailabilityZone },
    standbys: standby ? [{ DBInstanceIdentifier, AvailabilityZone: SecondaryAvailabilityZone }] : [],
  };
}

/**
 * A Multi-AZ DB cluster as AWS describes it, at rest.
 * @param members its instances, for their zones
 */
export function clusterOf(described: DescribedDbCluster, members: readonly DescribedDbInstance[]): DatabaseState {
  const copies = (described.DBClusterMembers ?? []).map(({ DBInstanceIdentifier = "", IsClusterWriter }) => {
    const zone = members.find((m) => m.DBInstanceIdentifier === DBInstanceIdentifier)?.AvailabilityZone ?? "";
    return { writes: IsClusterWriter === true, copy: { DBInstanceIdentifier, AvailabilityZone: zone } };
  });
  const writer = copies.find((c) => c.writes)?.copy ?? { DBInstanceIdentifier: "", AvailabilityZone: "" };
  return {
    SourceType: "CLUSTER",
    SourceIdentifier: described.DBClusterIdentifier ?? "",
    Endpoint: described.Endpoint ?? "",
    Status: "available",
    writer,
    standbys: copies.filter((c) => !c.writes).map((c) => c.copy),
  };
}

/**
 * What RDS makes of the loss of a zone, or of a failover that was asked for: a standby takes over, behind the same
 * endpoint. What has no standby waits for its zone.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZ.Failover.html,
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html
 * @param now seconds of virtual time, never less than in the step before
 */
export function stepDatabase(before: DatabaseState, inputs: DatabaseInputs, now: number): DatabaseStep {
  const lost = (copy: Copy) => inputs.lostZones?.includes(copy.AvailabilityZone) === true;
  const ended = before.endsAt !== undefined && now >= before.endsAt ? takeOver(before, before.endsAt, lost) : undefined;
  const state = ended?.state ?? before;
  const decisions = ended?.decisions ?? [];
  if (state.Status === "failing-over" || (!lost(state.writer) && inputs.failover !== true)) {
    const back = state.Status === "unavailable";
    return { state: back ? { ...state, Status: "available" } : state, decisions, notes: [] };
  }
  const standby = state.standbys.find((copy) => !lost(copy));
  if (standby === undefined) {
    const Status = lost(state.writer) ? "unavailable" : state.Status;
    return { state: { ...state, Status }, decisions, notes: ["no standby can take over"] };
  }
  const times = state.SourceType === "CLUSTER" ? TIMES.multiAzClusterFailover : TIMES.multiAzInstanceFailover;
  const endsAt = now + times[inputs.pace ?? "worst"];
  const started = { ...state, Status: "failing-over" as const, endsAt };
  return { state: started, decisions: [...decisions, startEvent(started, standby, now)], notes: [] };
}

/** The end of a failover: the first standby that is left writes, and the old writer becomes a standby. */
function takeOver(before: DatabaseState, at: number, lost: (copy: Copy) => boolean): Omit<DatabaseStep, "notes"> {
  const writer = before.standbys.find((copy) => !lost(copy));
  if (writer === undefined) {
    return { state: { ...before, Status: "unavailable", endsAt: undefined }, decisions: [] };
  }
  const standbys = [...before.standbys.filter((copy) => copy !== writer), before.writer];
  const state: DatabaseState = { ...before, Status: "available", writer, standbys, endsAt: undefined };
  return { state, decisions: endEvents(state, at) };
}

function startEvent(state: DatabaseState, standby: Copy, at: number): RdsEvent {
  return state.SourceType === "CLUSTER"
    ? event(
        state,
        "RDS-EVENT-0073",
        "failover",
        `Started cross AZ failover to DB instance: ${standby.DBInstanceIdentifier}.`,
        at,
      )
    : event(state, "RDS-EVENT-0013", "failover", "Multi-AZ instance failover started.", at);
}

function endEvents(state: DatabaseState, at: number): RdsEvent[] {
  if (state.SourceType === "CLUSTER") {
    const to = state.writer.DBInstanceIdentifier;
    return [event(state, "RDS-EVENT-0071", "failover", `Completed failover to DB instance: ${to}.`, at)];
  }
  return [
    event(state, "RDS-EVENT-0006", "availability", "DB instance restarted.", at),
    event(state, "RDS-EVENT-0049", "failover", "Multi-AZ instance failover completed.", at),
  ];
}

function event(state: DatabaseState, id: string, category: string, Message: string, at: number): RdsEvent {
  const { SourceType, SourceIdentifier } = state;
  return { action: "event", EventID: id, EventCategories: [category], SourceType, SourceIdentifier, Message, at };
}
