import { AutoScalingClient, CompleteLifecycleActionCommand } from "@aws-sdk/client-auto-scaling";
import { GatewayEvent, isFailedCall, leavingInstance, LifecycleAction, lifecycleAction } from "./events";
import { observe, ObserveClients } from "./observe";
import { judgeGateways, planMoves } from "./plan";
import { Outcome, report, ReportClients } from "./report";
import { throwFirstError } from "../common/settled";
import { makeMoves } from "./routes";
import { GatewaySettings } from "./settings";

/** The clients that both of the gateway's callbacks use. */
export type GatewayClients = ObserveClients & ReportClients;

/**
 * Moves the routes of dead gateways to the nearest live zone. Whatever the event says, the decision rests on what AWS
 * says now; the event only names an instance that is about to go. Two round trips in sequence: all reads, all writes.
 * A terminating lifecycle action is completed whatever happened, but only after the routes have been written.
 * @throws if a route could not be read or written, or people could not be told; running it again is safe.
 */
export async function failover(
  received: GatewayEvent | null,
  settings: GatewaySettings,
  clients: GatewayClients,
): Promise<void> {
  const event = received ?? {};
  const [moved] = await Promise.allSettled([moveRoutes(event, settings, clients, leavingInstance(event), false)]);
  const action = lifecycleAction(event);
  throwFirstError([
    ...(await Promise.allSettled([
      action && completeLifecycleAction(action, clients.autoScaling),
      moved.status === "fulfilled" && conclude(moved.value, settings, clients),
    ])),
    moved,
  ]);
}

/**
 * Gives each zone whose own gateway passes its checks its routes back, and rescues routes that are still on a dead
 * gateway. Run by the events that say that a gateway may be back, and every minute, because an instance passes its
 * checks minutes after the last event about it.
 * @throws as `failover` does, and if a gateway's state could not be read completely.
 */
export async function restore(
  received: GatewayEvent | null,
  settings: GatewaySettings,
  clients: GatewayClients,
): Promise<void> {
  const event = received ?? {};
  if (isFailedCall(event)) {
    return;
  }
  const moved = await moveRoutes(event, settings, clients, undefined, true);
  await conclude(moved, settings, clients);
  if (moved.missing.length > 0) {
    throw new Error(`can't tell whether gateways pass their checks: ${moved.missing.join("; ")}`);
  }
}

interface Moved extends Outcome {
  readonly error: unknown;
  readonly missing: readonly string[];
}

/** Reads, decides, writes: the two round trips that traffic waits for. */
async function moveRoutes(
  event: GatewayEvent,
  settings: GatewaySettings,
  clients: GatewayClients,
  leaving: string | undefined,
  giveBack: boolean,
): Promise<Moved> {
  const { evidence, tables, missing } = await observe(settings, clients);
  const health = judgeGateways(settings, evidence, leaving);
  const moves = planMoves(settings, health, tables, giveBack);
  const { made, error } = await makeMoves(moves, settings, clients.ec2);
  const unmoved = new Set(moves.filter((m) => !made.includes(m)).map((m) => m.availabilityZone));
  console.log(JSON.stringify({ health: Object.fromEntries(health), moves: made, unmoved: [...unmoved], missing }));
  return { event, health, tables, moves: made, unmoved, now: new Date(), error, missing };
}

/** Tells people, and then fails if a route was not written, so that the run is repeated. */
async function conclude(moved: Moved, settings: GatewaySettings, clients: GatewayClients): Promise<void> {
  await report(moved, settings, clients);
  if (moved.error !== undefined) {
    throw moved.error;
  }
}

/** Lets Auto Scaling go on. An action that is no longer waiting (a duplicate or late event) is not an error. */
async function completeLifecycleAction(action: LifecycleAction, autoScaling: AutoScalingClient): Promise<void> {
  try {
    await autoScaling.send(new CompleteLifecycleActionCommand({ ...action, LifecycleActionResult: "CONTINUE" }));
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "ValidationError") {
      throw error;
    }
  }
}
