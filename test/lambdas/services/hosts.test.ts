import assert from "node:assert/strict";
import { careForHosts } from "../../../lambdas/services/hosts";
import { HostsSettings } from "../../../lambdas/services/settings";
import { FakeAws } from "./fakeAws";

const SETTINGS: HostsSettings = {
  ...{ cluster: "shop", clusterArn: "arn:aws:ecs:us-east-1:123456789012:cluster/shop", groupName: "shop-group" },
  ...{ graceSeconds: 600, requiredHosts: 2, stateTable: "state", system: "services/shop/hosts", topicArn: "arn:topic" },
};

describe("the care of hosts", () => {
  let aws: FakeAws;
  beforeEach(() => {
    aws = new FakeAws();
    aws.add("i-1", "i-2", "i-3", "i-4");
  });
  const run = (event?: unknown) => careForHosts(event, SETTINGS, aws.clients());
  /** A look a minute. */
  const look = async (minutes: number) => {
    for (let i = 0; i < minutes; i++) {
      aws.minutesPass(1);
      await run();
    }
  };
  const subjects = () => aws.messages.map((message) => message.subject);
  const instances = () => aws.hosts.map((one) => one.instanceId);

  it("lets agents reconnect, without a word", async () => {
    aws.host("i-4").agentConnected = false;
    await look(5);
    aws.host("i-4").agentConnected = true;
    await look(20);
    aws.host("i-4").agentConnected = false;
    await look(5);
    assert.equal(aws.host("i-4").lifecycle, "InService", "each silence counts from its own beginning");
    assert.deepEqual(subjects(), []);
  });

  it("has a host replaced that stays silent, waits for its tasks, and deregisters it; people hear of it once", async () => {
    aws.host("i-4").agentConnected = false;
    await look(11);
    assert.equal(aws.host("i-4").lifecycle, "Terminating:Wait");
    aws.add("i-5");
    aws.desired--;
    await look(2);
    assert.ok(instances().includes("i-4"), "its tasks have not moved");
    aws.host("i-4").runningTasks = 0;
    await look(2);
    assert.deepEqual(instances(), ["i-1", "i-2", "i-3", "i-5"]);
    assert.deepEqual(subjects(), ["shop: host i-4 doesn't answer and is replaced"]);
  });

  it("ends Auto Scaling's waiting before ECS forgets the host", async () => {
    Object.assign(aws.host("i-4"), { agentConnected: false, lifecycle: "Terminating:Wait", runningTasks: 0 });
    await look(11);
    const order = ["CompleteLifecycleAction", "DeregisterContainerInstance"].map((action) => aws.calls.indexOf(action));
    assert.ok((order[0] ?? -1) >= 0 && (order[0] ?? 0) < (order[1] ?? -1));
  });

  it("takes a host from the cluster that was terminated while its agent was out of reach", async () => {
    Object.assign(aws.host("i-4"), { agentConnected: false, lifecycle: undefined });
    await look(11);
    assert.deepEqual(instances(), ["i-1", "i-2", "i-3"]);
  });

  it("replaces none while too few answer, tells people, and tells them when they answer again", async () => {
    for (const one of aws.hosts.slice(1)) {
      one.agentConnected = false;
    }
    await look(15);
    assert.ok(aws.hosts.every((one) => one.lifecycle === "InService"));
    assert.equal(subjects().length, 3);
    assert.match(aws.messages[0]?.body ?? "", /docs\/runbooks\/services\.md/);
    for (const one of aws.hosts) {
      one.agentConnected = true;
    }
    await look(2);
    assert.equal(subjects().filter((subject) => /answers again/.test(subject)).length, 3);
  });

  it("takes one after the other", async () => {
    aws.host("i-3").agentConnected = false;
    aws.host("i-4").agentConnected = false;
    await look(12);
    const leaving = () => aws.hosts.filter((one) => one.lifecycle !== "InService").map((one) => one.instanceId);
    assert.deepEqual(leaving(), ["i-3"]);
    aws.add("i-5");
    aws.desired--;
    await look(1);
    assert.deepEqual(leaving(), ["i-3", "i-4"]);
  });

  it("goes by what is, not by what an event says", async () => {
    for (const event of [undefined, "?", { detail: { ec2InstanceId: "i-1", agentConnected: false } }]) {
      assert.deepEqual((await run(event)).acts, []);
    }
  });

  it("does nothing without its group, since then all hosts would look as if they were gone", async () => {
    aws.host("i-4").agentConnected = false;
    await look(9);
    aws.groupIsThere = false;
    aws.minutesPass(5);
    await assert.rejects(run(), /no Auto Scaling group shop-group/);
    assert.equal(aws.hosts.length, 4);
  });

  for (const moment of ["before", "afterwards"] as const) {
    const how = moment === "before" ? "refused" : "executed and its answer lost";
    it(`gets through the loss of a host, each call ${how} in turn: gone in the end, told once or twice`, async () => {
      const story = async (fails: number) => {
        aws = new FakeAws();
        aws.add("i-1", "i-2", "i-3", "i-4");
        let calls = 0;
        aws[moment] = (action) => {
          if (calls++ === fails) {
            throw new Error(`${action} fails`);
          }
        };
        aws.host("i-4").agentConnected = false;
        for (let minute = 0; minute < 26; minute++) {
          aws.minutesPass(1);
          await run().catch(() => undefined);
          if (aws.hosts.some((one) => one.lifecycle === "Terminating:Wait") && !instances().includes("i-5")) {
            aws.add("i-5");
            aws.desired--;
          }
        }
        return calls;
      };
      const calls = await story(-1);
      assert.ok(calls > 50, `${calls} calls`);
      for (let k = 0; k < calls; k++) {
        await story(k);
        assert.deepEqual(instances(), ["i-1", "i-2", "i-3", "i-5"], `call ${k}`);
        const told = aws.messages.filter((message) =>
          /i-4 doesn't answer and is replaced/.test(message.subject),
        ).length;
        assert.ok(told === 1 || told === 2, `call ${k}: told ${told} times`);
        assert.equal(aws.messages.length, told, `call ${k}`);
      }
    });
  }
});
