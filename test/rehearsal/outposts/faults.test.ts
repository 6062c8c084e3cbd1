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
import { alarmEvent, at } from "../../../local/drills/outposts/scene";
import { OutpostWorld } from "../../../local/drills/outposts/world";
import { Inbox } from "../../../local/bus/inbox";
import { PairConfig } from "../../../local/stacks/stackFiles";
import { Act, DeployedFunction, deployedFunction, failEach, forget, stateTable } from "../failEach";
import { bringUp } from "../up";

const REGION = "us-east-1";

/** Against the emulators, what is hardest to get right; every call and every other way is tried on the fake AWS. */
const KINDS = ["lostAnswer", "throttle"] as const;
const WRITES = /^(RunInstances|TerminateInstances|UpdateItem|Publish|RegisterTargets|DeregisterTargets)$/;

function relaunchClients({ config }: DeployedFunction): RelaunchClients {
  return {
    ec2: new EC2Client(config),
    loadBalancing: new ElasticLoadBalancingV2Client(config),
    outposts: new OutpostsClient(config),
    cloudWatch: new CloudWatchClient(config),
    dynamoDb: new DynamoDBClient(config),
    sns: new SNSClient(config),
  };
}

describe("reconcile, each AWS call failing in turn, run again", () => {
  let clients: Clients;
  let world: OutpostWorld;
  let pair: PairConfig;
  let settings: RelaunchSettings;
  let inbox: Inbox;
  let bus: Bus;
  let caller: string;
  let handlerClients: RelaunchClients;
  const { log } = console;

  const handle = (event: AlarmEvent) => reconcile(event, settings, handlerClients);

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
    const direction = `${pair.name}-${pair.source}`;
    const deployed = await deployedFunction(clients, REGION, `${direction}-reconcile`);
    ({ caller } = deployed);
    handlerClients = relaunchClients(deployed);
    const { LaunchTemplates = [] } = await clients.make(EC2Client, REGION).send(new DescribeLaunchTemplatesCommand({}));
    // A pair with e-mail addresses has a topic of its own.
    const topic = pair.emails.length > 0 ? `${pair.name}-notifications` : "notifications";
    const { Topics = [] } = await clients.make(SNSClient, REGION).send(new ListTopicsCommand({}));
    const server = (name: string) => {
      const { outpost = "", capacity = {} } = world.config.servers[name] ?? {};
      return { name, outpost, outpostId: outpost, subnetIds: [world.subnet(name)], capacity };
    };
    settings = {
      system: `nplusone/prod-us-east-1/outposts/${direction}`,
      pair: pair.name,
      source: server(pair.source),
      destination: server(pair.destination),
      applications: at(pair, "source").map((a) => ({
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
      topicArn: Topics.find((t) => t.TopicArn?.includes(`:${topic}-`))?.TopicArn ?? "",
    };
  });
  after(async () => {
    console.log = log;
    await clients.endpoint.set({});
    await world.reset();
    await bus.resumeSchedules();
    await inbox.close();
  });

  const expected = () => settings.applications.flatMap((a) => Array<string>(a.count).fill(a.instanceType)).sort();
  const copies = async () => (await world.copies(pair.destination, pair.name)).map((i) => i.InstanceType ?? "").sort();
  /** Twice only if the run could not know whether people were told. */
  const expectTold = async (subject: RegExp, what: string) => {
    const times = (await inbox.read()).filter((m) => subject.test(m.subject)).length;
    assert.ok(times === 1 || times === 2, `${what}: told ${times} times`);
  };

  it("launches everything exactly once, terminates only what was relaunched, and says so at each end", async () => {
    await world.reset();
    const own = (await world.instances(pair.source)).length;
    const lost: Act<AlarmEvent> = {
      what: "lost",
      prepare: async () => {
        await forget(settings.system, clients, REGION);
        await world.disconnect(pair.source);
        await inbox.read();
        return alarmEvent({ world, pair });
      },
      check: async ({ what }) => {
        assert.deepEqual(await copies(), expected(), what);
        await expectTold(/'s instances are relaunched on/, what);
      },
    };
    const back: Act<AlarmEvent> = {
      what: "back",
      prepare: async () => {
        await world.connect(pair.source);
        await inbox.read();
        return alarmEvent({ world, pair });
      },
      check: async ({ what }) => {
        assert.deepEqual(await copies(), [], what);
        assert.equal((await world.instances(pair.source)).length, own, `${what}: the source's are gone`);
        await expectTold(/ is back, instances on .* are terminated/, what);
      },
    };
    await failEach({ clients, caller, region: REGION, of: WRITES, kinds: KINDS, handle, acts: [lost, back] });
  });
});
