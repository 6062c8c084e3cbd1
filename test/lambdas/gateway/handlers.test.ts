import assert from "node:assert/strict";
import { GatewayEvent } from "../../../lambdas/gateway/events";
import { failover, restore } from "../../../lambdas/gateway/failover";
import { FakeAws } from "./fakeAws";

const tick: GatewayEvent = { "detail-type": "Scheduled Event" };
const terminated = (zone: string, EC2InstanceId: string): GatewayEvent => ({
  "detail-type": "EC2 Instance Terminate Successful",
  time: new Date().toISOString(),
  detail: { EC2InstanceId, AutoScalingGroupName: `group-${zone}` },
});
const terminating = (zone: string, EC2InstanceId: string): GatewayEvent => ({
  "detail-type": "EC2 Instance-terminate Lifecycle Action",
  detail: {
    EC2InstanceId,
    AutoScalingGroupName: `group-${zone}`,
    LifecycleHookName: "hook",
    LifecycleActionToken: "t",
  },
});
const attached = (zone: string, errorCode?: string): GatewayEvent => ({
  "detail-type": "AWS API Call via CloudTrail",
  detail: {
    eventName: "AttachNetworkInterface",
    requestParameters: { networkInterfaceId: `eni-${zone}` },
    ...(errorCode ? { errorCode } : {}),
  },
});

/** Silences the handlers' log lines. */
function quietly() {
  const { log } = console;
  before(() => (console.log = () => undefined));
  after(() => (console.log = log));
}

