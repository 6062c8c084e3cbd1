import assert from "node:assert/strict";
import { Bus } from "../../../local/bus/bus";
import { Clients } from "../../../local/endpoint/clients";
import { alarmState } from "../../../local/bus/events";
import { RecoveryInstance, RecoveryWorld } from "../../../local/drills/recovery/world";
import { Received } from "../../../local/endpoint/internet";
import { Settings } from "../../../local/endpoint/scope";
import { SECRET } from "../../../local/drills/recovery/landscape";
import { bringUp } from "../up";

const REGION = "eu-west-1";

describe("the recovery workflow of prod-eu-west-1, with a webhook and PagerDuty", () => {
  let clients: Clients;
  let world: RecoveryWorld;
  let instance: RecoveryInstance;

  before(async () => {
    clients = bringUp();
    world = await RecoveryWorld.find("prod-eu-west-1", clients);
    instance = world.instances[0] as RecoveryInstance;
  });
  after(async () => {
    await clients.endpoint.set({});
    await world.forget();
  });

  /** The alarm goes off in a world; returns what a host got. */
  async function sentTo(host: string, settings: Settings): Promise<Received[]> {
    await world.forget();
    await clients.endpoint.set(settings, REGION);
    await new Bus(REGION, clients).publish(alarmState(instance.alarm, "ALARM", "2026-11-21T10:00:00.000Z"));
    return (await clients.endpoint.received()).filter((r) => r.region === REGION && r.host === host);
  }

  it("posts to the URL that is the webhook's secret", async () => {
    const settings = { world: world.failing(instance), reboot: { polls: 0, then: world.healed(instance) } };
    const [message, ...others] = await sentTo("hooks.example.com", settings);
    assert.deepEqual([message?.method, message?.url, others], ["POST", SECRET, []]);
    const { title, severity } = JSON.parse(message?.body ?? "{}") as Record<string, string>;
    assert.deepEqual([title, severity], ["reports is healthy again after a restart", "warning"]);
  });

  it("triggers an event at PagerDuty in the EU, with the routing key and a key of instance and outage", async () => {
    const settings = { world: world.failing(instance), reboot: { polls: 0, then: {} } };
    const [event, ...others] = await sentTo("events.eu.pagerduty.com", settings);
    assert.deepEqual([event?.url, others], ["https://events.eu.pagerduty.com/v2/enqueue", []]);
    const { routing_key, event_action, dedup_key } = JSON.parse(event?.body ?? "{}") as Record<string, string>;
    assert.deepEqual(
      [routing_key, event_action, dedup_key],
      [SECRET, "trigger", `${instance.instanceId}/2026-11-21T10:00:00.000Z`],
    );
  });

  it("connects to the SSH host and port of the configuration", async () => {
    const received = await sentTo("reports.eu-west-1.internal.example.com:2222", { world: world.world() });
    assert.equal(received.length, 1);
  });
});
