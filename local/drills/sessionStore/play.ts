import {
  CacheDecision,
  DescribedReplicationGroup,
  replicationGroupOf,
  Shard,
  stepCache,
} from "../../../model/elastiCache";

/** What becomes of a store whose primary's zone is lost, by the store's own numbers. */
export interface Failover {
  /** The zone that is lost: the primary's. */
  readonly zone: string;
  /** The node that took writes. */
  readonly primary: string;
  /** The node that takes over; `undefined` if none does. */
  readonly promoted: string | undefined;
  /** Seconds for which nothing could be written. */
  readonly seconds: number;
  readonly decisions: readonly CacheDecision[];
  /** Why nothing takes over. */
  readonly notes: readonly string[];
}

/** Plays the loss of the zone in which a store without shards has its primary, at the worst pace that AWS documents. */
export function loseZoneOfPrimary(described: DescribedReplicationGroup): Failover {
  const atRest = replicationGroupOf(described);
  const { primary } = atRest.shards[0] ?? { primary: { CacheClusterId: "", AvailabilityZone: "" } };
  const lostZones = [primary.AvailabilityZone];
  const started = stepCache(atRest, { lostZones }, 0);
  const seconds = endOf(started.state.shards[0]);
  const ended = seconds === Infinity ? undefined : stepCache(started.state, { lostZones }, seconds);
  const after = ended?.state.shards[0];
  return {
    zone: primary.AvailabilityZone,
    primary: primary.CacheClusterId,
    promoted: after?.Status === "available" ? after.primary.CacheClusterId : undefined,
    seconds,
    decisions: [...started.decisions, ...(ended?.decisions ?? [])],
    notes: [...started.notes, ...(ended?.notes ?? [])],
  };
}

const endOf = (shard: Shard | undefined) => shard?.endsAt ?? Infinity;