describe("failover", () => {
  quietly();

  it("moves all tables of a zone to the next one and tells people once", async () => {
    const aws = new FakeAws(["a", "b", "c"], 3);
    const event = terminated("a", aws.kill("a"));
    await failover(event, aws.settings, aws.clients);
    await failover(event, aws.settings, aws.clients);
    assert.deepEqual(aws.through("a"), ["b", "b", "b"]);
    assert.deepEqual(aws.through("b"), ["b", "b", "b"]);
    assert.equal(aws.messages.length, 1);
    assert.match(aws.messages[0]?.body ?? "", /Zone: a\nFrom: a\nTo: b\nWhy: EC2 Instance Terminate Successful/);
    assert.match(aws.messages[0]?.body ?? "", /How long: \d+ s after the event/);
  });

  it("makes two round trips: all reads, then all writes", async () => {
    const aws = new FakeAws(["a", "b", "c", "d", "e", "f"], 32);
    await failover(terminated("a", aws.kill("a")), aws.settings, aws.clients);
    const lastRead = aws.calls.findLastIndex((c) => c.startsWith("Describe"));
    const writes = aws.calls.slice(lastRead + 1, lastRead + 33);
    assert.deepEqual(new Set(writes), new Set(["ReplaceRoute"]));
    assert.deepEqual(new Set(aws.through("a")), new Set(["b"]));
  });

  it("completes the terminating hook after the routes have moved", async () => {
    const aws = new FakeAws(["a", "b"]);
    await failover(terminating("a", aws.gateway("a").instanceId), aws.settings, aws.clients);
    assert.deepEqual(aws.through("a"), ["b"]);
    assert.ok(aws.calls.indexOf("CompleteLifecycleAction") > aws.calls.indexOf("ReplaceRoute"));
  });

  for (const action of [
    "DescribeInstances",
    "DescribeRouteTables",
    "ReplaceRoute",
    "Publish",
    "Query",
    "PutMetricData",
  ]) {
    it(`completes the hook and fails, to be run again, if ${action} fails`, async () => {
      const aws = new FakeAws(["a", "b"]);
      aws.failures.set(action, new Error("throttled"));
      const event = terminating("a", aws.gateway("a").instanceId);
      await assert.rejects(failover(event, aws.settings, aws.clients), /throttled/);
      assert.ok(aws.calls.includes("CompleteLifecycleAction"));
    });
  }

  for (const action of ["DescribeInstanceStatus", "DescribeAutoScalingGroups"]) {
    it(`moves the routes even if ${action} fails`, async () => {
      const aws = new FakeAws(["a", "b"]);
      aws.failures.set(action, new Error("throttled"));
      await failover(terminated("a", aws.kill("a")), aws.settings, aws.clients);
      assert.deepEqual(aws.through("a"), ["b"]);
    });
  }

  it("doesn't mind an action that is no longer waiting", async () => {
    const aws = new FakeAws(["a", "b"]);
    aws.failures.set(
      "CompleteLifecycleAction",
      Object.assign(new Error("no active action"), { name: "ValidationError" }),
    );
    await failover(terminating("a", aws.gateway("a").instanceId), aws.settings, aws.clients);
  });

  it("changes nothing for a stale event about a predecessor", async () => {
    const aws = new FakeAws(["a", "b"]);
    const old = aws.kill("a");
    aws.launch("a");
    await failover(terminating("a", old), aws.settings, aws.clients);
    assert.deepEqual(aws.through("a"), ["a"]);
    assert.deepEqual(aws.messages, []);
  });

  it("changes nothing for a late stop of an instance that runs again", async () => {
    const aws = new FakeAws(["a", "b"]);
    const detail = { "instance-id": aws.gateway("a").instanceId, state: "stopped" };
    await failover({ "detail-type": "EC2 Instance State-change Notification", detail }, aws.settings, aws.clients);
    assert.deepEqual(aws.through("a"), ["a"]);
  });

  it("moves a stopping instance's zone, though its interface is still attached", async () => {
    const aws = new FakeAws(["a", "b"]);
    aws.gateway("a").state = "stopping";
    const detail = { "instance-id": aws.gateway("a").instanceId, state: "stopping" };
    await failover({ "detail-type": "EC2 Instance State-change Notification", detail }, aws.settings, aws.clients);
    assert.deepEqual(aws.through("a"), ["b"]);
  });

  it("takes on zones that it carried for others when their carrier is lost too", async () => {
    const aws = new FakeAws(["a", "b", "c"]);
    await failover(terminated("a", aws.kill("a")), aws.settings, aws.clients);
    await failover(terminated("b", aws.kill("b")), aws.settings, aws.clients);
    assert.deepEqual([aws.through("a"), aws.through("b")], [["c"], ["c"]]);
  });

  it("leaves routes and says so once when no gateway is alive", async () => {
    const aws = new FakeAws(["a", "b"]);
    const events = ["a", "b"].map((z) => terminated(z, aws.kill(z)));
    for (const event of [...events, ...events]) {
      await failover(event, aws.settings, aws.clients);
    }
    assert.deepEqual([aws.through("a"), aws.through("b")], [["a"], ["b"]]);
    assert.deepEqual(
      aws.messages.map((m) => m.subject),
      ["main: no gateway is alive, private subnets have no way out"],
    );
  });

  for (const event of [
    {},
    { "detail-type": "EC2 Instance-terminate Lifecycle Action" },
    { detail: {} },
    { time: "soon" },
  ]) {
    it(`acts on what AWS says, not on a malformed event: ${JSON.stringify(event)}`, async () => {
      const aws = new FakeAws(["a", "b"]);
      aws.kill("a");
      await failover(event, aws.settings, aws.clients);
      assert.deepEqual(aws.through("a"), ["b"]);
    });
  }

  it("creates a default route that has been deleted", async () => {
    const aws = new FakeAws(["a", "b"]);
    aws.routes.set("rtb-a-0", undefined);
    await failover(tick, aws.settings, aws.clients);
    assert.deepEqual(aws.through("a"), ["a"]);
    assert.ok(aws.calls.includes("CreateRoute"));
  });

  it("publishes each zone's metrics", async () => {
    const aws = new FakeAws(["a", "b"]);
    await failover(terminated("a", aws.kill("a")), aws.settings, aws.clients);
    assert.deepEqual(
      aws.metrics.map((m) => [m.MetricName, m.Value]),
      [["RouteTarget", 1], ["NetworkInterfaceAttached", 0], ["RouteTarget", 0], ["NetworkInterfaceAttached", 1]], // prettier-ignore
    );
  });

  it("tells in a later run what a run that died could not", async () => {
    const aws = new FakeAws(["a", "b"]);
    const event = terminated("a", aws.kill("a"));
    aws.failures.set("Publish", new Error("cut off"));
    await assert.rejects(failover(event, aws.settings, aws.clients), /cut off/);
    assert.equal(aws.messages.length, 0);
    aws.failures.clear();
    await failover(event, aws.settings, aws.clients);
    assert.equal(aws.messages.length, 1);
    assert.match(aws.messages[0]?.body ?? "", /Route tables: changed by an earlier run/);
  });
});

