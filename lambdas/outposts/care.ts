import { AlarmNow } from "./alarm";
import { copiesOf, InstanceState, isAlive, lastOutageOf, sourceInstances } from "./instances";
import { Placement } from "./plan";
import { Application, RelaunchSettings } from "./settings";
import { isNews, Stage } from "./stage";
import {
  hasAll,
  lists,
  Member,
  MembershipChange,
  Memberships,
  serving,
  toDeregister,
  toRegister,
} from "./targetGroups";

/** Everything that is known when it is decided what to do for instances that exist. */
export interface Situation {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly alarm: AlarmNow;
  /** Whether the source's metric proves that it is disconnected, and so that things may be launched. */
  readonly sourceDown: boolean;
  /** Whether the destination's metric proves that it is disconnected too. */
  readonly destinationDown: boolean;
  readonly instances: readonly InstanceState[];
  /** Ids of the instances that run and pass their status checks. */
  readonly passing: ReadonlySet<string>;
  /** Members by target group, of those that could be read. */
  readonly groups: ReadonlyMap<string, readonly Member[]>;
  readonly placements: readonly Placement[];
  /** Ids of the copies that this run has ended. */
  readonly ended: readonly string[];
  /** What people were told last. */
  readonly told: Stage | undefined;
  /** What a run has begun to tell without recording it: people may know of this outage, so its end is told too. */
  readonly begun?: Stage;
}

/** What to do for instances that exist, and what to tell. */
export interface Care extends Memberships {
  /** Ids of copies that are given back. */
  readonly terminate: readonly string[];
  readonly stage: Stage | undefined;
}

/** Seconds after its launch from which a copy that doesn't serve is reported as such; minutes are normal. */
const SLOW_SECONDS = 600;
/** Seconds of an alarm without a datum below 1 after which people are told. */
const UNPROVEN_SECONDS = 600;
/** Seconds after the link's return from which a source whose instances don't pass their checks is reported. */
const NOT_SERVED_SECONDS = 1800;

const NOTHING: Care = { register: [], deregister: [], terminate: [], stage: undefined };

/**
 * The outage that is being dealt with: the alarm's while it lasts, else the last one that copies or messages tell of,
 * those that may have been sent included.
 * Copies are found by their tags, so none is forgotten, whatever became of the run that launched it.
 */
export function outageAt(
  settings: RelaunchSettings,
  { alarm, instances, told, begun }: Pick<Situation, "alarm" | "instances" | "told" | "begun">,
): string {
  const outages = [lastOutageOf(copiesOf(settings, instances)), told?.outage ?? "", begun?.outage ?? ""];
  return alarm.state === "ALARM" ? alarm.since : (outages.sort().at(-1) ?? "");
}

/** Whether anything is left to do or to tell about an outage. */
export function isOver(
  settings: RelaunchSettings,
  situation: Pick<Situation, "alarm" | "instances" | "told" | "begun">,
): boolean {
  const outage = outageAt(settings, situation);
  const { alarm, instances, told } = situation;
  const left = copiesOf(settings, instances).some(isAlive) && settings.failback === "terminate-relaunched";
  return alarm.state !== "ALARM" && !left && (outage === "" || !isNews({ outage, name: "back" }, told));
}

/** Decides what to do for the instances that exist, and what to tell. */
export function planCare(settings: RelaunchSettings, situation: Situation): Care {
  if (isOver(settings, situation)) {
    return NOTHING;
  }
  const care = situation.alarm.state === "OK" ? returning(settings, situation) : lasting(settings, situation);
  return care.stage === undefined || isNews(care.stage, situation.told) ? care : { ...care, stage: undefined };
}

/** While the source is lost: traffic goes to copies as they come to pass their checks, each group by itself. */
function lasting(settings: RelaunchSettings, situation: Situation): Care {
  const { alarm, passing, instances } = situation;
  const changes = eachGroup(settings, situation, (application, members) => {
    const own = ids(sourceInstances(settings, application, instances));
    const copies = ids(copiesOf(settings, instances, application).filter(isAlive));
    const alive = copies.filter((id) => passing.has(id));
    return {
      register: toRegister(members, alive, [...own, ...copies]),
      // Not before there is another: a group without targets serves nobody.
      deregister: alarm.state === "ALARM" && serving(members, alive) > 0 ? toDeregister(members, own) : [],
    };
  });
  return { ...NOTHING, ...changes, stage: stageOfOutage(settings, situation) };
}

