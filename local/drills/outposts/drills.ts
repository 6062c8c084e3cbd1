import { PairConfig } from "../../stacks/stackFiles";
import { Drill, DrillContext } from "../drill";
import { alarmState } from "../../bus/events";
import { OutpostWorld } from "./world";

const PLAYED =
  "The endpoint answers the Outposts API, which neither emulator has; the drill sets the metric and the alarm's state and plays its event.";

/** A drill that begins with every server connected and the applications running where they normally do. */
function outpostDrill(
  name: string,
  description: string,
  play: (context: DrillContext, world: OutpostWorld, pair: PairConfig) => Promise<void>,
): Drill {
  return {
    name,
    system: "outposts",
    description: `${description} ${PLAYED}`,
    run: async (context) => {
      const world = await OutpostWorld.find(context.stack, context.clients);
      await world.reset();
      const pair = world.pair("store");
      await world.runApplications(pair, "source");
      await world.runApplications(pair, "destination");
      await play(context, world, pair);
    },
  };
}

/** A server's service link goes down or comes back; each alarm on it reports that, with the same moment. */
async function report(
  context: DrillContext,
  world: OutpostWorld,
  server: string,
  value: "ALARM" | "OK",
  at = new Date().toISOString(),
): Promise<string> {
  await world.setConnected(server, value === "OK");
  context.note(`${server}'s alarms: ${value}`);
  for (const alarm of await world.alarms(server)) {
    const deliveries = await context.bus.publish(alarmState(alarm, value, at));
    for (const { rule, error } of deliveries) {
      context.expect(`${rule} runs without error${error === undefined ? "" : `, not: ${error}`}`, error === undefined);
    }
  }
  return at;
}

/** The types of the instances that a side's applications need, sorted. */
function needed(world: OutpostWorld, pair: PairConfig, side: "source" | "destination"): string[] {
  return world
    .applications(pair, side)
    .flatMap((a) => Array<string>(a.count).fill(a.instanceType))
    .sort();
}

async function expectRelaunched(
  context: DrillContext,
  world: OutpostWorld,
  server: string,
  pair: string,
  types: readonly string[],
): Promise<void> {
  const found = await world.relaunched(server, pair);
  const held = JSON.stringify(found) === JSON.stringify(types);
  const what = `EC2 reports ${types.length} instance(s) relaunched on ${server} for ${pair}`;
  context.expect(held ? what : `${what} (${types.join(", ")}), not ${found.join(", ") || "none"}`, held);
}

/** Expects the callbacks' messages of a pair: each once, and no other. */
async function expectMessages(context: DrillContext, pair: string, subjects: readonly RegExp[]): Promise<string[]> {
  const messages = (await context.messages()).filter((m) => m.subject.startsWith(`${pair}: `));
  const found = messages.map((m) => m.subject);
  const held = found.length === subjects.length && subjects.every((s) => found.filter((f) => s.test(f)).length === 1);
  const what = `people are told ${subjects.length} thing(s) about ${pair}, once`;
  context.expect(held ? what : `${what}, not: ${found.join(" | ") || "nothing"}`, held);
  return messages.map((m) => m.body);
}

const RELAUNCHED = /instances are relaunched on/;

