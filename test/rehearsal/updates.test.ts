import assert from "node:assert/strict";
import { Bus } from "../../local/bus/bus";
import { Clients } from "../../local/endpoint/clients";
import { groupActivity } from "../../local/bus/events";
import { GatewayWorld, Zone } from "../../local/drills/gateway/world";
import { resolveEngine } from "../../local/engine/engine";
import { openStack, upStack } from "../../local/stacks/stacks";
import { bringUp } from "./up";

const STACK = "prod-eu-west-1";
const REGION = "eu-west-1";

describe("Pulumi during a failover", () => {
  let clients: Clients;
  let world: GatewayWorld;
  let zone: Zone;

  before(async () => {
    clients = bringUp();
    world = await GatewayWorld.find(REGION, clients);
    zone = world.zones[0] as Zone;
    const lost = await world.terminate(zone);
    await new Bus(REGION, clients).publish(groupActivity("Terminate", zone.group, lost, zone.availabilityZone));
    assert.ok(await world.goesThrough(zone, world.next(zone)));
  });
  after(async () => {
    await world.boot(zone);
    await new Bus(REGION, clients).tick("gateway");
    assert.ok(await world.goesThrough(zone, zone));
  });

  it("neither refresh nor up moves the route, and the policies still hold", async () => {
    const stack = await openStack(STACK, clients.endpoint, await resolveEngine());
    await stack.refresh({ onOutput: () => undefined });
    const { resources = [] } = (await stack.exportStack()).deployment as {
      resources?: { id?: string; outputs?: Record<string, unknown> }[];
    };
    const route = resources.find((r) => r.id === `r-${zone.routeTableIds[0]}-0.0.0.0/0`);
    assert.equal(
      route?.outputs?.["networkInterfaceId"],
      world.next(zone).networkInterfaceId,
      "the refresh saw the failover",
    );
    await upStack(stack);
    assert.ok(await world.goesThrough(zone, world.next(zone)), "the failover stands");
  });
});
