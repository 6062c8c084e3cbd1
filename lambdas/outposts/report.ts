import { RelaunchSettings } from "./settings";

/** What became of one application. */
export interface Status {
  readonly application: string;
  /** How many must run. */
  readonly wanted: number;
  /** How many an earlier run had launched. */
  readonly alreadyRunning: number;
  /** Ids of those launched now. */
  readonly launched: readonly string[];
  /** Ids of those that don't pass their status checks yet. */
  readonly notPassing: readonly string[];
  /** How many were not launched, and why. */
  readonly refused: number;
  readonly reason: string | undefined;
}

/** A message to people. */
export interface Message {
  readonly subject: string;
  readonly body: string;
}

/** The message at the end of a relaunch, with each application's status. */
export function relaunchMessage(
  outage: string,
  statuses: readonly Status[],
  bothDown: boolean,
  { pair, source, destination }: RelaunchSettings,
): Message {
  const head = [`Source: ${source.name} (${source.outpostId}), disconnected since ${outage}`];
  if (bothDown) {
    return {
      subject: `${pair}: relaunch failed, ${source.name} and ${destination.name} are both disconnected`,
      body: [
        ...head,
        `Destination: ${destination.name} (${destination.outpostId}), disconnected too: nothing was launched.`,
        "What to do: see docs/runbooks/outposts.md, “both servers are disconnected”.",
      ].join("\n"),
    };
  }
  const missing = statuses.reduce((sum, s) => sum + s.refused, 0);
  const slow = statuses.flatMap((s) => s.notPassing);
  const outcome =
    missing > 0
      ? `${missing} instance(s) could not be relaunched on ${destination.name}`
      : slow.length > 0
        ? `relaunched on ${destination.name}, ${slow.length} instance(s) don't pass their checks yet`
        : `${source.name}'s instances are relaunched on ${destination.name}`;
  return {
    subject: `${pair}: ${outcome}`,
    body: [...head, `Destination: ${destination.name} (${destination.outpostId})`, ...statuses.map(line)].join("\n"),
  };
}

function line(status: Status): string {
  return [
    `${status.application}: ${status.wanted} wanted`,
    ...(status.alreadyRunning > 0 ? [`${status.alreadyRunning} already running`] : []),
    ...(status.launched.length > 0 ? [`launched ${status.launched.join(", ")}`] : []),
    ...(status.notPassing.length > 0 ? [`not passing checks yet: ${status.notPassing.join(", ")}`] : []),
    ...(status.refused > 0 ? [`${status.refused} refused: ${status.reason ?? "EC2 gave no reason"}`] : []),
  ].join("; ");
}

/** The message when the source's instances pass their checks again. */
export function returnMessage(
  relaunched: readonly string[],
  { pair, source, destination, failback }: RelaunchSettings,
): Message {
  const terminated = failback === "terminate-relaunched";
  const ids = relaunched.join(", ") || "none";
  return {
    subject: `${pair}: ${source.name} is back${terminated ? `, instances on ${destination.name} are terminated` : ""}`,
    body: [
      `All instances on ${source.name} pass their checks.`,
      terminated ? `Terminated on ${destination.name}: ${ids}` : `Still running on ${destination.name}: ${ids}`,
      ...(terminated ? [] : ["When you are content with the source, terminate them."]),
    ].join("\n"),
  };
}