describe("restore", () => {
  quietly();

  it("gives a zone back when its gateway passes its checks, and says how long it took", async () => {
    const aws = new FakeAws(["a", "b"]);
    await failover(terminated("a", aws.kill("a")), aws.settings, aws.clients);
    aws.launch("a");
    await restore(attached("a"), aws.settings, aws.clients);
    assert.deepEqual(aws.through("a"), ["a"]);
    assert.match(aws.messages[1]?.subject ?? "", /a is back on its own gateway/);
    assert.match(aws.messages[1]?.body ?? "", /b carried the zone for \d+ s/);
  });

  it("ignores an API call that failed, without asking anything", async () => {
    const aws = new FakeAws(["a", "b"]);
    await restore(attached("a", "Client.InvalidNetworkInterface.InUse"), aws.settings, aws.clients);
    assert.deepEqual(aws.calls, []);
  });

  it("waits while checks are initializing, and gives back on the tick after", async () => {
    const aws = new FakeAws(["a", "b"]);
    await failover(terminated("a", aws.kill("a")), aws.settings, aws.clients);
    aws.launch("a");
    aws.gateway("a").checks = "initializing";
    await restore(attached("a"), aws.settings, aws.clients);
    assert.deepEqual(aws.through("a"), ["b"]);
    aws.gateway("a").checks = "ok";
    await restore(tick, aws.settings, aws.clients);
    assert.deepEqual(aws.through("a"), ["a"]);
  });

  it("gives nothing back to an instance that waits to be terminated", async () => {
    const aws = new FakeAws(["a", "b"]);
    await failover(terminating("a", aws.gateway("a").instanceId), aws.settings, aws.clients);
    aws.gateway("a").lifecycle = "Terminating:Wait";
    await restore(tick, aws.settings, aws.clients);
    assert.deepEqual(aws.through("a"), ["b"]);
  });

  it("gives back every zone that is carried needlessly, not only the one of the event", async () => {
    const aws = new FakeAws(["a", "b", "c"]);
    aws.routes.set("rtb-b-0", "eni-a");
    await restore(attached("c"), aws.settings, aws.clients);
    assert.deepEqual(aws.through("b"), ["b"]);
  });

  it("rescues the zones that found no gateway alive", async () => {
    const aws = new FakeAws(["a", "b", "c"]);
    for (const zone of ["a", "b", "c"]) {
      await failover(terminated(zone, aws.kill(zone)), aws.settings, aws.clients);
    }
    aws.launch("b");
    await restore(attached("b"), aws.settings, aws.clients);
    assert.deepEqual([aws.through("a"), aws.through("b"), aws.through("c")], [["b"], ["b"], ["b"]]);
    assert.match(aws.messages.map((m) => m.subject).join("\n"), /a gateway is alive again/);
  });

  it("fails, to be run again, if it can't tell whether checks pass", async () => {
    const aws = new FakeAws(["a", "b"]);
    aws.failures.set("DescribeInstanceStatus", new Error("throttled"));
    await assert.rejects(restore(tick, aws.settings, aws.clients), /status checks: Error: throttled/);
  });

  it("is silent when nothing has changed", async () => {
    const aws = new FakeAws(["a", "b"]);
    await restore(tick, aws.settings, aws.clients);
    await restore(tick, aws.settings, aws.clients);
    assert.deepEqual(aws.messages, []);
    assert.ok(!aws.calls.includes("ReplaceRoute") && !aws.calls.includes("UpdateItem"));
  });
});

describe("every order of two zones' failures and returns, with duplicates, up to length 5", () => {
  quietly();
  const STEPS = ["fail a", "fail b", "restore a", "restore b"] as const;
  type Step = (typeof STEPS)[number];
  const orders = (length: number): Step[][] =>
    length === 0 ? [[]] : orders(length - 1).flatMap((order) => STEPS.map((step) => [...order, step]));

  /** The first failure of a live gateway kills it; one of a dead gateway is a duplicate. Likewise for returns. */
  async function play(aws: FakeAws, step: Step, ends: Map<string, string>): Promise<void> {
    const [what, zone = ""] = step.split(" ");
    if (what === "fail") {
      ends.set(zone, aws.isAlive(zone) ? aws.kill(zone) : (ends.get(zone) ?? ""));
      await failover(terminated(zone, ends.get(zone) ?? ""), aws.settings, aws.clients);
    } else {
      if (!aws.isAlive(zone)) {
        aws.launch(zone);
      }
      await restore(attached(zone), aws.settings, aws.clients);
      // A late duplicate of the predecessor's end.
      await failover(terminating(zone, ends.get(zone) ?? "i-unknown"), aws.settings, aws.clients);
    }
  }

  for (const zones of [
    ["a", "b"],
    ["a", "b", "c"],
  ]) {
    for (let length = 1; length <= 5; length++) {
      it(`${zones.length} zones, ${4 ** length} orders of length ${length}: no route at a dead gateway while one lives`, async () => {
        for (const order of orders(length)) {
          const aws = new FakeAws(zones);
          const ends = new Map<string, string>();
          for (const step of order) {
            await play(aws, step, ends);
            const live = zones.filter((z) => aws.isAlive(z));
            for (const zone of zones) {
              const [through = ""] = aws.through(zone);
              assert.ok(
                live.length === 0 || live.includes(through),
                `${order.join(", ")}: ${zone} goes through ${through}`,
              );
              assert.ok(
                !live.includes(zone) || through === zone,
                `${order.join(", ")}: ${zone} is not on its own gateway`,
              );
            }
          }
          const told = aws.messages.map((m) => m.subject);
          assert.ok(
            told.every((t, i) => t !== told[i - 1]),
            `${order.join(", ")}: told twice in a row: ${told.join(" | ")}`,
          );
        }
      });
    }
  }
});
