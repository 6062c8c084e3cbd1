import { Clients } from "../../endpoint/clients";
import { Drill, DrillContext } from "../drill";
import { alarmState, attachCall, groupActivity, instanceState, terminateAction } from "../../bus/events";
import { FUNCTIONS, INSTANCES } from "../../endpoint/identity";
import { GatewayWorld, Zone } from "./world";

/**
 * Boots every gateway that has not been booted, as AWS does when an Auto Scaling group launches an instance.
 * @returns the gateways
 */
export async function bootGateways(region: string, clients: Clients, ring?: readonly string[]): Promise<GatewayWorld> {
  const world = await GatewayWorld.find(region, clients, ring);
  await Promise.all(world.zones.map(async (zone) => (await world.isAttached(zone)) || world.boot(zone)));
  // However long ago the others have booted.
  await world.reportForwarding();
  return world;
}

/** A drill that begins with every zone on its own, live gateway. */
function gatewayDrill(
  name: string,
  description: string,
  play: (context: DrillContext, world: GatewayWorld, zone: Zone) => Promise<void>,
): Drill {
  return {
    name,
    system: "gateway",
    description,
    run: async (context) => {
      const ring = context.config.network?.availabilityZones;
      const world = await bootGateways(context.region, context.clients, ring);
      await context.bus.tick("gateway");
      const ready = await Promise.all(world.zones.map((zone) => world.goesThrough(zone, zone)));
      if (world.zones.length < 2 || ready.includes(false)) {
        context.expect("every zone starts on its own gateway", false);
        return;
      }
      await play(context, world, world.zones[0] as Zone);
    },
  };
}

/** Expects a zone's routes at a gateway, as EC2 reports them. */
async function expectThrough(context: DrillContext, world: GatewayWorld, zone: Zone, through: Zone): Promise<void> {
  const whose = zone === through ? "its own" : `${through.availabilityZone}'s`;
  const held = await world.goesThrough(zone, through);
  context.expect(`${zone.availabilityZone}'s default routes point at ${whose} gateway`, held);
}

async function expectMessages(context: DrillContext, subjects: readonly RegExp[]): Promise<void> {
  const messages = (await context.messages()).map((m) => m.subject).filter((s) => s.startsWith("gateway: "));
  const unmatched = subjects.filter((s) => messages.filter((m) => s.test(m)).length !== 1);
  const held = unmatched.length === 0 && messages.length === subjects.length;
  const what = subjects.length === 0 ? "nobody is told anything" : `people are told ${subjects.length} thing(s), once`;
  context.expect(what, held, messages.join(" | ") || "nothing");
}

/** The events with which AWS accompanies the loss of an instance. */
async function publishLoss(context: DrillContext, zone: Zone, instanceId: string): Promise<void> {
  await context.publish(instanceState(instanceId, "shutting-down"));
  await context.publish(instanceState(instanceId, "terminated"));
  await context.publish(groupActivity("Terminate", zone.group, instanceId, zone.availabilityZone));
}

/** The replacement boots, and AWS says so. */
async function publishReturn(context: DrillContext, world: GatewayWorld, zone: Zone): Promise<void> {
  const { lifecycleResult } = await world.boot(zone);
  const instanceId = await world.instance(zone);
  context.note(`${instanceId} has booted in ${zone.availabilityZone}`);
  context.expect(`the boot script in ${zone.availabilityZone} completes its launch`, lifecycleResult === "CONTINUE");
  await context.publish(attachCall(zone.networkInterfaceId, instanceId));
  await context.publish(groupActivity("Launch", zone.group, instanceId, zone.availabilityZone));
}

async function lose(context: DrillContext, world: GatewayWorld, zone: Zone): Promise<string> {
  const instanceId = await world.terminate(zone);
  context.note(`instance ${instanceId} in ${zone.availabilityZone} terminates`);
  return instanceId;
}

const nowGoesThrough = (zone: Zone, through: Zone) =>
  new RegExp(`${zone.availabilityZone} now goes out through ${through.availabilityZone}`);
const isBack = (zone: Zone) => new RegExp(`${zone.availabilityZone} is back`);

