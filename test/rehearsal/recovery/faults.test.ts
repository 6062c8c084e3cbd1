import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EC2Client } from "@aws-sdk/client-ec2";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SFNClient } from "@aws-sdk/client-sfn";
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import assert from "node:assert/strict";
import { restart, RestartResult } from "../../../lambdas/recovery/restart";
import { Pager, RestartSettings, TellSettings } from "../../../lambdas/recovery/settings";
import { pageSomebody } from "../../../lambdas/recovery/pageSomebody";
import { Clients } from "../../../local/endpoint/clients";
import { RecoveryInstance, RecoveryWorld } from "../../../local/drills/recovery/world";
import { Inbox } from "../../../local/bus/inbox";
import { FailedCall, failEach, handlerCalls, impatient, stateTable, TRANSIENT } from "../failEach";
import { FaultKind } from "../../../local/endpoint/faults";
import { bringUp } from "../up";

const REGION = "eu-west-1";

const KINDS: readonly FaultKind[] = [...TRANSIENT, "lostAnswer", "denied"];

describe("restart and page, each AWS call failing in turn, run again", () => {
  let clients: Clients;
  let world: RecoveryWorld;
  let instance: RecoveryInstance;
  let inbox: Inbox;
  let targets: RestartSettings["targets"];
  let table: string;
  const { log } = console;
  const execution = `arn:aws:states:${REGION}:123456789012:execution:prod-eu-west-1-recovery:faults`;
  const event = { target: "reports", outage: "2026-11-21T10:00:00Z", execution, waitedSeconds: 0 };

  before(async () => {
    console.log = () => undefined;
    clients = bringUp();
    world = await RecoveryWorld.find("prod-eu-west-1", clients);
    instance = world.instances[0] as RecoveryInstance;
    inbox = await Inbox.open(REGION, clients);
    table = await stateTable(clients, REGION);
    const { name, instanceId, healthCheckId } = instance;
    const target = {
      name,
      instanceId,
      healthCheckId,
      url: "https://x/",
      urlTimeoutSeconds: 6,
      ssh: { host: "x", port: 22 },
      group: "all",
    };
    targets = { [name]: target };
  });
  after(async () => {
    console.log = log;
    await clients.endpoint.set({});
    await world.forget();
    await inbox.close();
  });

  const prepare = async () => {
    await world.forget();
    await inbox.read();
  };

  it("restart: never twice, and always so that the second run of the checks follows", async () => {
    const settings: RestartSettings = {
      targets,
      stateTable: table,
      cooldownMinutes: 60,
      maxWaitSeconds: 600,
      group: { name: "all", members: { reports: instance.instanceId, other: "i-0" }, minHealthyPercentage: 0 },
    };
    // What the state machine goes on with: the first answer.
    let result: RestartResult | undefined;
    const handle = async () => {
      const answer = await restart(event, settings, restartClientsOf(clients));
      result ??= answer;
    };
    const check = async ({ kind, action, what }: FailedCall) => {
      const calls = await handlerCalls(clients, REGION);
      const reboots = calls.filter((c) => c.action === "RebootInstances" && c.executed).length;
      // What EC2 refuses is asked again. What it doesn't answer is no restart, and never asked for a second time; nor is
      // what may have been asked by a run that died after it had taken the lock.
      const unanswered = action === "RebootInstances" && !["denied", "throttle"].includes(kind);
      const diedLocked = action === "TransactWriteItems" && kind === "lostAnswer";
      const executed = unanswered ? kind === "lostAnswer" : !diedLocked;
      assert.deepEqual(
        [result?.outcome, reboots],
        [unanswered || diedLocked ? "unanswered" : "restarted", Number(executed)],
        what,
      );
      result = undefined;
    };
    await failEach({ clients, region: REGION, kinds: KINDS, prepare, handle, check });
  });

  it("page: somebody is told, at most twice", async () => {
    const { Topics = [] } = await clients.make(SNSClient, REGION).send(new ListTopicsCommand({}));
    const topicArn = Topics.find((t) => t.TopicArn?.includes(":notifications-"))?.TopicArn ?? "";
    const settings: TellSettings<Pager> = {
      targets,
      channel: { type: "sns", topicArn },
      stateTable: table,
      region: REGION,
    };
    const handle = () => {
      const config = impatient(clients, REGION);
      const handlerClients = {
        secrets: new SecretsManagerClient(config),
        dynamoDb: new DynamoDBClient(config),
        sns: new SNSClient(config),
      };
      return pageSomebody({ execution, state: event }, settings, handlerClients);
    };
    const check = async ({ what }: FailedCall) => {
      const told = (await inbox.read()).filter((m) => m.subject === "reports is failing and was not restarted");
      // Twice only if the run died after it had told and before it could note that.
      assert.ok(told.length === 1 || told.length === 2, `${what}: told ${told.length} times`);
    };
    await failEach({ clients, region: REGION, kinds: KINDS, prepare, handle, check });
  });
});

/** The restart's clients, impatient. */
function restartClientsOf(clients: Clients) {
  const config = impatient(clients, REGION);
  return {
    ec2: new EC2Client(config),
    rebootingEc2: new EC2Client(config),
    sfn: new SFNClient(config),
    dynamoDb: new DynamoDBClient(config),
  };
}
