import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EC2Client } from "@aws-sdk/client-ec2";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SFNClient } from "@aws-sdk/client-sfn";
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import assert from "node:assert/strict";
import { restart, RestartResult } from "../../../lambdas/recovery/restart";
import { Pager, RestartSettings, TellSettings } from "../../../lambdas/recovery/settings";
import { page } from "../../../lambdas/recovery/tell";
import { Clients } from "../../../local/endpoint/clients";
import { RecoveryInstance, RecoveryWorld } from "../../../local/drills/recovery/world";
import { DEPLOYED_CODE_KEY } from "../../../local/emulators/emulators";
import { FaultKind } from "../../../local/endpoint/faults";
import { Inbox } from "../../../local/bus/inbox";
import { expireClaims, impatient, KINDS, stateTable } from "../failEach";
import { bringUp } from "../up";

const REGION = "eu-west-1";

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

  const ownCalls = async () =>
    (await clients.endpoint.calls()).filter((c) => c.caller === DEPLOYED_CODE_KEY && c.region === REGION);

  /** Fails the k-th call in each way; the handler is called until it succeeds, four times at most. */
  async function failEachCall(
    handle: () => Promise<unknown>,
    check: (what: string, kind: FaultKind, failed: string) => Promise<void>,
  ): Promise<void> {
    await world.forget();
    await clients.endpoint.set({});
    await handle();
    const actions = (await ownCalls()).map((c) => c.action);
    for (const [k, failed] of actions.entries()) {
      for (const kind of KINDS) {
        await world.forget();
        await inbox.read();
        await clients.endpoint.set({ fault: { kind, caller: DEPLOYED_CODE_KEY, from: k, count: 1 } });
        for (let attempt = 0; attempt < 4; attempt++) {
          const done = await handle().then(
            () => true,
            () => false,
          );
          if (done) {
            break;
          }
          await expireClaims(clients, REGION);
        }
        await check(`call ${k} (${failed}) failed by ${kind}`, kind, failed);
      }
    }
  }

  it("restart: never twice, and always so that the second run of the checks follows", async () => {
    const settings: RestartSettings = {
      targets,
      stateTable: table,
      cooldownMinutes: 60,
      maxWaitSeconds: 600,
      group: { name: "all", members: { reports: instance.instanceId, other: "i-0" }, minHealthyPercentage: 0 },
    };
    let result: RestartResult | undefined;
    const handle = async () => {
      result = undefined;
      result = await restart(event, settings, restartClientsOf(clients));
    };
    await failEachCall(handle, async (what, kind, failed) => {
      const reboots = (await ownCalls()).filter((c) => c.action === "RebootInstances" && c.status === 200).length;
      // An answer that never came counts as a restart: the machine goes on to see what came of it, and pages.
      const lost = failed === "RebootInstances" && kind !== "throttle";
      assert.equal(result?.outcome, "restarted", what);
      assert.equal(reboots, lost ? 0 : 1, what);
      assert.equal((await restart(event, settings, restartClientsOf(clients))).outcome, "restarted", what);
      const after = (await ownCalls()).filter((c) => c.action === "RebootInstances" && c.status === 200).length;
      assert.equal(after, reboots, `${what}: restarted again`);
    });
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
      return page({ execution, state: event }, settings, handlerClients);
    };
    await failEachCall(handle, async (what) => {
      const told = (await inbox.read()).filter((m) => m.subject === "reports is failing and was not restarted");
      // Twice only if the run died after it had told and before it could note that.
      assert.ok(told.length === 1 || told.length === 2, `${what}: told ${told.length} times`);
    });
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
