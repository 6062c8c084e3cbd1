import { GatewayEvent } from "../lambdas/gateway/events";
import { GatewayMemory } from "../lambdas/gateway/memory";
import { reconcile } from "../lambdas/gateway/reconcile";
import { Clients } from "../local/endpoint/clients";
import { HANDLER_KEY } from "../local/emulators/emulators";
import { buildGateways, handlerClients, loseFirstZone } from "./gatewayBench";

/** What Lambda takes from a FIFO queue at once. */
const BATCH = 10;

/** What a storm of foreign instances' stops costs, and how long it holds up the move of a gateway that is lost in it. */
export interface StormFigure {
  readonly calls: number;
  /** From the moment at which the queue begins to be worked off to the last route written. */
  readonly movedAfterMs: number;
}

const stopped = (instanceId: string): GatewayEvent => ({
  "detail-type": "EC2 Instance State-change Notification",
  detail: { "instance-id": instanceId, state: "stopped" },
});

const foreign = (count: number) => Array.from({ length: count }, (_, i) => stopped(`i-foreign-${i}`));

/**
 * Works off so many stops of foreign instances with a lost gateway's in their middle: as deployed, by a function that
 * remembers, a batch a run; or the plain way, where every stop by itself is looked at.
 */
export async function benchStorm(clients: Clients, stops: number, plain: boolean): Promise<StormFigure> {
  const settings = await buildGateways(clients, { zones: 3, routeTables: 8, latencyMs: 0 });
  const aws = handlerClients(clients);
  const memory: GatewayMemory = { told: new Map() };
  await reconcile([{}], settings, aws, memory);
  const gateway = await loseFirstZone(clients, settings);
  const events = [...foreign(stops / 2), stopped(gateway), ...foreign(stops / 2)];
  const batchSize = plain ? 1 : BATCH;
  await clients.endpoint.set({});
  const start = Date.now();
  for (let i = 0; i < events.length; i += batchSize) {
    await reconcile(events.slice(i, i + batchSize), settings, aws, plain ? { told: new Map() } : memory);
  }
  const calls = (await clients.endpoint.calls()).filter((c) => c.caller === HANDLER_KEY);
  const moved = calls.filter((c) => c.action === "ReplaceRoute").map((c) => c.end);
  return { calls: calls.length, movedAfterMs: Math.max(...moved) - start };
}
