/** A host, as ECS and Auto Scaling have it. */
export interface Host {
  /** ARN of the container instance. */
  readonly arn: string;
  /** Its EC2 instance. */
  readonly instanceId: string;
  /** Whether ECS has contact to its agent. */
  readonly answers: boolean;
  /** Whether ECS places tasks on it. */
  readonly isActive: boolean;
  readonly runningTasks: number;
  /** Auto Scaling's word, e.g. `InService`; `undefined` if it is not in the group. */
  readonly lifecycle: string | undefined;
  /** Since when it has been seen without contact, in milliseconds; `undefined` if it hasn't. */
  readonly silentSince: number | undefined;
}

/** The hosts' Auto Scaling group. */
export interface Group {
  readonly desired: number;
  readonly inService: number;
}

/** What the care goes by. */
export interface Care {
  readonly graceSeconds: number;
  readonly requiredHosts: number;
}

/** What is to be done about a host. */
export type Act =
  /** Remember that it is silent. */
  | { readonly act: "note"; readonly host: Host }
  /** It answers again. */
  | { readonly act: "forget"; readonly host: Host }
  /** Auto Scaling terminates it and launches another. */
  | { readonly act: "terminate"; readonly host: Host }
  /** ECS gives it up, and starts its tasks elsewhere; Auto Scaling waits for its draining no longer. */
  | { readonly act: "give up"; readonly host: Host }
  /** It stays as it is, because too few others answer. */
  | { readonly act: "hold"; readonly host: Host };

/**
 * Seconds for which a silent host that is being terminated may keep its tasks, until their replacements run elsewhere.
 * ECS's own draining would wait for an agent that doesn't answer, for up to 48 hours:
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-instance-draining.html
 */
const DRAIN_SECONDS = 600;

/**
 * Decides about hosts without contact to ECS, which replaces neither their tasks nor them. After a grace, since agents
 * reconnect several times an hour, one is terminated, and the next when the group is whole again. While fewer hosts answer
 * than carry the services, none is: then it is not the host that is ill.
 */
export function decide(hosts: readonly Host[], group: Group, care: Care, now: number): Act[] {
  const acts: Act[] = [];
  const candidates: Host[] = [];
  const answering = hosts.filter((host) => host.answers && host.isActive).length;
  for (const host of hosts) {
    const { answers, lifecycle, runningTasks, silentSince } = host;
    const silentSeconds = silentSince === undefined ? -1 : (now - silentSince) / 1000;
    if (answers) {
      acts.push(...(silentSince === undefined ? [] : [{ act: "forget", host } as const]));
    } else if (silentSince === undefined) {
      acts.push({ act: "note", host });
    } else if (silentSeconds < care.graceSeconds) {
      continue;
    } else if (lifecycle === "InService") {
      candidates.push(host);
    } else if (lifecycle === undefined) {
      acts.push({ act: "give up", host });
    } else if (lifecycle.startsWith("Terminating")) {
      const isDrained = runningTasks === 0 || silentSeconds >= care.graceSeconds + DRAIN_SECONDS;
      acts.push(...(isDrained ? [{ act: "give up", host } as const] : []));
    }
  }
  return [...acts, ...candidatesActs(candidates, answering, group, care)];
}

function candidatesActs(candidates: readonly Host[], answering: number, group: Group, care: Care): Act[] {
  if (answering < care.requiredHosts) {
    return candidates.map((host) => ({ act: "hold", host }));
  }
  const [first] = [...candidates].sort((a, b) => (a.silentSince ?? 0) - (b.silentSince ?? 0) || order(a, b));
  return first === undefined || group.inService < group.desired ? [] : [{ act: "terminate", host: first }];
}

const order = (a: Host, b: Host) => (a.instanceId < b.instanceId ? -1 : 1);
