import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DescribeLaunchTemplatesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { OutpostsClient } from "@aws-sdk/client-outposts";
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import assert from "node:assert/strict";
import { AlarmEvent } from "../../../lambdas/outposts/alarm";
import { RelaunchClients } from "../../../lambdas/outposts/clients";
import { reconcile } from "../../../lambdas/outposts/reconcile";
import { RelaunchSettings } from "../../../lambdas/outposts/settings";
import { Bus } from "../../../local/bus/bus";
import { Clients } from "../../../local/endpoint/clients";
import { alarmEvent } from "../../../local/drills/outposts/scene";
import { OutpostWorld } from "../../../local/drills/outposts/world";
import { Inbox } from "../../../local/bus/inbox";
import { PairConfig } from "../../../local/stacks/stackFiles";
import { FailedCall, failEach, impatient, stateTable } from "../failEach";
import { bringUp } from "../up";

const REGION = "us-east-1";

/** Against the emulators, what is hardest to get right; every call and every other way is tried on the fake AWS. */
const KINDS = ["lostAnswer", "throttle"] as const;
const WRITES = /^(RunInstances|TerminateInstances|UpdateItem|Publish|RegisterTargets|DeregisterTargets)$/;

describe("reconcile, each AWS call failing in turn, run again", () => {
  let clients: Clients;
  let world: OutpostWorld;
  let pair: PairConfig;
  let settings: RelaunchSettings;
  let inbox: Inbox;
  let bus: Bus;
  const { log } = console;

  const handlerClients = (): RelaunchClients => {
    const config = impatient(clients, REGION);
    return {
      ec2: new EC2Client(config),
      loadBalancing: new ElasticLoadBalancingV2Client(config),
      outposts: new OutpostsClient(config),
      cloudWatch: new CloudWatchClient(config),
      dynamoDb: new DynamoDBClient(config),
      sns: new SNSClient(config),
    };
  };
  const handle = (event: AlarmEvent) => reconcile(event, settings, handlerClients());

  before(async () => {
    console.log = () => undefined;
    clients = bringUp();
    world = await OutpostWorld.find("prod-us-east-1", clients);
    const found = world.config.pairs.find((p) => p.failback === "terminate-relaunched");
    assert.ok(found, "the stack has no pair that gives back");
    pair = found;
    inbox = await Inbox.open(REGION, clients);
    bus = new Bus(REGION, clients);
    await bus.pauseSchedules();
    const { LaunchTemplates = [] } = await clients.make(EC2Client, REGION).send(new DescribeLaunchTemplatesCommand({}));
    const { Topics = [] } = await clients.make(SNSClient, REGION).send(new ListTopicsCommand({}));
    const server = (name: string) => {
      const { outpost = "", capacity = {} } = world.config.servers[name] ?? {};
      return { name, outpost, outpostId: outpost, subnetIds: [world.subnet(name)], capacity };
    };
    settings = {
      system: "nplusone/test/outposts/faults-a",
      pair: "faults",
      source: server(pair.source),
      destination: server(pair.destination),
      applications: world.applications(pair, "source").map((a) => ({
        name: a.name,
        launchTemplateId:
          LaunchTemplates.find((t) => t.LaunchTemplateName === a.launchTemplate.name)?.LaunchTemplateId ?? "",
        version: "1",
        networkInterfaces: [],
        instanceType: a.instanceType,
        count: a.count,
        subnetId: world.subnet(pair.destination),
        targetGroupArns: a.targetGroupArns,
      })),
      failback: "terminate-relaunched",
      sourceAlarm: {
        name: (await world.alarms(pair.source, pair.name))[0] ?? "",
        ...{ periodSeconds: 60, evaluationPeriods: 3 },
      },
      ownerAccountId: undefined,
      stateTable: await stateTable(clients, REGION),
      topicArn: Topics.find((t) => t.TopicArn?.includes(":notifications-"))?.TopicArn ?? "",
    };
  });
  after(async () => {
    console.log = log;
    await clients.endpoint.set({});
    await world.reset();
    await bus.resumeSchedules();
    await inbox.close();
  });

  /** The source is lost; returns the alarm's event. */
  async function lose(): Promise<AlarmEvent> {
    await world.reset();
    await world.disconnect(pair.source);
    await inbox.read();
    return alarmEvent({ world, pair });
  }

  const expected = () => settings.applications.flatMap((a) => Array<string>(a.count).fill(a.instanceType)).sort();
  const copies = async () => (await world.copies(pair.destination, "faults")).map((i) => i.InstanceType ?? "").sort();
  const told = async (subject: RegExp) => (await inbox.read()).filter((m) => subject.test(m.subject)).length;

  it("launches everything exactly once, and says so at the end", async () => {
    const check = async ({ what }: FailedCall) => {
      assert.deepEqual(await copies(), expected(), what);
      // Twice only if the run could not know whether people were told.
      const times = await told(/^faults: .*'s instances are relaunched on/);
      assert.ok(times === 1 || times === 2, `${what}: told ${times} times`);
    };
    await failEach({ clients, region: REGION, of: WRITES, kinds: KINDS, prepare: lose, handle, check });
  });

  it("terminates only what was relaunched, and says so", async () => {
    let own: number;
    const prepare = async () => {
      await handle(await lose());
      own = (await world.instances(pair.source)).length;
      await world.connect(pair.source);
      await inbox.read();
      return alarmEvent({ world, pair });
    };
    const check = async ({ what }: FailedCall) => {
      assert.deepEqual(await copies(), [], what);
      assert.equal((await world.instances(pair.source)).length, own, `${what}: the source's are gone`);
      const times = await told(/^faults: .* is back, instances on .* are terminated/);
      assert.ok(times === 1 || times === 2, `${what}: told ${times} times`);
    };
    await failEach({ clients, region: REGION, of: WRITES, kinds: KINDS, prepare, handle, check });
  });
});