/** The drills of the per-zone gateway. */
export const gatewayDrills: readonly Drill[] = [
  gatewayDrill(
    "gateway-terminated",
    "A gateway's instance is terminated from outside. The drill detaches its interface, as AWS does, and plays EC2's events.",
    async (context, world, zone) => {
      const backup = world.next(zone);
      await context.inject(`${zone.availabilityZone}'s gateway is terminated`);
      await publishLoss(context, zone, await lose(context, world, zone));
      await expectThrough(context, world, zone, backup);
      await expectThrough(context, world, backup, backup);
      await expectMessages(context, [nowGoesThrough(zone, backup)]);
    },
  ),
  gatewayDrill(
    "gateway-planned-replacement",
    "Auto Scaling is about to terminate a live gateway and waits for the hook. The drill plays the hook; moto only stores it.",
    async (context, world, zone) => {
      const backup = world.next(zone);
      const instanceId = await world.instance(zone);
      await context.inject(`${instanceId} in ${zone.availabilityZone} waits to be terminated`);
      await context.publish(terminateAction(zone.group, instanceId, await world.terminatingHook(zone)));
      context.expect("the instance is still there", await world.isAttached(zone));
      await expectThrough(context, world, zone, backup);
      const calls = await context.calls();
      const lastRoute = calls.findLastIndex((c) => c.action === "ReplaceRoute");
      const completion = calls.findIndex((c) => c.action === "CompleteLifecycleAction");
      context.expect("the hook is completed after the routes have moved", lastRoute >= 0 && completion > lastRoute);
      await lose(context, world, zone);
      await publishLoss(context, zone, instanceId);
      await expectThrough(context, world, zone, backup);
      await expectMessages(context, [nowGoesThrough(zone, backup)]);
    },
  ),
  gatewayDrill(
    "gateway-restored",
    "A lost gateway comes back. The drill runs the deployed boot script with stand-ins and plays CloudTrail and Auto Scaling.",
    async (context, world, zone) => {
      const lost = await lose(context, world, zone);
      await publishLoss(context, zone, lost);
      await expectThrough(context, world, zone, world.next(zone));
      await context.inject(`${zone.availabilityZone}'s replacement boots`);
      await publishReturn(context, world, zone);
      await expectThrough(context, world, zone, zone);
      await expectMessages(context, [isBack(zone)]);
    },
  ),
  gatewayDrill(
    "gateway-impaired",
    "A running gateway fails its status checks. The endpoint gives EC2's answer, since moto knows no failing checks.",
    async (context, world, zone) => {
      const backup = world.next(zone);
      const instanceId = await world.instance(zone);
      const alarm = await world.statusAlarm(zone);
      await context.inject(`${instanceId} fails its status checks`, {
        world: { statusChecks: { [instanceId]: "impaired" } },
      });
      await context.publish(alarmState(alarm, "ALARM"));
      await expectThrough(context, world, zone, backup);
      await context.change({ world: { statusChecks: { [instanceId]: "initializing" } } });
      await context.publish(attachCall(zone.networkInterfaceId, instanceId));
      await expectThrough(context, world, zone, backup);
      context.note(`${instanceId} passes its checks again`);
      await context.change({});
      await context.publish(alarmState(alarm, "OK"));
      await expectThrough(context, world, zone, zone);
      await expectMessages(context, [nowGoesThrough(zone, backup), isBack(zone)]);
    },
  ),
  gatewayDrill(
    "gateway-stale-event",
    "Events about a predecessor arrive when the replacement already serves its zone.",
    async (context, world, zone) => {
      const predecessor = await lose(context, world, zone);
      await publishLoss(context, zone, predecessor);
      await publishReturn(context, world, zone);
      await expectThrough(context, world, zone, zone);
      await context.inject(`late events about ${predecessor} arrive`);
      const time = new Date(Date.now() - 600_000).toISOString();
      await context.publish(terminateAction(zone.group, predecessor, await world.terminatingHook(zone), time));
      await context.publish(instanceState(predecessor, "terminated", time));
      await context.publish(groupActivity("Terminate", zone.group, predecessor, zone.availabilityZone));
      await context.publish(alarmState(await world.statusAlarm(zone), "ALARM"));
      // Stopped and started again: the same instance, alive, and the event of its stop comes last.
      await context.publish(instanceState(await world.instance(zone), "stopped", time));
      await expectThrough(context, world, zone, zone);
      const calls = await context.calls();
      context.expect("no route is written", !calls.some((c) => c.action === "ReplaceRoute"));
      await expectMessages(context, []);
    },
  ),
  gatewayDrill(
    "gateway-duplicate-events",
    "Every event of a loss and a return arrives three times, in waves.",
    async (context, world, zone) => {
      const backup = world.next(zone);
      await context.inject(`${zone.availabilityZone}'s gateway is terminated`);
      const lost = await lose(context, world, zone);
      for (let i = 0; i < 3; i++) {
        await publishLoss(context, zone, lost);
      }
      await expectThrough(context, world, zone, backup);
      await publishReturn(context, world, zone);
      await publishLoss(context, zone, lost);
      await context.publish(attachCall(zone.networkInterfaceId, await world.instance(zone)));
      await expectThrough(context, world, zone, zone);
      const writes = (await context.calls()).filter((c) => c.action === "ReplaceRoute").length;
      context.expect("each route is written twice: away and back", writes === 2 * zone.routeTableIds.length);
      await expectMessages(context, [nowGoesThrough(zone, backup), isBack(zone)]);
    },
  ),
  gatewayDrill(
    "gateway-reads-lag",
    "EC2 doesn't find a replacement for a while: it refuses the boot script's own call, and then leaves the instance out of " +
      "lists. The endpoint plays that for the instance that Auto Scaling has launched.",
    async (context, world, zone) => {
      const backup = world.next(zone);
      await publishLoss(context, zone, await lose(context, world, zone));
      const launched = await world.instance(zone);
      const lag = (caller: string) => ({ lag: { caller, calls: 2, instanceIds: [launched] } });
      await context.inject(`${launched} boots in ${zone.availabilityZone}, and EC2 doesn't find it`, lag(INSTANCES));
      const { journal, lifecycleResult } = await world.boot(zone);
      const attempts = journal.filter((line) => line.includes("attach-network-interface")).length;
      context.expect("the boot script tries to attach until EC2 knows its instance", attempts === 3, attempts);
      context.expect("it completes its launch", lifecycleResult === "CONTINUE", lifecycleResult);
      await context.change(lag(FUNCTIONS));
      await context.publish(attachCall(zone.networkInterfaceId, launched));
      await context.publish(groupActivity("Launch", zone.group, launched, zone.availabilityZone));
      await expectThrough(context, world, zone, backup);
      context.note(`EC2 finds ${launched}`);
      await context.bus.tick("gateway");
      await expectThrough(context, world, zone, zone);
      await expectMessages(context, [isBack(zone)]);
    },
  ),
  gatewayDrill(
    "gateway-race",
    "A gateway is lost while its zone is being given back to it. The endpoint holds the write until the loss has happened.",
    async (context, world, zone) => {
      const backup = world.next(zone);
      await publishLoss(context, zone, await lose(context, world, zone));
      await expectThrough(context, world, zone, backup);
      await world.boot(zone);
      const returned = await world.instance(zone);
      await context.inject(`${zone.availabilityZone}'s replacement is about to get its zone back`, {
        hold: { caller: FUNCTIONS, action: "ReplaceRoute" },
      });
      const launched = context.publish(groupActivity("Launch", zone.group, returned, zone.availabilityZone));
      await context.holds();
      context.note("its route is about to be written");
      await lose(context, world, zone);
      const lost = publishLoss(context, zone, returned);
      await context.change({});
      await Promise.all([launched, lost]);
      await expectThrough(context, world, zone, backup);
      await expectMessages(context, []);
    },
  ),
  gatewayDrill(
    "gateway-storm",
    "A thousand instances of the account stop, and a gateway among them. The drill plays EC2's events, all at once.",
    async (context, world, zone) => {
      const backup = world.next(zone);
      const foreign = (from: number) =>
        Array.from({ length: 500 }, (_, i) =>
          instanceState(`i-${(from + i).toString(16).padStart(17, "f")}`, "stopping"),
        );
      await context.inject(`1,000 instances stop, and ${zone.availabilityZone}'s gateway`);
      const lost = await lose(context, world, zone);
      await context.publishAll([...foreign(0), instanceState(lost, "shutting-down"), ...foreign(500)]);
      await expectThrough(context, world, zone, backup);
      await context.publish(groupActivity("Terminate", zone.group, lost, zone.availabilityZone));
      const calls = await context.calls();
      const moved = calls.find((c) => c.action === "ReplaceRoute");
      context.note(`the first route was written ${moved?.endMs} ms after the storm began`);
      context.expect(`deployed code makes ${calls.length} calls, at most 200`, calls.length <= 200);
      await expectMessages(context, [nowGoesThrough(zone, backup)]);
    },
  ),
  {
    stackLacks: ({ config }) => ((config.network?.availabilityZones.length ?? 0) < 3 ? "third zone" : undefined),
    ...gatewayDrill(
      "gateways-two-of-three-down",
      "Two zones' gateways are lost, the second one while it carries the first one's zone.",
      async (context, world, zone) => {
        const second = world.next(zone);
        const third = world.next(zone, 2);
        await context.inject(`${zone.availabilityZone} and ${second.availabilityZone} lose their gateways`);
        await publishLoss(context, zone, await lose(context, world, zone));
        await expectThrough(context, world, zone, second);
        await publishLoss(context, second, await lose(context, world, second));
        await expectThrough(context, world, zone, third);
        await expectThrough(context, world, second, third);
        await publishReturn(context, world, zone);
        await expectThrough(context, world, zone, zone);
        await expectThrough(context, world, second, third);
        await expectMessages(context, [
          nowGoesThrough(zone, second),
          nowGoesThrough(zone, third),
          nowGoesThrough(second, third),
          isBack(zone),
        ]);
      },
    ),
  },
  gatewayDrill(
    "gateways-all-down",
    "Every gateway is lost at once: there is nowhere to move routes to, and people hear of it once.",
    async (context, world, zone) => {
      await context.inject("every gateway is terminated");
      const lost = await Promise.all(world.zones.map((z) => lose(context, world, z)));
      for (const [i, z] of world.zones.entries()) {
        await publishLoss(context, z, lost[i] ?? "");
      }
      const writes = (await context.calls()).filter((c) => c.action === "ReplaceRoute").length;
      context.expect("routes stay as they are", writes === 0);
      await expectMessages(context, [/no gateway is alive/]);
      await publishReturn(context, world, zone);
      for (const z of world.zones) {
        await expectThrough(context, world, z, zone);
      }
      const others = world.zones.filter((z) => z !== zone);
      await expectMessages(context, [/alive again/, ...others.map((z) => nowGoesThrough(z, zone))]);
    },
  ),
  gatewayDrill(
    "gateway-attach-failed",
    "The replacement can't attach the interface at first, and then never. The endpoint refuses the boot script's calls.",
    async (context, world, zone) => {
      const backup = world.next(zone);
      const refuse = (count: number) => ({
        fault: { kind: "throttle" as const, caller: INSTANCES, action: "AttachNetworkInterface", from: 0, count },
      });
      await publishLoss(context, zone, await lose(context, world, zone));
      await context.inject("AttachNetworkInterface is refused for good", refuse(1000));
      const { lifecycleResult } = await world.boot(zone);
      context.expect("the boot script abandons the launch", lifecycleResult === "ABANDON");
      const instanceId = await world.instance(zone);
      await context.publish(attachCall(zone.networkInterfaceId, instanceId, "Client.RequestLimitExceeded"));
      context.expect("a failed call sets nothing off", (await context.calls()).length === 0);
      await expectThrough(context, world, zone, backup);
      await publishLoss(context, zone, await lose(context, world, zone));
      await context.change(refuse(3));
      await publishReturn(context, world, zone);
      await expectThrough(context, world, zone, zone);
    },
  ),
];
