/** The last restart of an instance, as the state table has it. */
export interface LastRestart {
  /** The outage that it was for: when the alarm went off, ISO 8601. */
  readonly outage: string;
  /** ARN of the execution that restarted it. */
  readonly execution: string;
  /** When, ISO 8601. */
  readonly at: string;
  /** Whether EC2 has confirmed it. */
  readonly confirmed: boolean;
  /** Whether that execution still runs, and so still judges what came of it. */
  readonly running: boolean;
}

/** Another member of the instance's group. */
export interface Member {
  readonly name: string;
  /** Whether it runs and passes its status checks. */
  readonly inService: boolean;
  /** Whether an execution that still runs has restarted it. */
  readonly restarting: boolean;
}

/** All that the decision about a restart rests on. */
export interface RestartFacts {
  /** ARN of the execution that asks. */
  readonly execution: string;
  /** The outage that it is about: when the alarm went off, ISO 8601. */
  readonly outage: string;
  readonly now: Date;
  /** The instance; `undefined` if it is gone. */
  readonly instance: { readonly state: string; readonly autoScalingGroup: string | undefined } | undefined;
  readonly last: LastRestart | undefined;
  readonly cooldownMinutes: number;
  /** The others in its group, and how many percent of all of them must stay in service. */
  readonly group: { readonly others: readonly Member[]; readonly minHealthyPercentage: number } | undefined;
  /** Seconds that the execution has waited for its turn, and for how long it may. */
  readonly waitedSeconds: number;
  readonly maxWaitSeconds: number;
}

/**
 * What is to be done: `restart`; `restarted`, because this execution has already; `unanswered`, because it may have;
 * `duplicate`, because this outage has been dealt with; `not-running`, which is a person's doing; `wait` for others; or
 * `refused`, which a person has to hear of.
 */
export interface Decision {
  readonly outcome: "restart" | "restarted" | "unanswered" | "duplicate" | "not-running" | "wait" | "refused";
  /** Why, for people. */
  readonly reason: string;
}

/** How many members of a group may be out of service at once. */
export function maxUnavailable(members: number, minHealthyPercentage: number): number {
  return members - Math.ceil((members * minHealthyPercentage) / 100);
}

export const restartedAt = (at: string) => ({ outcome: "restarted", reason: `restarted at ${at}` }) as const;

/** Asking again could restart it twice; the checks will tell. */
export const unansweredAt = (at: string) =>
  ({
    outcome: "unanswered",
    reason: `EC2 was asked to restart it at ${at} and gave no answer: it may not have been restarted`,
  }) as const;

/** Decides whether an instance may be restarted now. Never twice for one outage, whatever else holds. */
export function decide(facts: RestartFacts): Decision {
  const { last, instance, execution, outage } = facts;
  if (last?.execution === execution) {
    return last.confirmed ? restartedAt(last.at) : unansweredAt(last.at);
  }
  if (last !== undefined && outage <= last.outage) {
    return { outcome: "duplicate", reason: `${last.execution} restarted it for this outage at ${last.at}` };
  }
  if (instance?.state !== "running") {
    return { outcome: "not-running", reason: `not restarted, because it is ${instance?.state ?? "gone"}` };
  }
  if (instance.autoScalingGroup !== undefined) {
    const reason = `not restarted, because it belongs to the Auto Scaling group ${instance.autoScalingGroup}, which replaces its instances itself`;
    return { outcome: "refused", reason };
  }
  if (last?.running) {
    return waitOr(facts, `another execution restarted it at ${last.at} and is still at it`);
  }
  const cooldownMs = facts.cooldownMinutes * 60_000;
  if (last !== undefined && facts.now.getTime() < Date.parse(last.at) + cooldownMs) {
    const reason = `not restarted again, because it was restarted at ${last.at}, less than ${facts.cooldownMinutes} minutes ago`;
    return { outcome: "refused", reason };
  }
  return decideInGroup(facts);
}

/** N+1: those that stay must suffice. */
function decideInGroup(facts: RestartFacts): Decision {
  const { others, minHealthyPercentage } = facts.group ?? { others: [], minHealthyPercentage: 0 };
  const out = others.filter((m) => m.restarting || !m.inService);
  const allowed = maxUnavailable(others.length + 1, minHealthyPercentage);
  if (out.length + 1 > allowed) {
    const named = out.map((m) => `${m.name} ${m.restarting ? "is being restarted" : "is out of service"}`).join(", ");
    return waitOr(facts, `${minHealthyPercentage} % of its group must stay in service, and ${named}`);
  }
  return { outcome: "restart", reason: "" };
}

function waitOr({ waitedSeconds, maxWaitSeconds }: RestartFacts, reason: string): Decision {
  return waitedSeconds < maxWaitSeconds
    ? { outcome: "wait", reason }
    : { outcome: "refused", reason: `not restarted: waited for ${waitedSeconds} s, but ${reason}` };
}
