import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { DBInstance } from "@aws-sdk/client-rds";
import {
  GetConfigurationSetCommand,
  GetEmailIdentityCommand,
  ListConfigurationSetsCommand,
  SESv2Client,
} from "@aws-sdk/client-sesv2";
import { inspect, isDeepStrictEqual } from "node:util";
import { Drill, DrillContext, Target } from "../drill";
import { PilotLight, Standby } from "../system";
import { answeredIn } from "./answered";
import { Dns } from "./dns";
import { Copied, Files } from "./files";
import { Replicas, replicaSettings } from "./replica";
import { PublicName, Scene, sceneOf } from "./scene";

/** How long a Region that has come back is watched, and how long one that comes and goes. */
const WATCHED_SECONDS = 1800;
/** Within which a switch that a person turns has its effect: its metric's minute is over, and CloudWatch has looked. */
const TURN_SECONDS = 120;

/** The drills of a pair of Regions. */
export const dnsFailoverDrills = (pilotLight: PilotLight): readonly Drill[] => [
  {
    name: "region-lost",
    system: "dnsFailover",
    description:
      "The primary's Region is lost: AWS answers nothing there. The deployed records, checks and listeners say when Route 53 " +
      "answers with the standby (the model's Route 53, in virtual time); a pilot light is lit by the runbook's command first, " +
      "and put out in the end. Files written before are in the standby's bucket, the database's " +
      "replica is promoted by the runbook's command, mail goes out by the standby's SES. When the Region is back, what was " +
      "promoted is deleted and a replica made anew, as it was.",
    alone: true,
    stackLacks,
    run: leftUnlit(pilotLight, loseRegion),
  },
  {
    name: "region-returns",
    system: "dnsFailover",
    description:
      "The lost Region comes back, stumbling: Route 53 answers with it again when it has been well for as long as its check asks " +
      "for, and not while a person holds it back by a metric in the standby's Region. What was written to the standby's " +
      "bucket meanwhile is in the primary's.",
    alone: true,
    stackLacks,
    run: leftUnlit(pilotLight, returnRegion),
  },
];

async function stackLacks({ clients, config, region }: Target): Promise<string | undefined> {
  const { dnsFailover = [], partner } = config;
  if (partner?.role !== "primary") {
    return "primary role: it is drilled with its partner";
  }
  const { names } = await sceneOf(dnsFailover, [region, partner.region], clients);
  return names.some(({ records }) => records.length < 2) ? "partner that is up" : undefined;
}

/** What a drill of a pair works with. */
interface Pair {
  readonly partner: Standby;
  /** The Regions that users are led to while all is well. */
  readonly whole: readonly string[];
  readonly scene: Scene;
  readonly files: Files;
  readonly copied: readonly Copied[];
}

async function pairOf({ clients, config, region, stack }: DrillContext): Promise<Pair> {
  const { dnsFailover = [], partner, userFiles = [] } = config;
  if (partner === undefined) {
    throw new Error("the stack has no partner");
  }
  const files = new Files(clients, region, partner.region);
  return {
    partner,
    whole: partner.mode === "active-active" ? [region, partner.region].sort() : [region],
    scene: await sceneOf(dnsFailover, [region, partner.region], clients),
    files,
    copied: await files.copied(stack, userFiles.map(({ name }) => name)), // prettier-ignore
  };
}

/** Every call to AWS in the Region fails, also the drill's own: whatever goes on needs nothing of it. */
const LOST = { fault: { kind: "error", caller: "", from: 0, count: Number.MAX_SAFE_INTEGER } } as const;

