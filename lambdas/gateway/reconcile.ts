import { throwFirstError } from "../common/settled";
import { GatewayEvent, isReasonToLook, leavingInstances, mainReason } from "./events";
import { releasable, release } from "./hook";
import { Evidence, Health, holderOf, judgeGateways } from "./judge";
import { GatewayMemory, recentGateways } from "./memory";
import { observe, ObserveClients } from "./observe";
import { afterMoves, Move, planMoves, RouteTableState } from "./plan";
import { report, ReportClients } from "./report";
import { makeMoves } from "./routes";
import { GatewaySettings } from "./settings";

/** The clients that the gateway's callback uses. */
export type GatewayClients = ObserveClients & ReportClients;

/** Milliseconds that the first look waits for what it can do without: a route on a dead gateway waits with it. */
const HURRY_MS = 1000;
/** How often a run looks at most; the second look ends most. What is still moving then is left to the run's repetition. */
const MOST_LOOKS = 4;

/**
 * Brings the gateway's routes to where they should be: away from gateways that are dead or unproven, back to those that
 * pass again. Whatever events say, the decision rests on what AWS says now; they only name instances that are about to
 * go. Two round trips in sequence until the last route is written: all reads, all writes. A run that wrote anything looks
 * again, until there is nothing left to do, so that whatever happened meanwhile is found. Instances that a terminating
 * hook holds back may go once no route leads to them.
 * @param received what set the run off: one event or many. Duplicate, late and malformed ones change nothing.
 * @throws if a route could not be read or written, people could not be told, or a gateway's state could not be read
 *   completely; running it again is safe.
 */
export async function reconcile(
  received: readonly GatewayEvent[],
  settings: GatewaySettings,
  clients: GatewayClients,
  memory: GatewayMemory,
): Promise<void> {
  const recent = recentGateways(memory, new Date());
  const events = received.filter((event) => isReasonToLook(event, recent));
  if (events.length === 0) {
    return;
  }
  // Forgotten until the run has succeeded: repeated, its events must not pass for somebody else's.
  memory.gateways = undefined;
  const begun = new Date();
  const { looks, error } = await settle(leavingInstances(events), settings, clients);
  const last = looks.at(-1);
  if (last === undefined) {
    throw error;
  }
  const { evidence, health, tables, unmoved, missing } = last;
  const moves = looks.flatMap((look) => look.made);
  log({ health: Object.fromEntries(health), unmoved: [...unmoved], missing, moves, events: received.length });
  const outcome = { event: mainReason(events), health, tables, unmoved, moves, now: new Date() };
  const endings = await Promise.allSettled([
    release(releasable(events, settings, evidence, tables), clients.autoScaling),
    report(outcome, settings, clients, memory.told),
  ]);
  if (error !== undefined) {
    throw error;
  }
  throwFirstError(endings);
  memory.gateways = { instanceIds: gatewayInstances(settings, evidence), at: begun };
}

/** One look, and what was done about it. */
interface Look {
  readonly evidence: Evidence;
  readonly health: ReadonlyMap<string, Health>;
  /** The tables as they are after the moves made. */
  readonly tables: readonly RouteTableState[];
  readonly made: readonly Move[];
  /** Zones of which a route could not be written. */
  readonly unmoved: ReadonlySet<string>;
  readonly missing: readonly string[];
  /** The first error met in writing. */
  readonly error: unknown;
}

/** Looks and moves until a look finds nothing to do. What was done before an error counts all the same. */
async function settle(
  leaving: ReadonlySet<string>,
  settings: GatewaySettings,
  clients: ObserveClients,
): Promise<{ readonly looks: readonly Look[]; readonly error: unknown }> {
  const looks: Look[] = [];
  try {
    for (let n = 0; n < MOST_LOOKS; n++) {
      const look = await lookAndMove(leaving, settings, clients, n === 0 ? HURRY_MS : undefined);
      looks.push(look);
      const nothingToDo = look.made.length === 0 && look.unmoved.size === 0;
      if (nothingToDo && look.missing.length === 0) {
        return { looks, error: undefined };
      }
      if (nothingToDo && n > 0) {
        throw new Error(`can't tell whether gateways pass their checks: ${look.missing.join("; ")}`);
      }
    }
    throw looks.at(-1)?.error ?? new Error(`routes are still moving after ${MOST_LOOKS} looks`);
  } catch (error) {
    return { looks, error };
  }
}

/** Reads, decides, writes: the two round trips that traffic waits for. */
async function lookAndMove(
  leaving: ReadonlySet<string>,
  settings: GatewaySettings,
  clients: ObserveClients,
  patienceMs: number | undefined,
): Promise<Look> {
  const { evidence, tables, missing } = await observe(settings, clients, new Date(), patienceMs);
  const health = judgeGateways(settings, evidence, leaving);
  const moves = planMoves(settings, health, tables);
  const { made, error } = await makeMoves(moves, settings, clients.ec2);
  const unmoved = new Set(moves.filter((m) => !made.includes(m)).map((m) => m.availabilityZone));
  return { evidence, health, tables: afterMoves(tables, made), made, unmoved, missing, error };
}

/** The instances that hold a zone's network interface, or may be about to: all of its groups'. */
function gatewayInstances(settings: GatewaySettings, evidence: Evidence): ReadonlySet<string> {
  const holders = settings.zones.map((zone) => holderOf(zone, evidence)).filter((id) => id !== undefined);
  return new Set([...holders, ...(evidence.lifecycleStates?.keys() ?? [])]);
}

const log = (entry: object) => console.log(JSON.stringify(entry));
