import { DynamoDBClient, ListTablesCommand, ScanCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import assert from "node:assert/strict";
import { Clients } from "../../local/endpoint/clients";
import { DEPLOYED_CODE_KEY } from "../../local/emulators/emulators";
import { FaultKind } from "../../local/endpoint/faults";

/** All ways in which a call can fail. */
export const KINDS: readonly FaultKind[] = ["throttle", "error", "timeout", "reset"];

/** Configuration of impatient clients: one attempt, so that each injected fault is what the handler sees. */
export function impatient(clients: Clients, region: string) {
  return {
    region,
    endpoint: clients.endpoint.url,
    credentials: { accessKeyId: DEPLOYED_CODE_KEY, secretAccessKey: "local" },
    maxAttempts: 1,
    requestHandler: { requestTimeout: 250, throwOnRequestTimeout: true },
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

/** A handler to be failed at each of its calls. */
export interface Failing<Event> {
  readonly clients: Clients;
  readonly region: string;
  /** Sets the scene and returns the event. */
  readonly prepare: () => Promise<Event>;
  readonly handle: (event: Event) => Promise<void>;
  /** Checks the invariant; `what` says which call failed and how. */
  readonly check: (what: string) => Promise<void>;
}

/** Fails the k-th call in each way; then runs undisturbed, and once more when claims have run out. */
export async function failEach<Event>({ clients, region, prepare, handle, check }: Failing<Event>): Promise<void> {
  const { endpoint } = clients;
  await endpoint.set({});
  const first = await prepare();
  await endpoint.set({});
  await handle(first);
  const calls = (await endpoint.calls()).filter((c) => c.caller === DEPLOYED_CODE_KEY && c.region === region).length;
  assert.ok(calls >= 10, `only ${calls} calls`);
  for (let k = 0; k < calls; k++) {
    for (const kind of KINDS) {
      await endpoint.set({});
      const event = await prepare();
      await endpoint.set({ fault: { kind, caller: DEPLOYED_CODE_KEY, from: k, count: 1 } });
      await handle(event).catch(() => undefined);
      await endpoint.set({});
      await handle(event);
      await expireClaims(clients, region);
      await handle(event);
      await check(`call ${k} failed by ${kind}`);
    }
  }
}