async function loseRegion(context: DrillContext, pilotLight: PilotLight): Promise<void> {
  const pair = await pairOf(context);
  const { partner, scene, files, copied } = pair;
  const { clients, region } = context;
  const text = "written before the Region was lost";
  const key = `drills/${context.stack}/before`;
  for (const { from, to } of copied) {
    await files.write(region, from, key, text);
    await files.arrived(partner.region, to, key);
  }

  const answered = new Map<string, ReadonlySet<string>>();
  const dns = new Dns(scene, (served, _, name) => answered.get(served)?.has(name) === true);
  for (const one of [region, partner.region]) {
    answered.set(one, await answeredIn(one, scene, clients));
  }
  dns.pass(WATCHED_SECONDS);
  for (const name of scene.names) {
    expectLed(context, dns, name, pair.whole, "while all is well");
  }

  await context.inject(`${region} is lost`, LOST);
  await expectSilence(context);
  answered.delete(region);
  if (partner.mode === "pilot-light") {
    dns.pass(WATCHED_SECONDS);
    for (const name of scene.names.filter((one) => !answered.get(partner.region)?.has(ownName(partner, one)))) {
      expectLed(context, dns, name, pair.whole, `as long as ${partner.stack} isn't lit`);
    }
    dns.pass(await pilotLight.light(context, partner));
    answered.set(partner.region, await answeredIn(partner.region, scene, clients));
  }
  for (const name of scene.names) {
    const seconds = dns.until(() => dns.answers(name).join() === partner.region);
    expectWithin(context, `${name.domainName} leads to ${partner.region}`, seconds, scene.noticedWithin(name));
    context.note(
      `${seconds} s and the ${dns.kept(name)} s that resolvers keep it: ${seconds + dns.kept(name)} s in all`,
    );
  }
  expectFailingOpen(context, pair);
  for (const { from, to, promisedSeconds } of copied) {
    const found = await files.read(partner.region, to, key);
    context.expect(`what was written to ${from} before is in ${to}`, found === text, found);
    const lost = `of files at most the last ${promisedSeconds ?? "?"} s are lost, by S3's promise`;
    context.expect(lost, promisedSeconds !== undefined);
  }
  const replicas = new Replicas(clients, partner.region);
  const before = await replicas.of(region);
  try {
    await promoteAll(context, partner, replicas, before);
    await expectMail(context, partner);
    sayWhatIsMissing(context, copied.length, before.length);
  } finally {
    await context.change({});
    await makeAllAnew(context, replicas, before);
  }
  await Promise.all(copied.map((one) => files.remove(one, key)));
}

async function returnRegion(context: DrillContext, pilotLight: PilotLight): Promise<void> {
  const pair = await pairOf(context);
  const { partner, scene, files, copied } = pair;
  const { clients, region } = context;
  const text = "written while the Region was lost";
  const key = `drills/${context.stack}/meanwhile`;
  let serves: (at: number) => boolean = () => false;
  let answered: ReadonlySet<string> = new Set();
  const dns = new Dns(scene, (served, at, name) => (served === region ? serves(at) : answered.has(name)));

  await context.inject(`${region} is lost`, LOST);
  if (partner.mode === "pilot-light") {
    await pilotLight.light(context, partner);
  }
  answered = await answeredIn(partner.region, scene, clients);
  dns.until(() => scene.names.every((name) => dns.answers(name).join() === partner.region));
  for (const { to } of copied) {
    await files.write(partner.region, to, key, text);
  }
  await context.change({});
  serves = (at) => scene.stumbles(at);
  context.note(`${region} is back, and stumbles: it never answers as often in a row as its check asks for`);
  expectSteady(context, pair, dns, "while it stumbles");
  await turn(context, pair, dns, 1);
  serves = () => true;
  context.note(`a person holds ${region} back, which is well again`);
  expectSteady(context, pair, dns, "while it is held back");
  await turn(context, pair, dns, 0);
  for (const name of scene.names) {
    const seconds = dns.until(() => dns.answers(name).join() === pair.whole.join());
    expectWithin(context, `released, ${name.domainName} leads to ${pair.whole.join(" and ")}`, seconds, TURN_SECONDS);
    const changes = dns.watch(WATCHED_SECONDS, name);
    context.expect(`${name.domainName} stays there`, changes === 0, `${changes} changes`);
  }
  for (const { from, to } of copied) {
    await files.arrived(region, from, key);
    context.expect(`what was written to ${to} meanwhile is in ${from}`, (await files.read(region, from, key)) === text);
  }
  await Promise.all(copied.map((one) => files.remove(one, key)));
  await forceFailover(context, pair, dns);
  sayWhatIsMissing(context, copied.length);
}

/** A drill that lights a pilot light, which is out again afterwards, whatever came of it. */
const leftUnlit =
  (pilotLight: PilotLight, play: (context: DrillContext, pilotLight: PilotLight) => Promise<void>): Drill["run"] =>
  async (context) => {
    const { partner } = context.config;
    try {
      await play(context, pilotLight);
    } finally {
      if (partner?.mode === "pilot-light") {
        await pilotLight.putOut(context, partner);
      }
    }
  };

/** The name that leads to the partner's Region alone. */
const ownName = ({ region }: Standby, { domainName }: PublicName) => `${region}.${domainName}`;

/** A healthy Region is left on purpose, and gone back to. */
async function forceFailover(context: DrillContext, pair: Pair, dns: Dns): Promise<void> {
  for (const [value, regions] of [
    [1, [pair.partner.region]],
    [0, pair.whole],
  ] as const) {
    await turn(context, pair, dns, value);
    for (const name of pair.scene.names) {
      const seconds = dns.until(() => dns.answers(name).join() === regions.join());
      expectWithin(
        context,
        `turned by hand, ${name.domainName} leads to ${regions.join(" and ")}`,
        seconds,
        TURN_SECONDS,
      );
    }
  }
}

