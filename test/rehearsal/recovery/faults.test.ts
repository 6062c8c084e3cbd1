import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EC2Client } from "@aws-sdk/client-ec2";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SNSClient } from "@aws-sdk/client-sns";
import assert from "node:assert/strict";
import { restart, RestartResult } from "../../../lambdas/recovery/restart";
import { RestartSettings } from "../../../lambdas/recovery/settings";
import { pageSomebody } from "../../../lambdas/recovery/pageSomebody";
import { Clients } from "../../../local/endpoint/clients";
import { pages, RecoveryWorld } from "../../../local/drills/recovery/world";
import { INTERNET } from "../../../local/endpoint/internet";
import { callsOf, deployedFunction, FailedCall, failEach, stateTable, TRANSIENT } from "../failEach";
import { FaultKind } from "../../../local/endpoint/faults";
import { bringUp } from "../up";

const STACK = "prod-us-east-1";
const REGION = "us-east-1";

const KINDS: readonly FaultKind[] = [...TRANSIENT, "lostAnswer", "denied"];

describe("restart and page, each AWS call failing in turn, run again", () => {
  let clients: Clients;
  let world: RecoveryWorld;
  /** An instance that shares its work with others. */
  let name: string;
  let group: NonNullable<RestartSettings["group"]>;
  let targets: RestartSettings["targets"];
  let table: string;
  let leaveInternet: () => void;
  const { log } = console;
  const execution = `arn:aws:states:${REGION}:123456789012:execution:${STACK}-recovery:faults`;
  const event = () => ({ target: name, outage: "2026-11-21T10:00:00Z", execution, waitedSeconds: 0 });

  before(async () => {
    console.log = () => undefined;
    clients = bringUp();
    leaveInternet = playInternet(clients.endpoint.url);
    world = await RecoveryWorld.find(STACK, clients);
    table = await stateTable(clients, REGION);
    const members = world.instances.filter((i) => i.group !== undefined);
    const [instance] = members;
    assert.ok(instance?.group !== undefined, "the stack has no group of instances");
    ({ name } = instance);
    group = {
      name: instance.group,
      members: Object.fromEntries(members.filter((m) => m.group === instance.group).map((m) => [m.name, m.instanceId])),
      minHealthyPercentage: 50,
    };
    const { instanceId, healthCheckId } = instance;
    const unused = { url: "https://x/", urlTimeoutSeconds: 6, ssh: { host: "x", port: 22 } };
    targets = { [name]: { name, instanceId, healthCheckId, group: group.name, ...unused } };
  });
  after(async () => {
    console.log = log;
    leaveInternet();
    await clients.endpoint.set({});
    await world.forget();
  });

  const prepare = async () => {
    await world.forget();
    return event();
  };

  it("restart: never twice, and always so that the second run of the checks follows", async () => {
    const { caller, config } = await deployedFunction(clients, REGION, `${STACK}-recovery-${name}-restart`);
    const ec2 = new EC2Client(config);
    const handlerClients = {
      ...{ ec2, rebootingEc2: ec2, sfn: new SFNClient(config), dynamoDb: new DynamoDBClient(config) },
    };
    const settings: RestartSettings = { targets, stateTable: table, cooldownMinutes: 60, maxWaitSeconds: 600, group };
    // What the state machine goes on with: the first answer.
    let result: RestartResult | undefined;
    const handle = async (asked: object) => {
      const answer = await restart(asked, settings, handlerClients);
      result ??= answer;
    };
    const check = async ({ kind, action, what }: FailedCall) => {
      const calls = await callsOf(caller, clients);
      const reboots = calls.filter((c) => c.action === "RebootInstances" && c.executed).length;
      // What EC2 refuses is asked again. What it doesn't answer is no restart, and never asked for a second time; nor is
      // what may have been asked by a run that died after it had taken the lock.
      const unanswered = action === "RebootInstances" && !["denied", "throttle"].includes(kind);
      const diedLocked = action === "TransactWriteItems" && kind === "lostAnswer";
      const executed = unanswered ? kind === "lostAnswer" : !diedLocked;
      assert.deepEqual(
        [result?.outcome, reboots],
        [unanswered || diedLocked ? "unanswered" : "restarted", Number(executed)],
        what,
      );
      result = undefined;
    };
    await failEach({
      clients,
      caller,
      region: REGION,
      kinds: KINDS,
      handle,
      acts: [{ what: "restart", prepare, check }],
    });
  });

  it("page: somebody is told, at most twice", async () => {
    const { caller, config } = await deployedFunction(clients, REGION, `${STACK}-recovery-page`);
    const handlerClients = {
      ...{
        secrets: new SecretsManagerClient(config),
        dynamoDb: new DynamoDBClient(config),
        sns: new SNSClient(config),
      },
    };
    const channel = world.pager;
    assert.ok(channel.type !== "sns", "the stack's pager is its topic");
    const settings = { targets, channel, stateTable: table, region: REGION };
    const handle = (state: object) => pageSomebody({ execution, state }, settings, handlerClients);
    const check = async ({ what }: FailedCall) => {
      const received = (await clients.endpoint.received()).filter((r) => r.region === REGION);
      const told = pages(received, world).filter((p) => p.title === `${name} is failing and was not restarted`);
      // Twice only if the run died after it had told and before it could note that.
      assert.ok(told.length === 1 || told.length === 2, `${what}: told ${told.length} times`);
      assert.equal(new Set(told.map((p) => p.alias)).size, 1, `${what}: it is one incident to the pager`);
    };
    await failEach({ clients, caller, region: REGION, kinds: KINDS, handle, acts: [{ what: "page", prepare, check }] });
  });
});

/** Leads what handlers send to hosts that are not AWS to the endpoint, as it is for deployed functions. Returns its end. */
function playInternet(endpointUrl: string): () => void {
  const { fetch } = globalThis;
  globalThis.fetch = (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const own = { "x-nplusone-url": url, "x-nplusone-host": new URL(url).host, "x-nplusone-region": REGION };
    return url.startsWith(endpointUrl)
      ? fetch(input, init)
      : fetch(`${endpointUrl}${INTERNET}`, { ...init, headers: { ...(init?.headers as object), ...own } });
  };
  return () => (globalThis.fetch = fetch);
}
