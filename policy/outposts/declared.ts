import { PolicyResource } from "@pulumi/policy";
import { known } from "../core/unknown";
import { Finding } from "../core/finding";

/**
 * What AWS doesn't know of Outposts servers, and a program may declare by tags on the alarm that watches one: what it
 * holds, what it normally runs (`c6id.large=2 c6id.xlarge=1`), and which server takes over from it.
 */
export interface Declared {
  readonly alarm: PolicyResource;
  readonly outpost: string;
  readonly capacity: ReadonlyMap<string, number>;
  readonly runs: ReadonlyMap<string, number>;
  readonly relaunchedOn: string | undefined;
}

/** The names of these tags. */
export interface TagNames {
  readonly capacityTag: string;
  readonly runsTag: string;
  readonly relaunchedOnTag: string;
}

/** What the alarms declare; one without a tag for what its server runs declares nothing. */
export function declarations(
  alarms: readonly { readonly alarm: PolicyResource; readonly outpost: string }[],
  names: TagNames,
): Declared[] {
  return alarms.flatMap(({ alarm, outpost }) => {
    const tag = (name: string) => known(() => (alarm.props["tags"] as Record<string, string> | undefined)?.[name]);
    const runs = tag(names.runsTag);
    return runs === undefined
      ? []
      : [
          {
            alarm,
            outpost,
            capacity: counts(tag(names.capacityTag)),
            runs: counts(runs),
            relaunchedOn: tag(names.relaunchedOnTag),
          },
        ];
  });
}

function counts(text = ""): Map<string, number> {
  const parts = text.split(" ").map((part) => part.split("="));
  return new Map(parts.flatMap(([type = "", count]) => (count === undefined ? [] : [[type, Number(count)]])));
}

/** Servers that could not take over as declared: from themselves, watched by nothing, or without the room. */
export function impossible(declared: readonly Declared[], watched: readonly string[]): Finding[] {
  const pairs = declared.filter((d) => d.relaunchedOn !== undefined);
  return [
    ...pairs
      .filter((d) => d.relaunchedOn === d.outpost)
      .map((d) => ({
        message: `${d.outpost} is to be relaunched on itself: name another destination`,
        urn: d.alarm.urn,
      })),
    ...pairs
      .filter((d) => !watched.includes(d.relaunchedOn ?? ""))
      .map((d) => ({
        message: `nothing watches ${d.relaunchedOn}, which takes over from ${d.outpost}: give it an alarm`,
        urn: d.alarm.urn,
      })),
    ...[...new Set(pairs.flatMap((d) => d.relaunchedOn ?? []))].flatMap((to) => overbooked(to, declared)),
  ];
}

/** What a destination runs itself, and what all its sources would add, against what it holds. */
function overbooked(destination: string, declared: readonly Declared[]): Finding[] {
  const own = declared.filter((d) => d.outpost === destination);
  const capacity = own[0]?.capacity ?? new Map<string, number>();
  // A server with several alarms declares the same in each.
  const sources = declared.filter((d) => d.relaunchedOn === destination);
  const demands = [...own.slice(0, 1), ...sources];
  const types = new Set(demands.flatMap((d) => [...d.runs.keys()]));
  return [...types].flatMap((type) => {
    const needed = demands.reduce((sum, d) => sum + (d.runs.get(type) ?? 0), 0);
    const held = capacity.get(type) ?? 0;
    const message = `${destination} holds ${held} ${type}, but would have to run ${needed} if its sources were lost: give it capacity, or relaunch less there`;
    return needed <= held ? [] : [{ message, urn: (own[0] ?? demands[0])?.alarm.urn }];
  });
}
