import { EC2Client } from "@aws-sdk/client-ec2";
import { alarmState } from "../../bus/events";
import { FUNCTIONS } from "../../endpoint/identity";
import { Drill } from "../drill";
import {
  ACTIVE_ACTIVE,
  alarmEvent,
  ANY,
  at,
  changeTemplate,
  expectCopies,
  expectMessages,
  GIVES_BACK,
  linkIs,
  minutePasses,
  needed,
  outpostDrill,
  SHARED,
  sharing,
  TELLS,
  WITH_TARGET_GROUP,
} from "./scene";

const RELAUNCHED = /instances are relaunched on/;
const GIVEN_BACK = /is back, instances on .* are terminated/;

/** The drills of the Outposts pairs. */
export const outpostDrills: readonly Drill[] = [
  outpostDrill("outpost-disconnected", "A server's service link goes down.", ANY, async (scene) => {
    const { context, pair } = scene;
    await context.inject(`${pair.source} is disconnected`);
    await linkIs(scene, pair.source, "ALARM");
    await expectCopies(scene, pair.destination, needed(at(pair, "source")));
    const subjects = (await context.messages()).map((m) => m.subject);
    context.expect(
      "CloudWatch's own message about the alarm is sent",
      subjects.some((s) => s.startsWith("ALARM: ")),
    );
    context.expect("people are told what was relaunched", subjects.filter((s) => RELAUNCHED.test(s)).length === 1);
  }),
  outpostDrill(
    "outpost-alarm-lost",
    "A server's link goes down and the event never arrives: the minute's look finds the alarm.",
    ANY,
    async (scene) => {
      const { context, world, pair } = scene;
      await context.inject(`${pair.source} is disconnected, without an event`);
      await world.disconnect(pair.source);
      await minutePasses(scene);
      await expectCopies(scene, pair.destination, needed(at(pair, "source")));
      await expectMessages(scene, [RELAUNCHED]);
    },
  ),
  outpostDrill("outpost-second-outage", "A server is lost, returns, and is lost again.", GIVES_BACK, async (scene) => {
    const { context, pair } = scene;
    await context.inject(`${pair.source} is disconnected`);
    await linkIs(scene, pair.source, "ALARM");
    await linkIs(scene, pair.source, "OK");
    await expectCopies(scene, pair.destination, [], " once it is back");
    await linkIs(scene, pair.source, "ALARM");
    await expectCopies(scene, pair.destination, needed(at(pair, "source")), " again");
    const subjects = (await context.messages()).map((m) => m.subject);
    context.expect("both relaunches are reported", subjects.filter((s) => RELAUNCHED.test(s)).length === 2);
  }),
  outpostDrill(
    "outpost-flapping",
    "A server's link comes and goes three times before its instances pass their checks: nothing is launched twice.",
    ANY,
    async (scene) => {
      const { context, world, pair } = scene;
      const own = await world.instances(pair.source);
      const impaired = Object.fromEntries(own.map((i) => [i.InstanceId ?? "", "impaired" as const]));
      await context.inject(`${pair.source} is disconnected, and its link flaps`, { world: { statusChecks: impaired } });
      await linkIs(scene, pair.source, "ALARM");
      const ids = async () =>
        (await world.copies(pair.destination, pair.name))
          .map((i) => i.InstanceId)
          .sort()
          .join();
      const first = await ids();
      for (let outage = 2; outage <= 3; outage++) {
        await linkIs(scene, pair.source, "OK");
        await minutePasses(scene);
        await linkIs(scene, pair.source, "ALARM");
        await minutePasses(scene);
        const then = await ids();
        context.expect(
          `the same instances run on ${pair.destination} in outage ${outage}`,
          then === first && then !== "",
        );
      }
      const subjects = (await context.messages()).map((m) => m.subject);
      context.expect("nothing is reported as not relaunched", !subjects.some((s) => s.includes("could not")));
    },
  ),
  outpostDrill(
    "outpost-duplicate-alarm",
    "The alarm's event arrives four times, the last time when all is over.",
    GIVES_BACK,
    async (scene) => {
      const { context, pair } = scene;
      await context.inject(`${pair.source} is disconnected`);
      await linkIs(scene, pair.source, "ALARM");
      const alarm = await alarmEvent(scene);
      await context.publish(alarm);
      await context.publish(alarm);
      await expectCopies(scene, pair.destination, needed(at(pair, "source")));
      await expectMessages(scene, [RELAUNCHED]);
      await linkIs(scene, pair.source, "OK");
      await context.publish(alarm);
      await expectCopies(scene, pair.destination, [], " when all is over");
      await expectMessages(scene, [GIVEN_BACK]);
    },
  ),
  outpostDrill(
    "outpost-reads-lag",
    "EC2 doesn't find for a while what was just launched, and the alarm's event comes again meanwhile.",
    ANY,
    async (scene) => {
      const { context, pair } = scene;
      await context.inject(`${pair.source} is disconnected, and reads lag behind launches`, {
        lag: { caller: FUNCTIONS, calls: 12 },
      });
      await linkIs(scene, pair.source, "ALARM");
      await context.publish(await alarmEvent(scene));
      await minutePasses(scene);
      const refused = (await context.calls()).filter((c) => c.action === "DescribeInstanceStatus" && c.status === 400);
      context.expect("EC2 has said that it doesn't know an instance", refused.length > 0);
      await expectCopies(scene, pair.destination, needed(at(pair, "source")));
      await context.change({});
      await minutePasses(scene);
      await expectCopies(scene, pair.destination, needed(at(pair, "source")), " when all is to be seen");
      await expectMessages(scene, [RELAUNCHED]);
    },
  ),
  outpostDrill(
    "outpost-storm",
    "The alarm's events of a flapping link arrive all at once while the account has one run of a function free, and are " +
      "backed off for minutes.",
    ANY,
    async (scene) => {
      const { context, world, pair } = scene;
      const [alarm = ""] = await world.alarms(pair.source, pair.name);
      await context.inject(`${pair.source} is disconnected after its link has flapped for minutes`);
      await world.disconnect(pair.source);
      const flaps = Array.from({ length: 6 }, (_, i) => [
        alarmState(alarm, "ALARM", new Date(Date.now() - (12 - 2 * i) * 60_000).toISOString()),
        alarmState(alarm, "OK", new Date(Date.now() - (11 - 2 * i) * 60_000).toISOString()),
      ]).flat();
      const storm = [...flaps, await alarmEvent(scene)];
      const deliveries = await context.publishAll(storm, storm.length, 1);
      const waited = Math.max(...deliveries.map((d) => d.waitedSeconds ?? 0));
      context.note(`Lambda has run the last of ${deliveries.length} events after ${waited} s`);
      context.expect("Lambda has backed events off for more than five minutes", waited > 300, waited);
      await expectCopies(scene, pair.destination, needed(at(pair, "source")));
      await minutePasses(scene);
      await expectCopies(scene, pair.destination, needed(at(pair, "source")), " a minute later");
      await expectMessages(scene, [RELAUNCHED]);
    },
  ),
  outpostDrill(
    "outpost-metric-gap",
    "The alarm goes off without a datum that says disconnected: a gap in the metric is no outage.",
    ANY,
    async (scene) => {
      const { context, world, pair } = scene;
      await context.inject(`${pair.source}'s alarm goes off, and its metric doesn't say why`);
      await world.alarmOnly(pair.source);
      await context.publish(await alarmEvent(scene));
      await expectCopies(scene, pair.destination, []);
    },
  ),
  outpostDrill(
    "outpost-destination-full",
    "The destination has room for some of the applications only.",
    ANY,
    async (scene) => {
      const { context, world, pair } = scene;
      const lost = [...at(pair, "source")].sort((a, b) => a.priority - b.priority);
      const [first] = lost;
      if (first === undefined) {
        return;
      }
      const { instanceType, count } = first;
      const capacity = world.config.servers[pair.destination]?.capacity[instanceType] ?? 0;
      const running = (await world.instances(pair.destination)).filter((i) => i.InstanceType === instanceType);
      await world.run(pair.destination, { ...first, targetGroupArns: [] }, capacity - running.length - (count - 1));
      await context.inject(
        `${pair.source} is disconnected; ${pair.destination} has room for ${count - 1} ${instanceType}`,
      );
      await linkIs(scene, pair.source, "ALARM");
      const others = needed(lost.filter((a) => a.instanceType !== instanceType));
      await expectCopies(scene, pair.destination, [...Array<string>(count - 1).fill(instanceType), ...others].sort());
      const missing = needed(lost).length - others.length - (count - 1);
      const [body = ""] = await expectMessages(scene, [
        new RegExp(`${missing} instance\\(s\\) could not be relaunched`),
      ]);
      const said = `${first.name}: ${count} wanted`;
      const line = body.split("\n").find((l) => l.startsWith(said)) ?? "";
      context.expect(
        "the message says which did not fit",
        line.includes(`1 refused: ${pair.destination} has room for ${count - 1} of ${count}`),
      );
    },
  ),
  outpostDrill(
    "outpost-no-capacity",
    "EC2 has no capacity for one of the instances; the others go on, and it is launched when there is.",
    ANY,
    async (scene) => {
      const { context, pair } = scene;
      const all = needed(at(pair, "source"));
      await context.inject(`${pair.source} is disconnected, and EC2 refuses one launch`, {
        fault: { kind: "capacity", caller: FUNCTIONS, action: "RunInstances", from: 0, count: 1 },
      });
      await linkIs(scene, pair.source, "ALARM");
      const [body = ""] = await expectMessages(scene, [/1 instance\(s\) could not be relaunched/]);
      context.expect("the message says what EC2 said", /1 refused: InsufficientInstanceCapacity/.test(body));
      context.note("EC2 has capacity again");
      await context.change({});
      await minutePasses(scene);
      await expectCopies(scene, pair.destination, all, " in the end");
      await expectMessages(scene, [RELAUNCHED]);
    },
  ),
  outpostDrill(
    "outpost-template-changed",
    "Somebody makes another version of a launch template the default: what is launched is what was deployed.",
    ANY,
    async (scene) => {
      const { context, world, pair } = scene;
      const ec2 = context.clients.make(EC2Client, context.region);
      const own = (await world.instances(pair.source)).map((i) => i.ImageId);
      const changes = await Promise.all(
        at(pair, "source").map(({ launchTemplate }) => changeTemplate(ec2, launchTemplate)),
      );
      try {
        await context.inject(`${pair.source} is disconnected, and its templates have a newer default`);
        await linkIs(scene, pair.source, "ALARM");
        await expectCopies(scene, pair.destination, needed(at(pair, "source")));
        const images = (await world.copies(pair.destination, pair.name)).map((i) => i.ImageId);
        context.expect(
          "they run the image that was deployed",
          images.length > 0 && images.every((i) => own.includes(i)),
        );
        await expectMessages(scene, [RELAUNCHED]);
      } finally {
        await Promise.all(changes.map((undo) => undo()));
      }
    },
  ),
  outpostDrill(
    "outpost-target-group",
    "Traffic goes to the relaunched instances, and back before they are terminated.",
    WITH_TARGET_GROUP,
    async (scene) => {
      const { context, world, pair } = scene;
      const group = at(pair, "source").flatMap((a) => a.targetGroupArns)[0] ?? "";
      const before = [...(await world.members(group)).keys()].sort();
      await context.inject(`${pair.source} is disconnected`);
      await linkIs(scene, pair.source, "ALARM");
      const copies = (await world.copies(pair.destination, pair.name)).map((i) => i.InstanceId ?? "");
      const during = [...(await world.members(group)).keys()];
      const moved = during.length === before.length && during.every((id) => copies.includes(id));
      context.expect("the relaunched instances, and no others, are in the target group", moved);
      await linkIs(scene, pair.source, "OK");
      await minutePasses(scene);
      const after = [...(await world.members(group)).keys()].sort();
      context.expect("the source's instances are in the target group again", after.join() === before.join());
      await expectCopies(scene, pair.destination, [], " in the end");
    },
  ),
  outpostDrill(
    "outpost-active-active",
    "The destination of an active-active pair is lost: its own applications move the other way.",
    ACTIVE_ACTIVE,
    async (scene) => {
      const { context, pair } = scene;
      await context.inject(`${pair.destination} is disconnected`);
      await linkIs(scene, pair.destination, "ALARM");
      await expectCopies(scene, pair.source, needed(at(pair, "destination")));
      await expectCopies(scene, pair.destination, []);
      await expectMessages(scene, [RELAUNCHED]);
    },
  ),
  outpostDrill(
    "outpost-shared-destination",
    "Two servers that share a destination are lost.",
    SHARED,
    async (scene) => {
      const { context, world, pair } = scene;
      const other = sharing(pair, world.config) ?? pair;
      await context.inject(`${pair.source} and ${other.source} are disconnected`);
      await linkIs(scene, pair.source, "ALARM");
      await linkIs(scene, other.source, "ALARM");
      await expectCopies(scene, pair.destination, needed(at(pair, "source")));
      await expectCopies({ ...scene, pair: other }, other.destination, needed(at(other, "source")));
      await expectMessages(scene, [RELAUNCHED]);
    },
  ),
  outpostDrill(
    "outpost-returns",
    "A lost server returns: what was relaunched is terminated once its own instances pass their checks.",
    GIVES_BACK,
    async (scene) => {
      const { context, world, pair } = scene;
      const own = (await world.instances(pair.source)).map((i) => i.InstanceId ?? "");
      await linkIs(scene, pair.source, "ALARM");
      const impaired = Object.fromEntries(own.map((id) => [id, "impaired" as const]));
      await context.inject(`${pair.source} is connected again`, { world: { statusChecks: impaired } });
      await linkIs(scene, pair.source, "OK");
      await expectCopies(scene, pair.destination, needed(at(pair, "source")), " while they don't");
      context.note(`${pair.source}'s instances pass their checks`);
      await context.change({});
      await minutePasses(scene);
      await expectCopies(scene, pair.destination, [], " once they do");
      const left = (await world.instances(pair.source)).map((i) => i.InstanceId ?? "");
      context.expect(
        `${pair.source}'s own instances still run`,
        own.every((id) => left.includes(id)),
      );
      await expectMessages(scene, [GIVEN_BACK]);
    },
  ),
  outpostDrill(
    "outpost-returns-told",
    "A lost server returns: people are told once, and nothing is terminated.",
    TELLS,
    async (scene) => {
      const { context, pair } = scene;
      await linkIs(scene, pair.source, "ALARM");
      await context.inject(`${pair.source} is connected again`);
      await linkIs(scene, pair.source, "OK");
      await minutePasses(scene);
      await expectCopies(scene, pair.destination, needed(at(pair, "source")));
      const [body = ""] = await expectMessages(scene, [/is back$/]);
      context.expect("the message names what still runs", /Still running on .*: i-/.test(body));
    },
  ),
  outpostDrill(
    "outposts-both-down",
    "Both servers of a pair are disconnected, and then one is back.",
    ANY,
    async (scene) => {
      const { context, world, pair } = scene;
      await context.inject(`${pair.source} and ${pair.destination} are disconnected`);
      await world.disconnect(pair.destination);
      await linkIs(scene, pair.source, "ALARM");
      await expectCopies(scene, pair.destination, []);
      const [body = ""] = await expectMessages(scene, [/relaunch failed, .* are both disconnected/]);
      context.expect("the message says why", body.includes("disconnected too: nothing was launched"));
      await linkIs(scene, pair.destination, "OK");
      await minutePasses(scene);
      await expectCopies(scene, pair.destination, needed(at(pair, "source")), " once it is back");
    },
  ),
];