/** Names go on leading to the partner's Region alone. */
function expectSteady(context: DrillContext, { partner, scene }: Pair, dns: Dns, when: string): void {
  for (const name of scene.names) {
    const changes = dns.watch(WATCHED_SECONDS, name);
    context.expect(`${name.domainName} doesn't go to and fro ${when}`, changes === 0, `${changes} changes`);
    expectLed(context, dns, name, [partner.region], when);
  }
}

/** Holds the primary's Region back, or releases it, as the runbook's command does: in the partner's Region. */
async function turn({ clients }: DrillContext, pair: Pair, dns: Dns, value: 0 | 1): Promise<void> {
  for (const alarm of pair.scene.holdsOf(pair.partner.region)) {
    const { Namespace, MetricName = "", Dimensions, AlarmName = "" } = alarm;
    const cloudWatch = clients.make(CloudWatchClient, alarm.region);
    await cloudWatch.send(
      new PutMetricDataCommand({ Namespace, MetricData: [{ MetricName, Dimensions, Value: value }] }),
    );
    dns.put(AlarmName, value);
  }
}

async function expectSilence(context: DrillContext): Promise<void> {
  const { clients, region } = context;
  const silent = await clients
    .make(EC2Client, region)
    .send(new DescribeVpcsCommand({}))
    .then(() => false)
    .catch(() => true);
  context.expect(`AWS answers nothing in ${region}`, silent);
}

function expectLed(context: DrillContext, dns: Dns, name: PublicName, regions: readonly string[], when: string): void {
  const led = dns.answers(name).join(" and ");
  context.expect(`${name.domainName} leads to ${regions.join(" and ")} ${when}`, led === regions.join(" and "), led);
}

function expectWithin(context: DrillContext, what: string, seconds: number, limit: number): void {
  context.note(`${seconds} s of virtual time: ${what}`);
  context.expect(`${what} within ${limit} s`, seconds <= limit, `after ${seconds} s`);
}

/** If neither Region seems to serve, users are led where they were: the checks may be what is wrong. */
function expectFailingOpen(context: DrillContext, { scene, whole }: Pair): void {
  const dns = new Dns(scene, () => false);
  for (const name of scene.names) {
    dns.watch(WATCHED_SECONDS, name);
    expectLed(context, dns, name, whole, "if no check of any Region passes");
  }
}

/** Promotes what follows a database of the lost Region. */
async function promoteAll(
  context: DrillContext,
  { region }: Standby,
  replicas: Replicas,
  before: readonly DBInstance[],
): Promise<void> {
  for (const replica of before) {
    const id = replica.DBInstanceIdentifier ?? "";
    const behind = await replicas.mayBeBehind(replica);
    context.expect(`of ${id} at most ${behind ?? "?"} s are lost before people are told`, behind !== undefined);
    await replicas.promote(replica);
    context.note(`aws rds promote-read-replica --region ${region} --db-instance-identifier ${id}`);
    const { ReadReplicaSourceDBInstanceIdentifier: source, DBInstanceStatus } = await replicas.describe(replica);
    const isOwn = source === undefined && DBInstanceStatus === "available";
    context.expect(`${id} follows nobody and can be written to`, isOwn, source ?? DBInstanceStatus);
  }
}

/** The last of going back: databases of the standby follow those of the Region again. */
async function makeAllAnew(context: DrillContext, replicas: Replicas, before: readonly DBInstance[]): Promise<void> {
  for (const replica of before) {
    await replicas.makeAnew(replica);
    const found = await replicas.describe(replica);
    const follows =
      found.DBInstanceStatus === "available" && isDeepStrictEqual(replicaSettings(found), replicaSettings(replica));
    const source = replica.ReadReplicaSourceDBInstanceIdentifier;
    context.expect(`${replica.DBInstanceIdentifier} follows ${source} again, as it did`, follows, inspect(found));
  }
}

async function expectMail(context: DrillContext, { stack, region }: Standby): Promise<void> {
  const { clients, config } = context;
  const ses = clients.make(SESv2Client, region);
  const { ConfigurationSets = [] } = await ses.send(new ListConfigurationSetsCommand({}));
  for (const { domainName: EmailIdentity, name } of config.mail ?? []) {
    const ConfigurationSetName = ConfigurationSets.find((set) => set.endsWith(`${stack}-${name}`));
    await ses.send(new GetEmailIdentityCommand({ EmailIdentity }));
    const { DeliveryOptions } = await ses.send(new GetConfigurationSetCommand({ ConfigurationSetName }));
    const what = `mail from ${EmailIdentity} can be sent in ${region}, over TLS`;
    context.expect(what, DeliveryOptions?.TlsPolicy === "REQUIRE", DeliveryOptions?.TlsPolicy);
  }
}

function sayWhatIsMissing(context: DrillContext, copied: number, replicas?: number): void {
  if (copied === 0) {
    context.note("the stack has no user files that are copied: none were looked for");
  }
  if (replicas === 0) {
    context.note("no database in the partner's Region follows one in this: none was promoted");
  }
}
