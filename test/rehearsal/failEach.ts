import { DynamoDBClient, ListTablesCommand, ScanCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import assert from "node:assert/strict";
import { Call } from "../../local/endpoint/call";
import { Clients } from "../../local/endpoint/clients";
import { HANDLER_KEY } from "../../local/emulators/emulators";
import { FaultKind, HANGS } from "../../local/endpoint/faults";

/** The ways in which any call may fail once and succeed when it is repeated. */
export const TRANSIENT: readonly FaultKind[] = ["throttle", "error", "timeout", "reset"];

/** Milliseconds for one request: as long as the slowest machine needs, as no test waits for it to pass. */
const GENEROUS_MS = 120_000;

/**
 * Configuration of clients that give up at once: one attempt, so that each injected fault is what the handler sees, and
 * a call that the endpoint lets hang is a timeout as soon as the endpoint says so, not when time has passed.
 */
export function impatient(clients: Clients, region: string) {
  const { requestHandler } = new DynamoDBClient({ requestHandler: { requestTimeout: GENEROUS_MS } }).config;
  const handle: typeof requestHandler.handle = async (request, options) => {
    request.headers[HANGS] = "tell me";
    const handled = await requestHandler.handle(request, options);
    if (HANGS in handled.response.headers) {
      // As the SDK's own: @smithy/node-http-handler with `throwOnRequestTimeout`.
      throw Object.assign(new Error("the endpoint lets this call hang"), { name: "TimeoutError", code: "ETIMEDOUT" });
    }
    return handled;
  };
  return {
    region,
    endpoint: clients.endpoint.url,
    credentials: { accessKeyId: HANDLER_KEY, secretAccessKey: "local" },
    maxAttempts: 1,
    requestHandler: { metadata: requestHandler.metadata, handle },
  };
}

/** Name of a stack's state table. */
export async function stateTable(clients: Clients, region: string): Promise<string> {
  const { TableNames = [] } = await clients.make(DynamoDBClient, region).send(new ListTablesCommand({}));
  return TableNames.find((name) => name.startsWith("state-")) ?? "";
}

/** A run that died while telling leaves a claim; time passes. */
export async function expireClaims(clients: Clients, region: string): Promise<void> {
  const dynamoDb = clients.make(DynamoDBClient, region);
  const TableName = await stateTable(clients, region);
  const { Items = [] } = await dynamoDb.send(new ScanCommand({ TableName }));
  for (const { system, subject } of Items) {
    const Key = { system: system ?? { S: "" }, subject: subject ?? { S: "" } };
    await dynamoDb.send(new UpdateItemCommand({ TableName, Key, UpdateExpression: "REMOVE claimedUntil" }));
  }
}

/** A call that was failed. */
export interface FailedCall {
  readonly kind: FaultKind;
  readonly action: string;
  /** For people: which call, and how. */
  readonly what: string;
}

/** A handler to be failed at each of its calls. */
export interface Failing<Event> {
  readonly clients: Clients;
  readonly region: string;
  /** The operations that fail. @default all */
  readonly of?: RegExp;
  /** The ways in which each call fails. */
  readonly kinds: readonly FaultKind[];
  /** Sets the scene and returns the event. */
  readonly prepare: () => Promise<Event>;
  readonly handle: (event: Event) => Promise<unknown>;
  /** Checks the invariant. The endpoint's log begins with the first, failing run. */
  readonly check: (failed: FailedCall) => Promise<void>;
}

/** The calls of the handlers under test, in the order in which they ended. */
export async function handlerCalls(clients: Clients, region: string): Promise<Call[]> {
  return (await clients.endpoint.calls()).filter((c) => c.caller === HANDLER_KEY && c.region === region);
}

/**
 * Fails the k-th call in each way, for every k. What is run asynchronously is run again by AWS: at once, while a claim of
 * the run that died may still hold, and when claims have run out. That last run must succeed.
 */
export async function failEach<Event>({
  clients,
  region,
  of = /./,
  kinds,
  prepare,
  handle,
  check,
}: Failing<Event>): Promise<void> {
  const { endpoint } = clients;
  const actions = await undisturbed();
  assert.ok(actions.length >= 3, `only ${actions.length} calls`);
  const chosen = [...actions.entries()].filter(([, action]) => of.test(action));
  assert.ok(chosen.length > 0, `no ${of.source} among ${actions.join(", ")}`);
  for (const [k, action] of chosen) {
    for (const kind of kinds) {
      await endpoint.set({}, region);
      const event = await prepare();
      await endpoint.set({ fault: { kind, caller: HANDLER_KEY, from: k, count: 1 } }, region);
      await handle(event).catch(() => undefined);
      await handle(event).catch(() => undefined);
      await expireClaims(clients, region);
      await handle(event);
      await check({ kind, action, what: `call ${k} (${action}) failed by ${kind}` });
    }
  }
  await endpoint.set({}, region);

  async function undisturbed(): Promise<string[]> {
    await endpoint.set({}, region);
    const event = await prepare();
    await endpoint.set({}, region);
    await handle(event);
    return (await handlerCalls(clients, region)).map((c) => c.action);
  }
}
