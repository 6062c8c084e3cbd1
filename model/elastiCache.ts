import { Pace, TIMES } from "./times";

/** What DescribeReplicationGroups says of a group, as far as the model goes by it: the SDK's answer fits. */
export interface DescribedReplicationGroup {
  readonly ReplicationGroupId?: string | undefined;
  readonly AutomaticFailover?: string | undefined;
  readonly NodeGroups?:
    | readonly {
        readonly NodeGroupId?: string | undefined;
        readonly NodeGroupMembers?:
          | readonly {
              readonly CacheClusterId?: string | undefined;
              readonly PreferredAvailabilityZone?: string | undefined;
              readonly CurrentRole?: string | undefined;
            }[]
          | undefined;
      }[]
    | undefined;
}

/** A node of a shard. */
interface Node {
  readonly CacheClusterId: string;
  readonly AvailabilityZone: string;
}

/** A shard in virtual time. */
export interface Shard {
  readonly NodeGroupId: string;
  /** The node that takes writes. */
  readonly primary: Node;
  /** The one with the least lag first: it takes over. */
  readonly replicas: readonly Node[];
  readonly Status: "available" | "failing-over" | "unavailable";
  /** When the failover that is under way ends. */
  readonly endsAt?: number | undefined;
}

/** A replication group in virtual time: its shards fail over each by itself, behind the same endpoint. */
export interface CacheState {
  readonly ReplicationGroupId: string;
  readonly automaticFailover: boolean;
  readonly shards: readonly Shard[];
}

/** What a replication group finds at a step. */
export interface CacheInputs {
  /** Zones that are lost. @default none */
  readonly lostZones?: readonly string[];
  /** Nodes that have failed. @default none */
  readonly lostNodes?: readonly string[];
  /** Shards of which TestFailover was asked. @default none */
  readonly testFailover?: readonly string[];
  /** @default worst */
  readonly pace?: Pace;
}

/** What ElastiCache does. */
export interface CacheDecision {
  readonly action: "failover-started" | "failover-complete";
  readonly NodeGroupId: string;
  /** The node that takes over. */
  readonly CacheClusterId: string;
  /** When it happened: at most the step's time. */
  readonly at: number;
}

/** What a step comes to. */
export interface CacheStep {
  readonly state: CacheState;
  readonly decisions: readonly CacheDecision[];
  readonly notes: readonly string[];
}

/** A replication group as AWS describes it, at rest. */
export function replicationGroupOf(described: DescribedReplicationGroup): CacheState {
  return {
    ReplicationGroupId: described.ReplicationGroupId ?? "",
    automaticFailover: described.AutomaticFailover === "enabled",
    shards: (described.NodeGroups ?? []).map(({ NodeGroupId = "", NodeGroupMembers = [] }): Shard => {
      const nodes = NodeGroupMembers.map(
        ({ CacheClusterId = "", PreferredAvailabilityZone: zone = "", CurrentRole }) => ({
          primary: CurrentRole === "primary",
          node: { CacheClusterId, AvailabilityZone: zone },
        }),
      );
      // With cluster mode enabled the roles aren't told.
      const first = nodes.find((n) => n.primary) ?? nodes[0];
      return {
        NodeGroupId,
        primary: first?.node ?? { CacheClusterId: "", AvailabilityZone: "" },
        replicas: nodes.filter((n) => n !== first).map((n) => n.node),
        Status: "available",
      };
    }),
  };
}

/**
 * What ElastiCache makes of lost nodes: in each shard whose primary is lost, a replica takes over. A node that is lost is
 * made anew where it was, in a lost zone only once that is back, and is a replica then.
 * https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoFailover.html
 * @param now seconds of virtual time, never less than in the step before
 */
export function stepCache(before: CacheState, inputs: CacheInputs, now: number): CacheStep {
  const steps = before.shards.map((shard) => stepShard(shard, before.automaticFailover, inputs, now));
  return {
    state: { ...before, shards: steps.map((s) => s.shard) },
    decisions: steps.flatMap((s) => s.decisions),
    notes: steps.flatMap((s) => s.notes),
  };
}

interface ShardStep {
  readonly shard: Shard;
  readonly decisions: readonly CacheDecision[];
  readonly notes: readonly string[];
}

function stepShard(before: Shard, automaticFailover: boolean, inputs: CacheInputs, now: number): ShardStep {
  const lost = ({ CacheClusterId, AvailabilityZone }: Node) =>
    inputs.lostZones?.includes(AvailabilityZone) === true || inputs.lostNodes?.includes(CacheClusterId) === true;
  const ended = before.endsAt !== undefined && now >= before.endsAt ? promoted(before, before.endsAt, lost) : undefined;
  const shard = ended?.shard ?? before;
  const decisions = ended?.decisions ?? [];
  const { NodeGroupId } = shard;
  const wanted = lost(shard.primary) || inputs.testFailover?.includes(NodeGroupId) === true;
  if (shard.Status === "failing-over" || !wanted) {
    const back = shard.Status === "unavailable";
    return { shard: back ? { ...shard, Status: "available" } : shard, decisions, notes: [] };
  }
  const replica = automaticFailover ? shard.replicas.find((node) => !lost(node)) : undefined;
  if (replica === undefined) {
    const Status = lost(shard.primary) ? "unavailable" : shard.Status;
    const note = automaticFailover ? "no replica is left" : "it has no automatic failover";
    return { shard: { ...shard, Status }, decisions, notes: [`${NodeGroupId}: ${note}`] };
  }
  const endsAt = now + TIMES.cacheFailover[inputs.pace ?? "worst"];
  const { CacheClusterId } = replica;
  const started: CacheDecision = { action: "failover-started", NodeGroupId, CacheClusterId, at: now };
  return { shard: { ...shard, Status: "failing-over", endsAt }, decisions: [...decisions, started], notes: [] };
}

function promoted(shard: Shard, at: number, lost: (node: Node) => boolean): Pick<ShardStep, "shard" | "decisions"> {
  const primary = shard.replicas.find((node) => !lost(node));
  if (primary === undefined) {
    return { shard: { ...shard, Status: "unavailable", endsAt: undefined }, decisions: [] };
  }
  const replicas = [...shard.replicas.filter((node) => node !== primary), shard.primary];
  const { NodeGroupId } = shard;
  return {
    shard: { ...shard, Status: "available", primary, replicas, endsAt: undefined },
    decisions: [{ action: "failover-complete", NodeGroupId, CacheClusterId: primary.CacheClusterId, at }],
  };
}
