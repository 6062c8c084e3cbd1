import { instanceOf, RdsEvent, stepDatabase } from "../../../model/rds";
import { Drill, DrillContext, Target } from "../drill";
import { RdsEvents } from "./events";
import { DatabaseWorld } from "./world";

const world = ({ clients, region }: Pick<Target, "clients" | "region">) => new DatabaseWorld(clients, region);

/** The drills of the databases. */
export const databaseDrills: readonly Drill[] = [
  {
    name: "database-failover",
    system: "database",
    description:
      "The zone of a database is lost: the standby takes over behind the same endpoint, and people are told of each event once. " +
      "The model says what RDS does and when (the worst that it documents); the drill plays its event notification, past the " +
      "deployed subscriptions, topic and key. The emulator doesn't move the instance to the other zone.",
    stackLacks: async (target) => ((await world(target).instance()) === undefined ? "Multi-AZ instance" : undefined),
    run: failOver,
  },
  {
    name: "database-password-rotated",
    system: "database",
    description:
      "A database's own master password is rotated: the drill calls the deployed function step by step, as Secrets Manager does, " +
      "and each step a second time, as it does when an answer is lost.",
    stackLacks: async (target) =>
      (await world(target).rotated()) === undefined ? "database with `masterPassword: own`" : undefined,
    run: rotatePassword,
  },
];

async function failOver(context: DrillContext): Promise<void> {
  const own = world(context);
  const events = new RdsEvents(context.region, context.clients);
  const before = (await own.instance()) ?? {};
  const { DBInstanceIdentifier: identifier = "", AvailabilityZone: zone = "" } = before;
  const zones = (before.DBSubnetGroup?.Subnets ?? []).map((s) => s.SubnetAvailabilityZone?.Name ?? "");
  const standby = zones.find((other) => other !== zone);
  context.expect(`${identifier} has subnets in another zone than ${zone} for its standby`, standby !== undefined);

  await context.inject(`${zone} is lost, where ${identifier} writes`);
  const atRest = instanceOf({ ...before, SecondaryAvailabilityZone: standby });
  const lost = { lostZones: [zone] };
  const started = stepDatabase(atRest, lost, 0);
  await tell(context, events, started.decisions);
  const seconds = started.state.endsAt ?? Infinity;
  await own.failOver(identifier);
  const ended = stepDatabase(started.state, lost, seconds);
  context.note(`${seconds} s of virtual time: ${ended.state.writer.AvailabilityZone} writes`);
  await tell(context, events, ended.decisions);

  context.expect(
    `another zone than ${zone} writes within 120 s`,
    seconds <= 120 && ended.state.writer.AvailabilityZone !== zone && ended.state.Status === "available",
    `${ended.state.writer.AvailabilityZone || "none"} after ${seconds} s`,
  );
  const after = await own.describe(identifier);
  const name = (one: typeof after) => `${one.Endpoint?.Address}:${one.Endpoint?.Port}`;
  context.expect(`RDS reports the same endpoint ${name(before)}`, name(after) === name(before), name(after));
  context.expect("RDS reports it as available", after.DBInstanceStatus === "available", after.DBInstanceStatus);

  const all = [...started.decisions, ...ended.decisions];
  const bodies = (await context.messages()).map((message) => message.body);
  for (const { EventID, Message } of all) {
    const found = bodies.filter((body) => body.includes(EventID) && body.includes(identifier)).length;
    context.expect(`people are told once: ${Message}`, found === 1, `${found} times`);
  }
  await expectOthersUntold(context, events, all);
}

/** RDS reports events; every subscription that they are for hears of them, by a topic that lets RDS publish. */
async function tell(context: DrillContext, events: RdsEvents, happened: readonly RdsEvent[]): Promise<void> {
  for (const event of happened) {
    const outcomes = await events.publish(event);
    context.note(`${event.EventID} at ${event.at} s of virtual time: ${event.Message}`);
    context.expect(`a subscription is for ${event.EventID}`, outcomes.length > 0);
    for (const refused of outcomes.filter((outcome) => outcome !== undefined)) {
      context.expect(`RDS may tell people of ${event.EventID}`, false, refused);
    }
  }
}

/** What happens to somebody else's database is not for these people. */
async function expectOthersUntold(context: DrillContext, events: RdsEvents, all: readonly RdsEvent[]): Promise<void> {
  for (const event of all) {
    await events.publish({ ...event, SourceIdentifier: `${event.SourceIdentifier}-of-others` });
  }
  const heard = (await context.messages()).length;
  context.expect("people hear nothing of other databases", heard === 0, `${heard} message(s)`);
}

const STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"];

async function rotatePassword(context: DrillContext): Promise<void> {
  const own = world(context);
  const rotated = await own.rotated();
  if (rotated === undefined) {
    throw new Error("the secret is gone");
  }
  const before = await own.secretValue(rotated);
  const token = await own.beginRotation(rotated);
  await context.inject("Secrets Manager begins a rotation, and calls each step twice");
  for (const step of STEPS) {
    for (const time of ["", " again"]) {
      const error = await own.rotate(rotated, step, token);
      context.note(`${step}${time}`);
      context.expect(`${step} runs without error${time}`, error === undefined, error);
    }
  }
  const after = await own.secretValue(rotated);
  context.expect(
    "the secret holds another password",
    after.password !== undefined && after.password !== before.password,
  );
  context.expect("it is still the same user's", after.username === before.username, after.username);
  for (const region of rotated.regions) {
    const there = await own.secretValue(rotated, region);
    context.expect(`the secret's replica in ${region} holds it too`, there.password === after.password);
  }
  const passwordsMade = (await context.calls()).filter((call) => call.action === "GetRandomPassword").length;
  context.expect("one password was made, though every step ran twice", passwordsMade === 1, passwordsMade);
  const told = (await context.calls()).some((call) => call.action === "ModifyDBInstance" && call.status === 200);
  context.expect("RDS was told of it", told);
}
