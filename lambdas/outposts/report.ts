import { copiesOf, isAlive, lastOutageOf, sourceInstances } from "./instances";
import { isInService, Situation } from "./care";
import { Placement } from "./plan";
import { OUTAGE, RelaunchSettings } from "./settings";
import { Stage } from "./stage";

/** A message to people. */
export interface Message {
  readonly subject: string;
  readonly body: string;
}

/** What people are told at each stage of an outage. */
export function stageMessage({ name, outage }: Stage, settings: RelaunchSettings, situation: Situation): Message {
  switch (name) {
    case "unproven":
      return unproven(outage, settings);
    case "both down":
      return bothDown(outage, settings);
    case "incomplete":
    case "relaunched":
      return relaunched(outage, settings, situation);
    case "not served":
      return notServed(outage, settings, situation);
    case "back":
      return back(outage, settings, situation);
  }
}

/** What people are told when the source's metric has been missing, or is there again. */
export function metricMessage(missing: boolean, { pair, source }: RelaunchSettings): Message {
  const outpost = `${source.name} (${source.outpostId})`;
  return missing
    ? {
        subject: `${pair}: nobody measures whether ${source.name} is connected`,
        body:
          `CloudWatch has no ConnectedStatus of ${outpost}. While that lasts, a loss of it goes unnoticed and nothing is ` +
          "relaunched.\nWhat to do: see docs/runbooks/outposts.md, “nobody measures”.",
      }
    : {
        subject: `${pair}: ${source.name}'s connection is measured again`,
        body: `CloudWatch has the ConnectedStatus of ${outpost} again.`,
      };
}

const head = (outage: string, { source }: RelaunchSettings) =>
  `Source: ${source.name} (${source.outpostId}), disconnected since ${outage}`;

const ended = (outage: string, { source }: RelaunchSettings) =>
  `Source: ${source.name} (${source.outpostId}), connected again; it was disconnected at ${outage}`;

function unproven(outage: string, settings: RelaunchSettings): Message {
  const { pair, source } = settings;
  return {
    subject: `${pair}: ${source.name}'s alarm is on, but nothing proves that it is disconnected`,
    body: [
      head(outage, settings),
      "Its newest ConnectedStatus is not below 1, or CloudWatch has none: nothing is launched until it is.",
    ].join("\n"),
  };
}

function bothDown(outage: string, settings: RelaunchSettings): Message {
  const { pair, source, destination } = settings;
  return {
    subject: `${pair}: relaunch failed, ${source.name} and ${destination.name} are both disconnected`,
    body: [
      head(outage, settings),
      `Destination: ${destination.name} (${destination.outpostId}), disconnected too: nothing was launched.`,
      "It is tried again every minute, until one of them is back.",
    ].join("\n"),
  };
}

function relaunched(outage: string, settings: RelaunchSettings, situation: Situation): Message {
  const { pair, source, destination } = settings;
  const { placements } = situation;
  const missing = placements.reduce((sum, p) => sum + p.missing, 0);
  const slow = placements.reduce((sum, p) => sum + outOfService(p, situation).length, 0);
  const outcome =
    missing > 0
      ? `${missing} instance(s) could not be relaunched on ${destination.name}`
      : slow > 0
        ? `relaunched on ${destination.name}, ${slow} instance(s) don't serve yet`
        : `${source.name}'s instances are relaunched on ${destination.name}`;
  return {
    subject: `${pair}: ${outcome}`,
    body: [
      head(outage, settings),
      `Destination: ${destination.name} (${destination.outpostId})`,
      ...placements.map((p) => line(p, outage, situation)),
      ...(missing > 0 ? ["What is missing is tried again every minute."] : []),
    ].join("\n"),
  };
}

function outOfService({ application, copies }: Placement, situation: Situation): string[] {
  return copies.filter((copy) => !isInService(situation, application, copy)).map((copy) => copy.instanceId);
}

function line(placement: Placement, outage: string, situation: Situation): string {
  const { application, copies, missing, reason } = placement;
  const launched = copies.filter((copy) => copy.tags[OUTAGE] === outage).map((copy) => copy.instanceId);
  const before = copies.filter((copy) => copy.tags[OUTAGE] !== outage).map((copy) => copy.instanceId);
  const slow = outOfService(placement, situation);
  return [
    `${application.name}: ${application.count} wanted`,
    ...(before.length > 0 ? [`running since an earlier outage: ${before.join(", ")}`] : []),
    ...(launched.length > 0 ? [`launched ${launched.join(", ")}`] : []),
    ...(slow.length > 0 ? [`not passing checks or not in its target groups yet: ${slow.join(", ")}`] : []),
    ...(missing > 0 ? [`${missing} refused: ${reason ?? "EC2 gave no reason"}`] : []),
  ].join("; ");
}

function notServed(outage: string, settings: RelaunchSettings, { instances, passing }: Situation): Message {
  const { pair, source, destination } = settings;
  const counts = settings.applications.map((application) => {
    const own = sourceInstances(settings, application, instances);
    const fit = own.filter((i) => passing.has(i.instanceId)).length;
    return `${application.name}: ${fit} of ${application.count} pass their checks on ${source.name}`;
  });
  const copies = copiesOf(settings, instances).filter(isAlive);
  return {
    subject: `${pair}: ${source.name} is connected again, but not all its instances are back`,
    body: [
      ended(outage, settings),
      ...counts,
      `Running on ${destination.name}: ${copies.map((i) => i.instanceId).join(", ") || "none"}. They stay until all are back.`,
    ].join("\n"),
  };
}

function back(outage: string, settings: RelaunchSettings, { instances, ended: now }: Situation): Message {
  const { pair, source, destination } = settings;
  const copies = copiesOf(settings, instances);
  const alive = copies.filter(isAlive).map((i) => i.instanceId);
  // If the run that ended them died before it could tell, the last ones that are left to be seen.
  const before = copies.filter((i) => !isAlive(i) && i.tags[OUTAGE] === lastOutageOf(copies)).map((i) => i.instanceId);
  const terminatedIds = now.length > 0 ? now : before;
  const terminated = settings.failback === "terminate-relaunched";
  return {
    subject: `${pair}: ${source.name} is back${terminated ? `, instances on ${destination.name} are terminated` : ""}`,
    body: [
      ended(outage, settings),
      `All instances on ${source.name} pass their checks.`,
      terminated
        ? `Terminated on ${destination.name}: ${terminatedIds.join(", ") || "none"}`
        : `Still running on ${destination.name}: ${alive.join(", ") || "none"}`,
      ...(alive.length > 0 ? ["When you are content with the source, move traffic back and terminate them."] : []),
    ].join("\n"),
  };
}
