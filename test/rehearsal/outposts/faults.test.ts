import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DescribeLaunchTemplatesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { OutpostsClient } from "@aws-sdk/client-outposts";
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import assert from "node:assert/strict";
import { RelaunchClients } from "../../../lambdas/outposts/clients";
import { AlarmEvent } from "../../../lambdas/outposts/events";
import { failback } from "../../../lambdas/outposts/failback";
import { relaunch } from "../../../lambdas/outposts/relaunch";
import { RelaunchSettings } from "../../../lambdas/outposts/settings";
import { Bus } from "../../../local/bus/bus";
import { Clients } from "../../../local/endpoint/clients";
import { alarmState } from "../../../local/bus/events";
import { OutpostWorld } from "../../../local/drills/outposts/world";
import { Inbox } from "../../../local/bus/inbox";
import { PairConfig } from "../../../local/stacks/stackFiles";
import { FailedCall, failEach, impatient, stateTable, TRANSIENT } from "../failEach";
import { bringUp } from "../up";

const REGION = "us-east-1";

describe("relaunch and failback, each AWS call failing in turn, run again", () => {
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

  before(async () => {
    console.log = () => undefined;
    clients = bringUp();
    world = await OutpostWorld.find("prod-us-east-1", clients);
    pair = world.pair("store");
    inbox = await Inbox.open(REGION, clients);
    bus = new Bus(REGION, clients);
    await bus.pauseSchedules();
    const { LaunchTemplates = [] } = await clients.make(EC2Client, REGION).send(new DescribeLaunchTemplatesCommand({}));
    const { Topics = [] } = await clients.make(SNSClient, REGION).send(new ListTopicsCommand({}));
    const server = (name: string) => ({
      name,
      outpostId: world.config.servers?.[name]?.outpost ?? "",
      subnetIds: [world.subnet(name)],
      capacity: world.config.servers?.[name]?.capacity ?? {},
    });
    settings = {
      system: "outposts/faults-a",
      pair: "faults",
      source: server(pair.source),
      destination: server(pair.destination),
      applications: world.applications(pair, "source").map((a) => ({
        name: a.name,
        launchTemplateId:
          LaunchTemplates.find((t) => t.LaunchTemplateName === a.launchTemplate?.name)?.LaunchTemplateId ?? "",
        version: "$Default",
        instanceType: a.instanceType ?? "",
        count: a.count ?? 0,
        subnetId: world.subnet(pair.destination),
        targetGroupArns: [],
      })),
      failback: "terminate-relaunched",
      sourceAlarm: (await world.alarms(pair.source, pair.name))[0] ?? "",
      ownerAccountId: undefined,
      stateTable: await stateTable(clients, REGION),
      topicArn: Topics.find((t) => t.TopicArn?.includes(":notifications-"))?.TopicArn ?? "",
      pollSeconds: 0,
      deadlineSeconds: 5,
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
    await world.runApplications(pair, "source");
    await world.setConnected(pair.source, false);
    await inbox.read();
    return alarmState(settings.sourceAlarm, "ALARM") as AlarmEvent;
  }

  const expected = () => settings.applications.flatMap((a) => Array<string>(a.count).fill(a.instanceType)).sort();

  it("relaunch: launches everything exactly once, and says so at the end", async () => {
    const handle = (event: AlarmEvent) => relaunch(event, settings, handlerClients());
    const check = async ({ what }: FailedCall) => {
      assert.deepEqual(await world.relaunched(pair.destination, "faults"), expected(), what);
      const told = (await inbox.read()).filter(
        (m) => m.subject === "faults: store-a's instances are relaunched on store-b",
      );
      // Twice only if the run died after it had told and before it could note that.
      assert.ok(told.length === 1 || told.length === 2, `${what}: told ${told.length} times`);
    };
    await failEach({ clients, region: REGION, kinds: TRANSIENT, prepare: lose, handle, check });
  });

  it("failback: terminates only what was relaunched, and says so", async () => {
    const prepare = async () => {
      await relaunch(await lose(), settings, handlerClients());
      await world.setConnected(pair.source, true);
      await inbox.read();
      return alarmState(settings.sourceAlarm, "OK") as AlarmEvent;
    };
    const handle = (event: AlarmEvent) => failback(event, settings, handlerClients());
    const check = async ({ what }: FailedCall) => {
      assert.deepEqual(await world.relaunched(pair.destination, "faults"), [], what);
      assert.equal((await world.instances(pair.source)).length, expected().length, `${what}: the source's are gone`);
      const told = (await inbox.read()).filter((m) => m.subject.startsWith("faults: store-a is back"));
      assert.ok(told.length === 1 || told.length === 2, `${what}: told ${told.length} times`);
    };
    await failEach({ clients, region: REGION, kinds: TRANSIENT, prepare, handle, check });
  });
});
