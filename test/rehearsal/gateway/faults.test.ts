import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EC2Client } from "@aws-sdk/client-ec2";
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import assert from "node:assert/strict";
import { GatewayClients, reconcile } from "../../../lambdas/gateway/reconcile";
import { GatewayEvent } from "../../../lambdas/gateway/events";
import { GatewaySettings } from "../../../lambdas/gateway/settings";
import { Bus } from "../../../local/bus/bus";
import { Clients } from "../../../local/endpoint/clients";
import { attachCall, groupActivity, terminateAction } from "../../../local/bus/events";
import { GatewayWorld, Zone } from "../../../local/drills/gateway/world";
import { Inbox } from "../../../local/bus/inbox";
import { expireClaims, FailedCall, failEach, impatient, stateTable, TRANSIENT } from "../failEach";
import { FaultKind } from "../../../local/endpoint/faults";
import { bringUp } from "../up";

const REGION = "us-east-1";
/** The handlers' clients, impatient. */
function gatewayClients(clients: Clients): GatewayClients {
  const config = impatient(clients, REGION);
  return {
    ec2: new EC2Client(config),
    autoScaling: new AutoScalingClient(config),
    dynamoDb: new DynamoDBClient(config),
    sns: new SNSClient(config),
    cloudWatch: new CloudWatchClient(config),
  };
}

const KINDS: readonly FaultKind[] = [...TRANSIENT, "denied"];

describe("reconcile, each AWS call failing in turn, run again", () => {
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
    const { Topics = [] } = await clients.make(SNSClient, REGION).send(new ListTopicsCommand({}));
    settings = {
      name: "faults",
      id: "nplusone-test-faults",
      zones: await Promise.all(
        world.zones.map(async (z) => ({
          ...z,
          autoScalingGroupName: z.group,
          terminatingHookName: await world.terminatingHook(z),
        })),
      ),
      subnetIds: await world.subnetIds(),
      stateTable: await stateTable(clients, REGION),
      topicArn: Topics.find((t) => t.TopicArn?.includes(":notifications-"))?.TopicArn ?? "",
    };
  });
  after(async () => {
    console.log = log;
    await clients.endpoint.set({});
    await bus.resumeSchedules();
    await inbox.close();
  });

  /** A run by a new execution environment. */
  const run = (event: GatewayEvent) => reconcile([event], settings, gatewayClients(clients), { told: new Map() });

  /** Every zone on its own, live gateway, and people told so. */
  async function settle(): Promise<void> {
    await clients.endpoint.set({});
    if (!(await world.isAttached(zone))) {
      await world.boot(zone);
    }
    await run({});
    await expireClaims(clients, REGION);
    await run({});
    await inbox.read();
    assert.ok(await world.goesThrough(zone, zone));
  }

  it("failover: no route stays at a dead gateway, and people are told", async () => {
    const backup = world.next(zone);
    const prepare = async () => {
      await settle();
      const hook = await world.terminatingHook(zone);
      return terminateAction(zone.group, await world.terminate(zone), hook) as GatewayEvent;
    };
    const check = async ({ what }: FailedCall) => {
      assert.ok(await world.goesThrough(zone, backup), `${what}: the zone is on a dead gateway`);
      const told = (await inbox.read()).filter((m) =>
        m.subject.includes(`now goes out through ${backup.availabilityZone}`),
      );
      // Twice only if the run died after it had told and before it could note that.
      assert.ok(told.length === 1 || told.length === 2, `${what}: told ${told.length} times`);
    };
    await failEach({ clients, region: REGION, kinds: KINDS, prepare, handle: run, check });
  });

  it("restore: the zone is given back, and people are told", async () => {
    const prepare = async () => {
      await settle();
      const lost = await world.terminate(zone);
      const gone = groupActivity("Terminate", zone.group, lost, zone.availabilityZone) as GatewayEvent;
      await run(gone);
      await world.boot(zone);
      await inbox.read();
      return attachCall(zone.networkInterfaceId, await world.instance(zone)) as GatewayEvent;
    };
    const check = async ({ what }: FailedCall) => {
      assert.ok(await world.goesThrough(zone, zone), `${what}: the zone is not on its own gateway`);
      const told = (await inbox.read()).filter((m) => m.subject.includes("is back on its own gateway"));
      assert.ok(told.length === 1 || told.length === 2, `${what}: told ${told.length} times`);
    };
    await failEach({ clients, region: REGION, kinds: KINDS, prepare, handle: run, check });
  });
});
