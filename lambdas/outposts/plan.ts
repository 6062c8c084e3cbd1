import { Application, OUTAGE, RELAUNCHED_BY, RelaunchSettings, SLOT } from "./settings";

/** What is known of one instance on either server; only of those that take up a place there. */
export interface InstanceState {
  readonly instanceId: string;
  readonly subnetId: string;
  readonly instanceType: string;
  /** Tags; EC2 itself adds `aws:ec2launchtemplate:id`. */
  readonly tags: Readonly<Record<string, string>>;
}

/** What is to become of one application. */
export interface Decision {
  readonly application: Application;
  /** Indexes of the instances to launch now: 0 to `count` - 1. */
  readonly launch: readonly number[];
  /** Instances that an earlier run of the same outage has launched. */
  readonly existing: readonly InstanceState[];
  /** How many don't fit, and why. */
  readonly refused: number;
  readonly reason: string | undefined;
}

/** The application's own instances on the source: launched from its template there, and not relaunched ones. */
export function sourceInstances(
  settings: RelaunchSettings,
  application: Application,
  instances: readonly InstanceState[],
): InstanceState[] {
  return instances.filter(
    (i) =>
      settings.source.subnetIds.includes(i.subnetId) &&
      i.tags["aws:ec2launchtemplate:id"] === application.launchTemplateId &&
      i.tags[RELAUNCHED_BY] === undefined,
  );
}

/** The instances that this direction has relaunched and that still exist, for one outage or for all. */
export function relaunchedInstances(
  settings: RelaunchSettings,
  instances: readonly InstanceState[],
  outage?: string,
): InstanceState[] {
  return instances.filter(
    (i) => i.tags[RELAUNCHED_BY] === settings.system && (outage === undefined || i.tags[OUTAGE] === outage),
  );
}

/**
 * Decides, before anything is launched, what fits on the destination: its capacity by instance type less what runs
 * there, given out in the order of the applications. What this outage has launched already keeps its place, so that a
 * run that is repeated decides the same.
 * @param offered instance types that the destination offers, or `undefined` if it could not be asked.
 */
export function planRelaunch(
  settings: RelaunchSettings,
  outage: string,
  instances: readonly InstanceState[],
  offered: ReadonlySet<string> | undefined,
): Decision[] {
  const own = relaunchedInstances(settings, instances, outage);
  const others = instances.filter((i) => settings.destination.subnetIds.includes(i.subnetId) && !own.includes(i));
  const free = new Map(
    Object.entries(settings.destination.capacity).map(([type, capacity]) => [
      type,
      capacity - others.filter((i) => i.instanceType === type).length,
    ]),
  );
  return settings.applications.map((application) => {
    const { instanceType, count, name } = application;
    const existing = own.filter((i) => i.tags[SLOT]?.startsWith(`${name}/`));
    if (offered !== undefined && !offered.has(instanceType)) {
      const reason = `${settings.destination.name} doesn't offer ${instanceType}`;
      return { application, launch: [], existing, refused: count - existing.length, reason };
    }
    const room = Math.max(0, free.get(instanceType) ?? 0);
    const placed = Math.max(existing.length, Math.min(count, room));
    free.set(instanceType, room - placed);
    const taken = new Set(existing.map((i) => i.tags[SLOT]));
    const launch = Array.from({ length: placed }, (_, index) => index).filter((i) => !taken.has(`${name}/${i}`));
    const refused = count - placed;
    const reason =
      refused === 0 ? undefined : `${settings.destination.name} has room for ${placed} of ${count} ${instanceType}`;
    return { application, launch, existing, refused, reason };
  });
}

/**
 * Whether relaunched instances may be terminated: only if every application has all its instances on the source
 * running and passing their checks, so that never both sides are gone.
 */
export function sourceServes(
  settings: RelaunchSettings,
  instances: readonly InstanceState[],
  passing: ReadonlySet<string>,
): boolean {
  return settings.applications.every((application) => {
    const alive = sourceInstances(settings, application, instances).filter((i) => passing.has(i.instanceId));
    return alive.length >= application.count;
  });
}