/** Once the source's link is back. */
function returning(settings: RelaunchSettings, situation: Situation): Care {
  const { alarm, instances, now } = situation;
  const outage = outageAt(settings, situation);
  const copies = ids(copiesOf(settings, instances).filter(isAlive));
  if (!sourceServes(settings, situation)) {
    const late = now - Date.parse(alarm.since) > NOT_SERVED_SECONDS * 1000;
    return { ...NOTHING, stage: late ? { outage, name: "not served" } : undefined };
  }
  return settings.failback === "notify" || copies.length === 0
    ? { ...NOTHING, stage: { outage, name: "back" } }
    : givingBack(settings, situation, copies);
}

/** Members first: the source's join, the copies leave once those get traffic, and end once they have drained. */
function givingBack(settings: RelaunchSettings, situation: Situation, copies: readonly string[]): Care {
  const groupArns = settings.applications.flatMap((a) => a.targetGroupArns);
  let ready = groupArns.every((arn) => situation.groups.has(arn));
  const changes = eachGroup(settings, situation, (application, members) => {
    const own = ids(sourceInstances(settings, application, situation.instances));
    const fit = own.filter((id) => situation.passing.has(id));
    const served = serving(members, fit) >= application.count;
    ready &&= served && !lists(members, copies);
    return {
      register: toRegister(members, fit, [...copies, ...own]),
      deregister: served ? toDeregister(members, copies) : [],
    };
  });
  return { ...NOTHING, ...changes, terminate: ready ? copies : [] };
}

/**
 * Whether the source has everything back: every application all its instances, running and passing their checks. Only
 * then anything on the destination may be terminated, so that never both sides are gone.
 */
export function sourceServes(
  settings: RelaunchSettings,
  { instances, passing }: Pick<Situation, "instances" | "passing">,
): boolean {
  return settings.applications.every(
    (application) =>
      sourceInstances(settings, application, instances).filter((i) => passing.has(i.instanceId)).length >=
      application.count,
  );
}

/** Whether a copy does all that can be seen of it: passes its checks, and is a member of its groups. */
export function isInService(
  { passing, groups }: Pick<Situation, "passing" | "groups">,
  application: Application,
  { instanceId }: InstanceState,
): boolean {
  return (
    passing.has(instanceId) && application.targetGroupArns.every((arn) => hasAll(groups.get(arn) ?? [], [instanceId]))
  );
}

function stageOfOutage(settings: RelaunchSettings, situation: Situation): Stage | undefined {
  const { alarm, now, placements, sourceDown, destinationDown } = situation;
  const outage = outageAt(settings, situation);
  const missing = placements.some((p) => p.missing > 0);
  if (alarm.state === "ALARM" && missing && !sourceDown) {
    const late = now - Date.parse(alarm.since) > UNPROVEN_SECONDS * 1000;
    return late ? { outage, name: "unproven" } : undefined;
  }
  if (alarm.state === "ALARM" && missing && destinationDown) {
    return { outage, name: "both down" };
  }
  const outside = placements.flatMap((p) => p.copies.filter((copy) => !isInService(situation, p.application, copy)));
  const awaited = outside.some((copy) => now - copy.launchedAt < SLOW_SECONDS * 1000);
  const unfinished = awaited || placements.some((p) => p.copies.length + p.missing < p.application.count);
  return unfinished ? undefined : { outage, name: missing || outside.length > 0 ? "incomplete" : "relaunched" };
}

/** The changes of each application's groups. */
function eachGroup(
  settings: RelaunchSettings,
  { groups }: Situation,
  changesOf: (
    application: Application,
    members: readonly Member[],
  ) => { readonly register: MembershipChange["targets"]; readonly deregister: MembershipChange["targets"] },
): Memberships {
  const changes = settings.applications.flatMap((application) =>
    application.targetGroupArns.flatMap((targetGroupArn) => {
      const members = groups.get(targetGroupArn);
      return members === undefined ? [] : [{ targetGroupArn, ...changesOf(application, members) }];
    }),
  );
  const those = (kind: "register" | "deregister") =>
    changes
      .map((change) => ({ targetGroupArn: change.targetGroupArn, targets: change[kind] }))
      .filter(({ targets }) => targets.length > 0);
  return { register: those("register"), deregister: those("deregister") };
}

const ids = (instances: readonly InstanceState[]) => instances.map((i) => i.instanceId);
