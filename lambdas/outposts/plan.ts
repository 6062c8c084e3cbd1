import { copiesOf, InstanceState, isAlive } from "./instances";
import { Application, OUTAGE, RelaunchSettings, SLOT } from "./settings";

/** Where one application stands on the destination, and what is to be launched for it now. */
export interface Placement {
  readonly application: Application;
  /** What was relaunched and exists, for this outage or an earlier one. */
  readonly copies: readonly InstanceState[];
  /** Places of the instances to launch now, e.g. `pos/0`. */
  readonly launch: readonly string[];
  /** How many are neither there nor to be launched, and why. */
  readonly missing: number;
  readonly reason: string | undefined;
}

/** What a run has learned about places that it tried to fill. */
export interface Attempts {
  /** What EC2 said, by place, where it refused. */
  readonly refused: ReadonlyMap<string, string>;
  /** Places whose launch failed in a way that may pass: another run tries again. */
  readonly postponed: ReadonlySet<string>;
}

/**
 * Decides what to launch: each application's missing copies, as far as they fit. The destination's capacity by instance
 * type, less what runs there, is given out in the order of the applications. Copies of an earlier outage count like those
 * of this one. A copy of this outage that has been terminated is not replaced: a person did that, or it can't start.
 * @param offered instance types that the destination offers, or `undefined` if it could not be asked.
 */
export function planLaunches(
  settings: RelaunchSettings,
  outage: string,
  instances: readonly InstanceState[],
  offered: ReadonlySet<string> | undefined,
  { refused, postponed }: Attempts,
): Placement[] {
  const { destination, applications } = settings;
  const there = instances.filter((i) => isAlive(i) && destination.subnetIds.includes(i.subnetId));
  const free = new Map(
    Object.entries(destination.capacity).map(([type, capacity]) => [
      type,
      capacity - there.filter((i) => i.instanceType === type).length,
    ]),
  );
  return applications.map((application) => {
    const { instanceType, count } = application;
    const copies = copiesOf(settings, instances, application).filter(isAlive);
    const vacant = vacantPlaces(application, copies);
    const lost = lostCopies(settings, application, instances, outage).filter((i) =>
      vacant.includes(i.tags[SLOT] ?? ""),
    );
    const open = vacant.filter((place) => !refused.has(place) && !lost.some((i) => i.tags[SLOT] === place));
    const room = Math.max(0, free.get(instanceType) ?? 0);
    const isOffered = offered?.has(instanceType) ?? true;
    const fitting = isOffered ? open.slice(0, room) : [];
    free.set(instanceType, room - fitting.length);
    const missing = vacant.length - fitting.length;
    const launch = fitting.filter((place) => !postponed.has(place));
    return { application, copies, launch, missing, reason: missing === 0 ? undefined : reason() };

    function reason(): string {
      const said = vacant.flatMap((place) => refused.get(place) ?? [])[0];
      const [gone] = lost;
      if (!isOffered) {
        return `${destination.name} doesn't offer ${instanceType}`;
      }
      if (said !== undefined) {
        return said;
      }
      return gone === undefined
        ? `${destination.name} has room for ${count - missing} of ${count} ${instanceType}`
        : `${gone.instanceId} was launched and has ended: ${gone.stateReason ?? "EC2 gives no reason"}`;
    }
  });
}

/** The places of an application that no copy has; as many as copies are missing. */
function vacantPlaces({ name, count }: Application, copies: readonly InstanceState[]): string[] {
  const taken = new Set(copies.map((i) => i.tags[SLOT]));
  return Array.from({ length: count }, (_, index) => `${name}/${index}`)
    .filter((place) => !taken.has(place))
    .slice(0, Math.max(0, count - copies.length));
}

/** Copies that were launched for this outage and are gone. */
function lostCopies(
  settings: RelaunchSettings,
  application: Application,
  instances: readonly InstanceState[],
  outage: string,
): InstanceState[] {
  return copiesOf(settings, instances, application).filter((i) => !isAlive(i) && i.tags[OUTAGE] === outage);
}
