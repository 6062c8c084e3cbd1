import { PolicyResource } from "@pulumi/policy";
import { hasActions } from "./alarms";
import { EVENT_RULE, Finding, Graph, known, METRIC_ALARM } from "./graph";
import { brokenRule } from "./targets";

/**
 * What an alarm on an Outposts server's service link declares in its tags: which server it watches, what that server
 * holds and normally runs (`c6id.large=2 c6id.xlarge=1`), and which server takes over from it, if any does.
 */
interface Declared {
  readonly alarm: PolicyResource;
  readonly outpost: string;
  readonly capacity: ReadonlyMap<string, number>;
  readonly runs: ReadonlyMap<string, number>;
  readonly relaunchedOn: string | undefined;
}

function declarations(graph: Graph): Declared[] {
  return graph.ofType(METRIC_ALARM).flatMap((alarm) => {
    const tag = (name: string) =>
      known(() => (alarm.props["tags"] as Record<string, string> | undefined)?.[`nplusone:${name}`]);
    const outpost = tag("outpost");
    if (outpost === undefined) {
      return [];
    }
    const [capacity, runs] = [counts(tag("outpost-capacity")), counts(tag("outpost-runs"))];
    return [{ alarm, outpost, capacity, runs, relaunchedOn: tag("relaunched-on") }];
  });
}

function counts(text = ""): Map<string, number> {
  return new Map(
    text
      .split(" ")
      .filter((part) => part.includes("="))
      .map((part) => [part.split("=")[0] ?? "", Number(part.split("=")[1])]),
  );
}

/**
 * Pairs of Outposts servers that could not take over from each other: the same server on both sides, an alarm without
 * actions or missing, no function that hears of it, or not enough room for everything that would be relaunched.
 */
export function helplessOutposts(graph: Graph): Finding[] {
  const declared = declarations(graph);
  const destinations = new Set(declared.flatMap((d) => d.relaunchedOn ?? []));
  return [
    ...declared.flatMap(badAlarm),
    ...declared.filter((d) => d.relaunchedOn !== undefined).flatMap((d) => badPair(graph, d, declared)),
    ...[...destinations].flatMap((destination) => overbooked(destination, declared)),
  ];
}

function badAlarm({ alarm, outpost }: Declared): Finding[] {
  return hasActions(alarm)
    ? []
    : [{ message: `alarm ${alarm.name} on ${outpost} tells nobody: give it alarmActions`, urn: alarm.urn }];
}

function badPair(graph: Graph, { alarm, outpost, relaunchedOn }: Declared, declared: readonly Declared[]): Finding[] {
  const findings: Finding[] = [];
  if (outpost === relaunchedOn) {
    findings.push({ message: `${outpost} is to be relaunched on itself: name another destination`, urn: alarm.urn });
  }
  if (!declared.some((d) => d.outpost === relaunchedOn)) {
    findings.push({
      message: `nothing watches ${relaunchedOn}, which takes over from ${outpost}: give it an alarm`,
      urn: alarm.urn,
    });
  }
  const rules = graph
    .ofType(EVENT_RULE)
    .filter((rule) => graph.referred(rule, "eventPattern", METRIC_ALARM).includes(alarm))
    .filter((rule) => known(() => rule.props["eventPattern"] as string | undefined)?.includes('"ALARM"') ?? true);
  const problems = rules.map((rule) => brokenRule(graph, rule));
  if (!problems.includes(undefined)) {
    const reason = problems[0] ?? "no EventBridge rule names its alarm";
    findings.push({ message: `${outpost} has no relaunch target: ${reason}`, urn: alarm.urn });
  }
  return findings;
}

/** What a destination runs itself, and what all its sources would add, against what it holds. */
function overbooked(destination: string, declared: readonly Declared[]): Finding[] {
  const own = declared.filter((d) => d.outpost === destination);
  const capacity = own[0]?.capacity ?? new Map<string, number>();
  const demands = [...own, ...declared.filter((d) => d.relaunchedOn === destination)];
  const types = new Set(demands.flatMap((d) => [...d.runs.keys()]));
  return [...types].flatMap((type) => {
    const needed = demands.reduce((sum, d) => sum + (d.runs.get(type) ?? 0), 0);
    const held = capacity.get(type) ?? 0;
    if (needed <= held) {
      return [];
    }
    const message = `${destination} holds ${held} ${type}, but would have to run ${needed} if its sources were lost: give it capacity, or relaunch less there`;
    return [{ message, urn: own[0]?.alarm.urn ?? demands[0]?.alarm.urn }];
  });
}
