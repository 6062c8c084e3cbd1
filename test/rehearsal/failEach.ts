import {
  DeleteItemCommand,
  DynamoDBClient,
  ListTablesCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { LambdaClient, paginateListFunctions } from "@aws-sdk/client-lambda";
import assert from "node:assert/strict";
import { Call } from "../../local/endpoint/call";
import { Clients } from "../../local/endpoint/clients";
import { FaultKind, HANGS } from "../../local/endpoint/faults";
import { accessKey } from "../../local/endpoint/identity";

/** The ways in which any call may fail once and succeed when it is repeated. */
export const TRANSIENT: readonly FaultKind[] = ["throttle", "error", "timeout", "reset"];

/** Milliseconds for one request: as long as the slowest machine needs, as no test waits for it to pass. */
const GENEROUS_MS = 120_000;

/** A deployed function whose handler a test runs itself, under the function's own role. */
export interface DeployedFunction {
  /** Its access key, by which the endpoint knows its role. */
  readonly caller: string;
  /**
   * Configuration of clients that give up at once: one attempt, so that each injected fault is what the handler sees, and
   * a call that the endpoint lets hang is a timeout as soon as the endpoint says so, not when time has passed.
   */
  readonly config: ReturnType<typeof impatient>;
}

/** A deployed function by its name, or by that of its callback. */
export async function deployedFunction(clients: Clients, region: string, name: string): Promise<DeployedFunction> {
  const pattern = new RegExp(`^${name}(-function-[0-9a-f]{7})?$`);
  for await (const { Functions = [] } of paginateListFunctions({ client: clients.make(LambdaClient, region) }, {})) {
    for (const { FunctionName = "", Role = "" } of Functions) {
      if (pattern.test(FunctionName)) {
        const caller = accessKey({ type: "function", role: Role.split("/").pop() ?? "", session: FunctionName });
        return { caller, config: impatient(clients, region, caller) };
      }
    }
  }
  throw new Error(`no function ${name} is deployed in ${region}`);
}

/** Configuration of clients that give up at once. */
export function impatient(clients: Clients, region: string, accessKeyId: string) {
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
    credentials: { accessKeyId, secretAccessKey: "local" },
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
  const { Items = [] } = await dynamoDb.send(
    new ScanCommand({ TableName, FilterExpression: "attribute_exists(claimedUntil)" }),
  );
  for (const { system, subject } of Items) {
    const Key = { system: system ?? { S: "" }, subject: subject ?? { S: "" } };
    await dynamoDb.send(new UpdateItemCommand({ TableName, Key, UpdateExpression: "REMOVE claimedUntil" }));
  }
}

/** Time passes: what a system has noted is past. */
export async function forget(system: string, clients: Clients, region: string): Promise<void> {
  const dynamoDb = clients.make(DynamoDBClient, region);
  const TableName = await stateTable(clients, region);
  const { Items = [] } = await dynamoDb.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: "#system = :system",
      ExpressionAttributeNames: { "#system": "system" },
      ExpressionAttributeValues: { ":system": { S: system } },
    }),
  );
  for (const { subject = { S: "" } } of Items) {
    await dynamoDb.send(new DeleteItemCommand({ TableName, Key: { system: { S: system }, subject } }));
  }
}

/** A call that was failed. */
export interface FailedCall {
  readonly kind: FaultKind;
  readonly action: string;
  /** For people: which call, and how. */
  readonly what: string;
}

/** Something that a handler is to get through. */
export interface Act<Event> {
  readonly what: string;
  /** Sets the scene, from where the act before (the last, for the first) has ended, and returns the event. */
  readonly prepare: () => Promise<Event>;
  /** Checks the invariant. The endpoint's log begins with the act's first, failing run. */
  readonly check: (failed: FailedCall) => Promise<void>;
}

/** A handler to be failed at each of its calls. */
export interface Failing<Event> {
  readonly clients: Clients;
  /** Whose calls fail: the deployed function's access key. */
  readonly caller: string;
  readonly region: string;
  /** The operations that fail. @default all */
  readonly of?: RegExp;
  /** The ways in which each call fails. */
  readonly kinds: readonly FaultKind[];
  readonly handle: (event: Event) => Promise<unknown>;
  /** Played by turns, so that no scene has to be set up anew for each call that fails. */
  readonly acts: readonly Act<Event>[];
}

/** The calls of the handler under test, in the order in which they ended. */
export async function callsOf(caller: string, clients: Clients): Promise<Call[]> {
  return (await clients.endpoint.calls()).filter((c) => c.caller === caller);
}

/**
 * Fails the k-th call of each act in each way, for every k. What has failed is run again by AWS: at once, while a claim of
 * the run that died may still hold, and when claims have run out, as the minute's look does. That last run must succeed.
 */
export async function failEach<Event>(failing: Failing<Event>): Promise<void> {
  const { clients, caller, region, of = /./, kinds, acts, handle } = failing;
  const cases: (FailedCall & { readonly k: number })[][] = [];
  for (const act of acts) {
    const actions = await undisturbed(act);
    assert.ok(actions.length >= 3, `${act.what}: only ${actions.length} calls`);
    const chosen = [...actions.entries()].filter(([, action]) => of.test(action));
    assert.ok(chosen.length > 0, `${act.what}: no ${of.source} among ${actions.join(", ")}`);
    const what = (k: number, action: string, kind: FaultKind) => `${act.what}, call ${k} (${action}) failed by ${kind}`;
    cases.push(
      chosen.flatMap(([k, action]) => kinds.map((kind) => ({ k, action, kind, what: what(k, action, kind) }))),
    );
  }
  for (let i = 0; i < Math.max(...cases.map((c) => c.length)); i++) {
    for (const [n, act] of acts.entries()) {
      const own = cases[n]?.[i];
      await (own === undefined ? undisturbed(act) : disturbed(act, own));
    }
  }

  async function undisturbed({ prepare }: Act<Event>): Promise<string[]> {
    const event = await prepare();
    await clients.endpoint.set({}, region);
    await handle(event);
    return (await callsOf(caller, clients)).map((c) => c.action);
  }

  async function disturbed({ prepare, check }: Act<Event>, { k, ...failed }: FailedCall & { readonly k: number }) {
    const event = await prepare();
    await clients.endpoint.set({ fault: { kind: failed.kind, caller, from: k, count: 1 } }, region);
    const succeeded = await handle(event).then(() => true, () => false); // prettier-ignore
    if (!succeeded) {
      await handle(event).catch(() => undefined);
    }
    await expireClaims(clients, region);
    await handle(event);
    await check(failed);
  }
}
