import { TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { randomUUID } from "crypto";
import { announce, Announcement, Told } from "../common/announce";
import { throwFirstError } from "../common/settled";
import { AlarmEvent, AlarmNow, newerOf, reported } from "./alarm";
import { Care, isOver, outageAt, planCare, Situation } from "./care";
import { RelaunchClients } from "./clients";
import { copiesOf, InstanceState, isAlive, sourceInstances } from "./instances";
import { launchAll } from "./launch";
import { changeLaunchedAt, forgetEpisode, Memory, releaseLock, takeLock } from "./memory";
import { Evidence, look, readEvidence, readPassing } from "./observe";
import { Placement, planLaunches } from "./plan";
import { metricMessage, stageMessage } from "./report";
import { RelaunchSettings } from "./settings";
import { STAGE, stageOf, stageText } from "./stage";
import { changeMemberships, readMembers } from "./targetGroups";

/** How often a run looks at most: launch, members in, members out, terminate, tell, and some that find things changed. */
const LOOKS = 10;
/** Milliseconds after which a run begins no other look: there is time left for its slowest calls (`RUN_SECONDS`). */
const TIME_FOR_LOOKS = 30_000;
/** Milliseconds after which no launch can be unseen any more: reads lag behind launches by seconds. */
const LAG = 300_000;
/** Milliseconds without data after which people are told; every alarm begins without. */
const MISSING_AFTER = 900_000;

/** Subject of the state table under which it is remembered whether the source's metric is there. */
const METRIC = "metric";

/** What one run knows and has learned. */
interface Run {
  readonly id: string;
  readonly settings: RelaunchSettings;
  readonly clients: RelaunchClients;
  readonly event: AlarmNow | undefined;
  evidence: Promise<Evidence> | undefined;
  /** What the lock's item said of the runs before this one, once this run has the lock. */
  lock: Memory | undefined;
  /** Whether that lock allows launching. */
  mayLaunch: boolean;
  /** Whether a launch of this run may have been executed. */
  mayHaveLaunched: boolean;
  /** What this run has launched, which reads may not show yet. */
  readonly launched: InstanceState[];
  /** Ids of the copies that this run has ended. */
  readonly ended: string[];
  /** Which client token in a row a place gets: the others' copies have ended. */
  readonly serials: Map<string, number>;
  readonly refused: Map<string, string>;
  readonly postponed: Set<string>;
  /** What went wrong and may pass: thrown at the end, when everything else is done. */
  readonly errors: unknown[];
}

/** Another run has the lock. */
const BUSY = Symbol("busy");

/**
 * Brings one direction of a pair from what it is to what it should be: relaunches the source's applications on the
 * destination while the source is disconnected, leads traffic to them, gives back once the source serves again, and tells
 * people each stage once. What has happened is not told by events, it is looked at: so an event is only a reason to look,
 * and so is every minute. Nothing waits: what isn't ready yet is found by the next run.
 *
 * A run that finds something to do takes the lock, so that no two act at once; one that finds it taken leaves it to that
 * one, or to the next minute's. After everything it has done it looks again. On an alarm, the last RunInstances is in the
 * second round trip.
 * @throws the first error met that may pass, after everything else has been tried; running it again is safe.
 */
export async function reconcile(
  received: AlarmEvent | null,
  settings: RelaunchSettings,
  clients: RelaunchClients,
): Promise<void> {
  const run: Run = {
    ...{ id: randomUUID(), settings, clients, event: reported(received) },
    ...{ evidence: undefined, lock: undefined, mayLaunch: false, mayHaveLaunched: false },
    ...{ launched: [], ended: [], serials: new Map(), refused: new Map(), postponed: new Set(), errors: [] },
  };
  const start = Date.now();
  try {
    for (let looks = 0; looks < LOOKS && Date.now() - start < TIME_FOR_LOOKS; looks++) {
      const outcome = await step(run);
      if (outcome === BUSY) {
        console.log(JSON.stringify({ message: "another run is at it", event: run.event }));
      }
      if (outcome !== true) {
        break;
      }
    }
  } finally {
    if (run.lock !== undefined) {
      // If this fails, the lock runs out by itself.
      const release = releaseLock(run.id, settings, clients.dynamoDb);
      await release.catch((error: unknown) =>
        console.log(JSON.stringify({ message: "lock kept", error: String(error) })),
      );
    }
  }
  throwFirstError(run.errors.map((reason) => ({ status: "rejected", reason })));
}

/** Looks once, and does what that calls for. @returns whether to look again. */
async function step(run: Run): Promise<boolean | typeof BUSY> {
  const { settings, clients, event } = run;
  const outageReported = event?.state === "ALARM" ? event.since : undefined;
  const locked = run.lock !== undefined;
  const claiming = !locked && outageReported !== undefined ? lock(run, outageReported) : Promise.resolve();
  if (outageReported !== undefined) {
    run.evidence ??= readEvidence(settings, clients);
  }
  const outcomes = await Promise.allSettled([look(settings, clients), claiming, run.evidence] as const);
  throwFirstError(outcomes);
  const seen = outcomes[0].status === "fulfilled" ? outcomes[0].value : undefined;
  if (seen === undefined || (outageReported !== undefined && run.lock === undefined)) {
    return BUSY;
  }
  const alarm = newerOf(seen.alarm, event);
  const instances = withLaunched(seen.instances, run.launched);
  const told = stageOf(seen.told.get(STAGE)?.state);
  const begun = stageOf(seen.begun.get(STAGE));
  const found = { alarm, instances, told, ...(begun === undefined ? {} : { begun }) };
  if (isOver(settings, found)) {
    return settle(run, seen.memory, alarm, seen.told);
  }
  const outage = outageAt(settings, found);
  const evidence = alarm.state === "ALARM" ? await (run.evidence ??= readEvidence(settings, clients)) : undefined;
  const placements = planLaunches(settings, outage, instances, evidence?.offered, run);
  if (evidence?.sourceDown && !evidence.destinationDown && placements.some((p) => p.launch.length > 0)) {
    return launch(run, placements, outage, instances);
  }
  const situation: Situation = {
    ...{ now: Date.now(), ...found, ended: run.ended },
    ...{ sourceDown: evidence?.sourceDown ?? false, destinationDown: evidence?.destinationDown ?? false },
    ...(await lookCloser(run, instances)),
    // What is not to be launched now is missing.
    placements: placements.map((p) => ({ ...p, launch: [], missing: p.missing + unlaunched(p, evidence) })),
  };
  const care = planCare(settings, situation);
  const news = stageNews(care, settings, situation);
  if (isIdle(care) && news.length === 0) {
    return settle(run, seen.memory, alarm, seen.told);
  }
  // What was seen before the lock was taken may be another run's past.
  if (locked) {
    return act(run, care, news);
  }
  return run.lock !== undefined || (await lock(run, undefined)) ? true : BUSY;
}

/** The places that would be filled if launching were allowed. */
function unlaunched({ launch }: Placement, evidence: Evidence | undefined): number {
  return evidence?.sourceDown && !evidence.destinationDown ? 0 : launch.length;
}

/** Takes the lock, if another run doesn't have it. */
async function lock(run: Run, outage: string | undefined): Promise<boolean> {
  run.lock = await takeLock(run.id, outage, run.settings, run.clients.dynamoDb, new Date());
  run.mayLaunch = run.lock !== undefined && outage !== undefined;
  return run.lock !== undefined;
}

/** Launches, once this run has noted that it does. */
async function launch(
  run: Run,
  placements: readonly Placement[],
  outage: string,
  instances: readonly InstanceState[],
): Promise<boolean | typeof BUSY> {
  const { settings, clients } = run;
  if (!run.mayLaunch && !(await lock(run, outage))) {
    return BUSY;
  }
  const episode = run.lock?.episode ?? outage;
  const launchFor = { outage, episode, copies: copiesOf(settings, instances), serials: run.serials };
  const { copies, refused, failed, outdated, taken } = await launchAll(placements, launchFor, settings, clients);
  run.launched.push(...copies);
  run.mayHaveLaunched ||= copies.length + failed.size > 0;
  refused.forEach((reason, place) => run.refused.set(place, reason));
  failed.forEach((error, place) => postpone(run, place, error));
  // A copy that no run has launched for so long would be seen if it ran.
  const gone = Date.now() - (run.lock?.launchedAt ?? 0) > LAG;
  for (const place of gone ? [...outdated, ...taken] : outdated) {
    run.serials.set(place, (run.serials.get(place) ?? 0) + 1);
  }
  if (!gone && taken.length > 0) {
    taken.forEach((place) =>
      postpone(run, place, new Error(`a copy for ${place} was launched, and can't be seen yet`)),
    );
    if (!run.mayHaveLaunched) {
      await changeLaunchedAt(run.lock?.launchedAt ?? 0, run.id, settings, clients.dynamoDb);
    }
  }
  return true;
}

/** Leaves a place to a later run, which this one's failure brings about. */
function postpone(run: Run, place: string, error: unknown): void {
  run.postponed.add(place);
  run.errors.push(error);
}

/** What reads show, and what this run has launched and they don't show yet. */
function withLaunched(seen: readonly InstanceState[], launched: readonly InstanceState[]): InstanceState[] {
  return [...new Map([...launched, ...seen].map((i) => [i.instanceId, i])).values()];
}

/** Status checks and memberships, in one round trip. */
async function lookCloser(
  run: Run,
  instances: readonly InstanceState[],
): Promise<Pick<Situation, "passing" | "groups">> {
  const { settings, clients } = run;
  const own = settings.applications.flatMap((a) => sourceInstances(settings, a, instances));
  const copies = copiesOf(settings, instances).filter(isAlive);
  const [passing, { groups, errors }] = await Promise.all([
    readPassing(
      [...own, ...copies].map((i) => i.instanceId),
      clients,
    ),
    readMembers(
      settings.applications.flatMap((a) => a.targetGroupArns),
      clients,
    ),
  ]);
  run.errors.push(...errors);
  return { passing, groups };
}

const isIdle = ({ register, deregister, terminate }: Care) =>
  register.length + deregister.length + terminate.length === 0;

function stageNews({ stage }: Care, settings: RelaunchSettings, situation: Situation): Announcement[] {
  if (stage === undefined) {
    return [];
  }
  const message = () => stageMessage(stage, settings, situation);
  return [{ subject: STAGE, state: stageText(stage), initialState: "", message }];
}

/** Does what was decided on what was seen under the lock. What ends, ends last and alone. */
async function act(run: Run, care: Care, news: readonly Announcement[]): Promise<boolean> {
  const { settings, clients } = run;
  if (care.terminate.length > 0) {
    await clients.ec2.send(new TerminateInstancesCommand({ InstanceIds: [...care.terminate] }));
    run.ended.push(...care.terminate);
    return true;
  }
  const outcomes = await changeMemberships(care, clients);
  await announce(news, settings, clients, new Date());
  throwFirstError(outcomes);
  return true;
}

/** Nothing is left to do about an outage: tells whether the metric is missing, and forgets an episode that is over. */
async function settle(run: Run, memory: Memory, alarm: AlarmNow, told: ReadonlyMap<string, Told>): Promise<false> {
  const { settings, clients } = run;
  const now = Date.now();
  const missing = alarm.state === "INSUFFICIENT_DATA";
  const long = now - Date.parse(alarm.since) > MISSING_AFTER;
  const state = missing ? "missing" : "measured";
  if ((long || !missing) && (told.get(METRIC)?.state ?? "measured") !== state) {
    const message = () => metricMessage(missing, settings);
    await announce([{ subject: METRIC, state, initialState: "measured", message }], settings, clients, new Date());
  }
  const isPast = alarm.state !== "ALARM" && now - memory.launchedAt > LAG;
  if (memory.episode !== undefined && isPast && (run.lock !== undefined || (await lock(run, undefined)))) {
    await forgetEpisode(run.id, settings, clients.dynamoDb);
  }
  return false;
}
