import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { AttachNetworkInterfaceCommand, EC2Client } from "@aws-sdk/client-ec2";
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import assert from "node:assert/strict";
import { GatewayClients, reconcile } from "../../../lambdas/gateway/reconcile";
import { GatewayEvent } from "../../../lambdas/gateway/events";
import { GatewaySettings } from "../../../lambdas/gateway/settings";
import { Bus } from "../../../local/bus/bus";
import { Clients } from "../../../local/endpoint/clients";
import { attachCall, terminateAction } from "../../../local/bus/events";
import { bootGateways } from "../../../local/drills/gateway/drills";
import { GatewayWorld, Zone } from "../../../local/drills/gateway/world";
import { Inbox } from "../../../local/bus/inbox";
import { Act, DeployedFunction, deployedFunction, expireClaims, failEach, stateTable, TRANSIENT } from "../failEach";
import { FaultKind } from "../../../local/endpoint/faults";
import { bringUp } from "../up";

const REGION = "us-east-1";

function gatewayClients({ config }: DeployedFunction): GatewayClients {
  return {
    ec2: new EC2Client(config),
    autoScaling: new AutoScalingClient(config),
    dynamoDb: new DynamoDBClient(config),
    sns: new SNSClient(config),
    cloudWatch: new CloudWatchClient(config),
  };
}

const KINDS: readonly FaultKind[] = [...TRANSIENT, "lostAnswer", "denied"];

describe("reconcile, each AWS call failing in turn, run again", () => {
  let clients: Clients;
  let world: GatewayWorld;
  let settings: GatewaySettings;
  let zone: Zone;
  let inbox: Inbox;
  let bus: Bus;
  let caller: string;
  let handlerClients: GatewayClients;
  const { log } = console;

  before(async () => {
    console.log = () => undefined;
    clients = bringUp();
    world = await GatewayWorld.find(REGION, clients);
    zone = world.zones[0] as Zone;
    inbox = await Inbox.open(REGION, clients);
    bus = new Bus(REGION, clients);
    await bus.pauseSchedules();
    // Every zone on its own gateway, and what drills have left untold is told.
    await bootGateways(REGION, clients);
    await expireClaims(clients, REGION);
    await bus.tick("gateway");
    assert.ok(await world.goesThrough(zone, zone), "every zone begins on its own gateway");
    await inbox.read();
    const deployed = await deployedFunction(clients, REGION, "gateway-reconcile");
    ({ caller } = deployed);
    handlerClients = gatewayClients(deployed);
    const { Topics = [] } = await clients.make(SNSClient, REGION).send(new ListTopicsCommand({}));
    settings = {
      name: "gateway",
      id: "nplusone-prod-us-east-1-gateway",
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
  const run = (event: GatewayEvent) => reconcile([event], settings, handlerClients, { told: new Map() });

  /**
   * Every instance has booted, as far as AWS sees it: the zone's holds the interface, and all say that they forward.
   * Whether the deployed boot script does that is for the drills to show.
   */
  async function boot(): Promise<void> {
    await world.reportForwarding();
    const { networkInterfaceId: NetworkInterfaceId } = zone;
    await clients.make(EC2Client, REGION).send(
      new AttachNetworkInterfaceCommand({
        NetworkInterfaceId,
        InstanceId: await world.instance(zone),
        DeviceIndex: 1,
      }),
    );
  }

  it("failover and restore: no route stays at a dead gateway, the zone is given back, and people are told", async () => {
    const backup = world.next(zone);
    /** Twice only if the run died after it had told and before it could note that. */
    const expectTold = async (subject: string, what: string) => {
      const told = (await inbox.read()).filter((m) => m.subject.includes(subject));
      assert.ok(told.length === 1 || told.length === 2, `${what}: told ${told.length} times`);
    };
    const hook = await world.terminatingHook(zone);
    const failover: Act<GatewayEvent> = {
      what: "failover",
      prepare: async () => terminateAction(zone.group, await world.terminate(zone), hook) as GatewayEvent,
      check: async ({ what }) => {
        assert.ok(await world.goesThrough(zone, backup), `${what}: the zone is on a dead gateway`);
        await expectTold(`now goes out through ${backup.availabilityZone}`, what);
      },
    };
    const restore: Act<GatewayEvent> = {
      what: "restore",
      prepare: async () => {
        await boot();
        await inbox.read();
        return attachCall(zone.networkInterfaceId, await world.instance(zone)) as GatewayEvent;
      },
      check: async ({ what }) => {
        assert.ok(await world.goesThrough(zone, zone), `${what}: the zone is not on its own gateway`);
        await expectTold("is back on its own gateway", what);
      },
    };
    await failEach({ clients, caller, region: REGION, kinds: KINDS, handle: run, acts: [failover, restore] });
  });
});
