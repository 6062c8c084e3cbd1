import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient, ListTablesCommand, ScanCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { EC2Client } from "@aws-sdk/client-ec2";
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import assert from "node:assert/strict";
import { failover, GatewayClients, restore } from "../../lambdas/gateway/failover";
import { GatewayEvent } from "../../lambdas/gateway/events";
import { GatewaySettings } from "../../lambdas/gateway/settings";
import { Bus } from "../../local/bus";
import { Clients } from "../../local/clients";
import { attachCall, groupActivity, terminateAction } from "../../local/drills/events";
import { GatewayWorld, Zone } from "../../local/drills/gatewayWorld";
import { DEPLOYED_CODE_KEY } from "../../local/emulators";
import { FaultKind } from "../../local/endpoint/faults";
import { Inbox } from "../../local/inbox";
import { bringUp } from "./up";

const REGION = "us-east-1";
const KINDS: readonly FaultKind[] = ["throttle", "error", "timeout", "reset"];

/** The handlers' clients, impatient: one attempt, so that each injected fault is what the handler sees. */
function impatient(clients: Clients): GatewayClients {
  const config = {
    region: REGION,
    endpoint: clients.endpoint.url,
    credentials: { accessKeyId: DEPLOYED_CODE_KEY, secretAccessKey: "local" },
    maxAttempts: 1,
    requestHandler: { requestTimeout: 250, throwOnRequestTimeout: true },
  };
  return {
    ec2: new EC2Client(config),
    autoScaling: new AutoScalingClient(config),
    dynamoDb: new DynamoDBClient(config),
    sns: new SNSClient(config),
    cloudWatch: new CloudWatchClient(config),
  };
}

describe("failover and restore, each AWS call failing in turn, run again", () => {
  let clients: Clients;
  let world: GatewayWorld;
  let settings: GatewaySettings;
  let zone: Zone;
  let inbox: Inbox;
  let bus: Bus;
  const { log } = console;

  before(async () => {
    console.log = () => undefined;
    clients = bringUp();
    world = await GatewayWorld.find(REGION, clients);
    zone = world.zones[0] as Zone;
    inbox = await Inbox.open(REGION, clients);
    bus = new Bus(REGION, clients);
    await bus.pauseSchedules();
    const { TableNames = [] } = await clients.make(DynamoDBClient, REGION).send(new ListTablesCommand({}));
    const { Topics = [] } = await clients.make(SNSClient, REGION).send(new ListTopicsCommand({}));
    settings = {
      name: "faults",
      zones: world.zones.map((z) => ({ ...z, autoScalingGroupName: z.group })),
      subnetIds: await world.subnetIds(),
      stateTable: TableNames[0] ?? "",
      topicArn: Topics[0]?.TopicArn ?? "",
    };
  });
  after(async () => {
    console.log = log;
    await clients.endpoint.set({});
    await bus.resumeSchedules();
    await inbox.close();
  });

  /** Every zone on its own, live gateway, and people told so. */
  async function settle(): Promise<void> {
    await clients.endpoint.set({});
    if (!(await world.isAttached(zone))) {
      await world.boot(zone);
    }
    await restore({}, settings, impatient(clients));
    await expireClaims();
    await restore({}, settings, impatient(clients));
    await inbox.read();
    assert.ok(await world.goesThrough(zone, zone));
  }

  /** A run that died while telling leaves a claim; time passes. */
  async function expireClaims(): Promise<void> {
    const dynamoDb = clients.make(DynamoDBClient, REGION);
    const { Items = [] } = await dynamoDb.send(new ScanCommand({ TableName: settings.stateTable }));
    for (const { system, subject } of Items) {
      const Key = { system: system ?? { S: "" }, subject: subject ?? { S: "" } };
      const UpdateExpression = "REMOVE claimedUntil";
      await dynamoDb.send(new UpdateItemCommand({ TableName: settings.stateTable, Key, UpdateExpression }));
    }
  }

  /** How many calls a run makes that nothing disturbs. */
  async function countCalls(run: () => Promise<void>): Promise<number> {
    await clients.endpoint.set({});
    await run();
    return (await clients.endpoint.calls()).filter((c) => c.caller === DEPLOYED_CODE_KEY).length;
  }

  /** Fails the k-th call in each way; then runs undisturbed, and once more when claims have run out. */
  async function failEach(
    prepare: () => Promise<GatewayEvent>,
    handler: typeof failover,
    check: (what: string) => Promise<void>,
  ): Promise<void> {
    await settle();
    const first = await prepare();
    const calls = await countCalls(() => handler(first, settings, impatient(clients)));
    assert.ok(calls >= 10, `only ${calls} calls`);
    for (let k = 0; k < calls; k++) {
      for (const kind of KINDS) {
        await settle();
        const event = await prepare();
        await clients.endpoint.set({ fault: { kind, caller: DEPLOYED_CODE_KEY, from: k, count: 1 } });
        await handler(event, settings, impatient(clients)).catch(() => undefined);
        await clients.endpoint.set({});
        await handler(event, settings, impatient(clients));
        await expireClaims();
        await handler(event, settings, impatient(clients));
        await check(`call ${k} failed by ${kind}`);
      }
    }
  }

  it("failover: no route stays at a dead gateway, and people are told", async () => {
    const backup = world.next(zone);
    const lose = async () => {
      const hook = await world.terminatingHook(zone);
      return terminateAction(zone.group, await world.terminate(zone), hook) as GatewayEvent;
    };
    await failEach(lose, failover, async (what) => {
      assert.ok(await world.goesThrough(zone, backup), `${what}: the zone is on a dead gateway`);
      const told = (await inbox.read()).filter((m) =>
        m.subject.includes(`now goes out through ${backup.availabilityZone}`),
      );
      // Twice only if the run died after it had told and before it could note that.
      assert.ok(told.length === 1 || told.length === 2, `${what}: told ${told.length} times`);
    });
  });

  it("restore: the zone is given back, and people are told", async () => {
    const comeBack = async () => {
      const lost = await world.terminate(zone);
      const gone = groupActivity("Terminate", zone.group, lost, zone.availabilityZone) as GatewayEvent;
      await failover(gone, settings, impatient(clients));
      await world.boot(zone);
      await inbox.read();
      return attachCall(zone.networkInterfaceId, await world.instance(zone)) as GatewayEvent;
    };
    await failEach(comeBack, restore, async (what) => {
      assert.ok(await world.goesThrough(zone, zone), `${what}: the zone is not on its own gateway`);
      const told = (await inbox.read()).filter((m) => m.subject.includes("is back on its own gateway"));
      assert.ok(told.length === 1 || told.length === 2, `${what}: told ${told.length} times`);
    });
  });
});
