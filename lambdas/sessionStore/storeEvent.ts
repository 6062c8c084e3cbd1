/** What ElastiCache says about a store, or a node of it. */
export interface StoreEvent {
  /** E.g. `FailoverComplete`. */
  readonly name: string;
  /** The store or node that it is about. */
  readonly source: string;
}

/**
 * What ElastiCache reports of its own everyday work. What isn't here people are told, unknown events among it.
 * https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ElastiCacheSNS.html
 */
const ROUTINE: readonly string[] = [
  "AddCacheNodeComplete",
  "CacheClusterParametersChanged",
  "CacheClusterProvisioningComplete",
  "CacheClusterScalingComplete",
  "CacheClusterSecurityGroupModified",
  "CertificateRenewalComplete",
  "CreateReplicationGroupComplete",
  "DeleteCacheClusterComplete",
  "RemoveCacheNodeComplete",
  "ReplicationGroupScalingComplete",
  "SnapshotComplete",
];

/** What follows for people from the events that come when something has happened. */
const MEANINGS: Readonly<Record<string, string>> = {
  FailoverComplete:
    "A replica has taken over under the same name. Clients connect again by themselves; what was written in the last second before may be lost.",
  CacheNodeReplaceStarted:
    "ElastiCache replaces a node that has failed. Until it is done there is one standby less to fail over to.",
  CacheNodeReplaceComplete: "The node has been replaced: there are as many to fail over to as before.",
};

/** The events of a message: `{"ElastiCache:FailoverComplete": "sessions-001"}`, or the same with a colon and no braces. */
export function eventsOf(message: string): StoreEvent[] {
  const text = /^\s*ElastiCache:(\w+)\s*:\s*(\S+)\s*$/.exec(message);
  if (text !== null) {
    return [{ name: text[1] ?? "", source: text[2] ?? "" }];
  }
  const parsed = parse(message);
  const found = Object.entries(parsed).flatMap(([key, source]) => {
    const name = /^ElastiCache:(\w+)$/.exec(key)?.[1];
    return name === undefined ? [] : [{ name, source: typeof source === "string" ? source : JSON.stringify(source) }];
  });
  return found.length > 0 ? found : [{ name: "UnknownEvent", source: message.slice(0, 200) }];
}

function parse(message: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(message);
    return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** What people are told of an event; `undefined` if it is part of everyday work. */
export function messageOf({ name, source }: StoreEvent): { subject: string; body: string } | undefined {
  if (ROUTINE.includes(name)) {
    return undefined;
  }
  const words = name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  // SNS takes a subject of plain characters on one line.
  const subject = `Session store ${source}: ${words}`.replace(/[^\x20-\x7e]/g, " ");
  const meaning = MEANINGS[name] ?? "ElastiCache reports it.";
  return { subject, body: `${name}: ${source}\n\n${meaning}\n\ndocs/runbooks/session-store.md says what to do.` };
}