/** The drills of the Outposts pairs. */
export const outpostDrills: readonly Drill[] = [
  outpostDrill("outpost-disconnected", "A server's service link goes down.", async (context, world, pair) => {
    await context.inject(`${pair.source} is disconnected`);
    await report(context, world, pair.source, "ALARM");
    await expectRelaunched(context, world, pair.destination, pair.name, needed(world, pair, "source"));
    const alarms = (await context.messages()).filter((m) => m.subject.startsWith("ALARM: "));
    context.expect("CloudWatch's own message about the alarm is sent", alarms.length > 0);
  }),
  outpostDrill(
    "outpost-second-outage",
    "A server is lost, returns, and is lost again.",
    async (context, world, pair) => {
      await context.inject(`${pair.source} is disconnected`);
      await report(context, world, pair.source, "ALARM");
      await report(context, world, pair.source, "OK");
      await expectRelaunched(context, world, pair.destination, pair.name, []);
      await report(context, world, pair.source, "ALARM");
      await expectRelaunched(context, world, pair.destination, pair.name, needed(world, pair, "source"));
      const subjects = (await context.messages()).map((m) => m.subject);
      context.expect("both relaunches are reported", subjects.filter((s) => RELAUNCHED.test(s)).length === 2);
    },
  ),
  outpostDrill(
    "outpost-duplicate-alarm",
    "The alarm's event arrives four times, the last time when all is over.",
    async (context, world, pair) => {
      await context.inject(`${pair.source} is disconnected`);
      const at = await report(context, world, pair.source, "ALARM");
      await report(context, world, pair.source, "ALARM", at);
      await report(context, world, pair.source, "ALARM", at);
      await expectRelaunched(context, world, pair.destination, pair.name, needed(world, pair, "source"));
      await expectMessages(context, pair.name, [RELAUNCHED]);
      await report(context, world, pair.source, "OK");
      const [alarm = ""] = await world.alarms(pair.source, pair.name);
      await context.publish(alarmState(alarm, "ALARM", at));
      await expectRelaunched(context, world, pair.destination, pair.name, []);
      await expectMessages(context, pair.name, [/is back, instances on .* are terminated/]);
    },
  ),
  outpostDrill(
    "outpost-destination-full",
    "The destination has room for some of the applications only.",
    async (context, world, pair) => {
      const [first] = world.applications(pair, "source");
      const capacity = world.config.servers[pair.destination]?.capacity[first?.instanceType ?? ""] ?? 0;
      const running = (await world.instances(pair.destination)).filter((i) => i.InstanceType === first?.instanceType);
      const [filler] = world.applications(pair, "destination");
      if (filler) {
        await world.run(pair.destination, filler, capacity - running.length - 1);
      }
      await context.inject(`${pair.source} is disconnected; ${pair.destination} has room for 1 ${first?.instanceType}`);
      await report(context, world, pair.source, "ALARM");
      const fitting = needed(world, pair, "source").filter((t) => t !== first?.instanceType);
      const expected = [first?.instanceType ?? "", ...fitting].sort();
      await expectRelaunched(context, world, pair.destination, pair.name, expected);
      const [body = ""] = await expectMessages(context, pair.name, [/1 instance\(s\) could not be relaunched/]);
      context.expect("the message says which did not fit", /point-of-sale: .*1 refused: .*room for 1 of 2/.test(body));
    },
  ),
  outpostDrill(
    "outpost-active-active",
    "The destination of an active-active pair is lost: its own applications move the other way.",
    async (context, world, pair) => {
      await context.inject(`${pair.destination} is disconnected`);
      await report(context, world, pair.destination, "ALARM");
      await expectRelaunched(context, world, pair.source, pair.name, needed(world, pair, "destination"));
      await expectRelaunched(context, world, pair.destination, pair.name, []);
      await expectMessages(context, pair.name, [RELAUNCHED]);
    },
  ),
  outpostDrill(
    "outpost-shared-destination",
    "Two servers that share a destination are lost.",
    async (context, world, pair) => {
      const other = world.pair("kiosk");
      await world.runApplications(other, "source");
      await context.inject(`${pair.source} and ${other.source} are disconnected`);
      await report(context, world, pair.source, "ALARM");
      await report(context, world, other.source, "ALARM");
      await expectRelaunched(context, world, pair.destination, pair.name, needed(world, pair, "source"));
      await expectRelaunched(context, world, other.destination, other.name, needed(world, other, "source"));
      await expectMessages(context, pair.name, [RELAUNCHED]);
    },
  ),
  outpostDrill(
    "outpost-returns",
    "Lost servers return: one pair terminates what was relaunched once the source passes its checks, the other only tells.",
    async (context, world, pair) => {
      const other = world.pair("kiosk");
      await world.runApplications(other, "source");
      const own = (await world.instances(pair.source)).map((i) => i.InstanceId ?? "");
      await report(context, world, pair.source, "ALARM");
      await report(context, world, other.source, "ALARM");
      const impaired = Object.fromEntries(own.map((id) => [id, "impaired" as const]));
      await context.inject(`${pair.source} and ${other.source} are connected again`, {
        world: { statusChecks: impaired },
      });
      await report(context, world, pair.source, "OK");
      await expectRelaunched(context, world, pair.destination, pair.name, needed(world, pair, "source"));
      context.note(`${pair.source}'s instances pass their checks`);
      await context.change({});
      await context.bus.tick("store", "kiosk");
      await expectRelaunched(context, world, pair.destination, pair.name, []);
      const stillThere = (await world.instances(pair.source)).length;
      context.expect(`${pair.source}'s own instances still run`, stillThere === own.length);
      await report(context, world, other.source, "OK");
      await expectRelaunched(context, world, other.destination, other.name, needed(world, other, "source"));
      const subjects = (await context.messages()).map((m) => m.subject);
      context.expect(
        "people are told of both returns",
        ["store: store-a is back, instances on store-b are terminated", "kiosk: store-c is back"].every((s) =>
          subjects.includes(s),
        ),
      );
    },
  ),
  outpostDrill("outposts-both-down", "Both servers of a pair are disconnected.", async (context, world, pair) => {
    await context.inject(`${pair.source} and ${pair.destination} are disconnected`);
    await world.setConnected(pair.destination, false);
    await world.reportStatus(pair.destination, 0);
    await report(context, world, pair.source, "ALARM");
    await expectRelaunched(context, world, pair.destination, pair.name, []);
    const [body = ""] = await expectMessages(context, pair.name, [/relaunch failed, .* are both disconnected/]);
    context.expect("the message says why", body.includes("disconnected too: nothing was launched"));
  }),
];
