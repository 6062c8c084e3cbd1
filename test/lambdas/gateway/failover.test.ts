import assert from "node:assert/strict";
import { FakeAws } from "./fakeAws";
import { quietly, run, terminated, terminating, tick } from "./runs";

describe("reconcile: failover", () => {
  quietly();

  it("moves all tables of a zone to the next one and tells people once", async () => {
    const aws = new FakeAws(["a", "b", "c"], 3);
    const event = terminated("a", aws.kill("a"));
    await run(aws, event);
    await run(aws, event);
    assert.deepEqual(aws.through("a"), ["b", "b", "b"]);
    assert.deepEqual(aws.through("b"), ["b", "b", "b"]);
    assert.equal(aws.messages.length, 1);
    assert.match(aws.messages[0]?.body ?? "", /Zone: a\nFrom: a\nTo: b\nWhy: EC2 Instance Terminate Successful/);
    assert.match(aws.messages[0]?.body ?? "", /How long: \d+ s after the event/);
  });

  it("makes two round trips: all reads, then all writes", async () => {
    const aws = new FakeAws(["a", "b", "c", "d", "e", "f"], 32);
    await run(aws, terminated("a", aws.kill("a")));
    const firstWrite = aws.calls.indexOf("ReplaceRoute");
    assert.ok(aws.calls.slice(0, firstWrite).every((c) => /^(Describe|GetMetricData)/.test(c)));
    const writes = aws.calls.slice(firstWrite, firstWrite + 32);
    assert.deepEqual(new Set(writes), new Set(["ReplaceRoute"]));
    assert.deepEqual(new Set(aws.through("a")), new Set(["b"]));
  });

  it("completes the terminating hook after the routes have moved", async () => {
    const aws = new FakeAws(["a", "b"]);
    await run(aws, terminating("a", aws.gateway("a").instanceId));
    assert.deepEqual(aws.through("a"), ["b"]);
    assert.ok(aws.calls.indexOf("CompleteLifecycleAction") > aws.calls.indexOf("ReplaceRoute"));
  });

  for (const action of ["DescribeInstances", "DescribeRouteTables", "ReplaceRoute"]) {
    it(`keeps the hook's instance and fails, to be run again, if ${action} fails`, async () => {
      const aws = new FakeAws(["a", "b"]);
      aws.failures.set(action, new Error("throttled"));
      const event = terminating("a", aws.gateway("a").instanceId);
      await assert.rejects(run(aws, event), /throttled/);
      assert.ok(!aws.calls.includes("CompleteLifecycleAction"));
      aws.failures.clear();
      await run(aws, event);
      assert.deepEqual(aws.through("a"), ["b"]);
      assert.ok(aws.calls.includes("CompleteLifecycleAction"));
    });
  }

  for (const action of ["Publish", "PutMetricData"]) {
    it(`completes the hook and fails, to be run again, if ${action} fails`, async () => {
      const aws = new FakeAws(["a", "b"]);
      aws.failures.set(action, new Error("throttled"));
      await assert.rejects(run(aws, terminating("a", aws.gateway("a").instanceId)), /throttled/);
      assert.ok(aws.calls.includes("CompleteLifecycleAction"));
    });
  }

  it("keeps the hook's instance while there is no gateway to move its routes to, and lets it go afterwards", async () => {
    const aws = new FakeAws(["a", "b"]);
    aws.kill("b");
    await run(aws, terminating("a", aws.gateway("a").instanceId));
    assert.ok(!aws.calls.includes("CompleteLifecycleAction"));
    aws.gateway("a").lifecycle = "Terminating:Wait";
    aws.launch("b");
    await run(aws, tick);
    assert.deepEqual(aws.through("a"), ["b"]);
    assert.equal(aws.gateway("a").lifecycle, "Terminating:Proceed");
  });

  it("leaves other people's hooks on its groups alone", async () => {
    const aws = new FakeAws(["a", "b"]);
    const event = terminating("a", aws.gateway("a").instanceId);
    await run(aws, { ...event, detail: { ...event.detail, LifecycleHookName: "backup-logs" } });
    assert.deepEqual(aws.through("a"), ["b"]);
    assert.ok(!aws.calls.includes("CompleteLifecycleAction"));
  });

  it("deals with a batch at once: all who leave, all hooks", async () => {
    const aws = new FakeAws(["a", "b", "c"]);
    await run(aws, tick, ...["a", "b"].map((z) => terminating(z, aws.gateway(z).instanceId)), {});
    assert.deepEqual([aws.through("a"), aws.through("b")], [["c"], ["c"]]);
    assert.equal(aws.calls.filter((c) => c === "CompleteLifecycleAction").length, 2);
    assert.equal(aws.messages.length, 2);
  });

  for (const action of ["DescribeInstanceStatus", "DescribeAutoScalingGroups"]) {
    it(`moves the routes even if ${action} fails`, async () => {
      const aws = new FakeAws(["a", "b"]);
      aws.failures.set(action, new Error("throttled"));
      await assert.rejects(run(aws, terminated("a", aws.kill("a"))), /can't tell whether gateways pass/);
      assert.deepEqual(aws.through("a"), ["b"]);
    });

    it(`moves the routes while ${action} hangs, and waits for it only afterwards`, async () => {
      const aws = new FakeAws(["a", "b"]);
      aws.hanging.add(action);
      // As soon as the route has moved, it answers again.
      aws.pause = (called) => Promise.resolve(void (called === "ReplaceRoute" && aws.hanging.clear()));
      await run(aws, terminated("a", aws.kill("a")));
      assert.deepEqual(aws.through("a"), ["b"]);
    });
  }

  it("doesn't mind an action that is no longer waiting", async () => {
    const aws = new FakeAws(["a", "b"]);
    aws.failures.set(
      "CompleteLifecycleAction",
      Object.assign(new Error("no active action"), { name: "ValidationError" }),
    );
    await run(aws, terminating("a", aws.gateway("a").instanceId));
  });

  it("changes nothing for a stale event about a predecessor", async () => {
    const aws = new FakeAws(["a", "b"]);
    const old = aws.kill("a");
    aws.launch("a");
    await run(aws, terminating("a", old));
    assert.deepEqual(aws.through("a"), ["a"]);
    assert.deepEqual(aws.messages, []);
  });

  it("isn't kept from failing over by a route table that has been deleted", async () => {
    const aws = new FakeAws(["a", "b"], 2);
    aws.routes.delete("rtb-a-0");
    aws.routes.delete("rtb-b-0");
    await run(aws, terminated("a", aws.kill("a")));
    assert.deepEqual(aws.through("a"), ["b"]);
  });

  it("changes nothing for a late stop of an instance that runs again", async () => {
    const aws = new FakeAws(["a", "b"]);
    const detail = { "instance-id": aws.gateway("a").instanceId, state: "stopped" };
    await run(aws, { "detail-type": "EC2 Instance State-change Notification", detail });
    assert.deepEqual(aws.through("a"), ["a"]);
  });

  it("moves a stopping instance's zone, though its interface is still attached", async () => {
    const aws = new FakeAws(["a", "b"]);
    aws.gateway("a").state = "stopping";
    const detail = { "instance-id": aws.gateway("a").instanceId, state: "stopping" };
    await run(aws, { "detail-type": "EC2 Instance State-change Notification", detail });
    assert.deepEqual(aws.through("a"), ["b"]);
  });

  it("takes on zones that it carried for others when their carrier is lost too", async () => {
    const aws = new FakeAws(["a", "b", "c"]);
    await run(aws, terminated("a", aws.kill("a")));
    await run(aws, terminated("b", aws.kill("b")));
    assert.deepEqual([aws.through("a"), aws.through("b")], [["c"], ["c"]]);
  });

  it("leaves routes and says so once when no gateway is alive", async () => {
    const aws = new FakeAws(["a", "b"]);
    const events = ["a", "b"].map((z) => terminated(z, aws.kill(z)));
    for (const event of [...events, ...events]) {
      await run(aws, event);
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
      await run(aws, event);
      assert.deepEqual(aws.through("a"), ["b"]);
    });
  }

  it("creates a default route that has been deleted", async () => {
    const aws = new FakeAws(["a", "b"]);
    aws.routes.set("rtb-a-0", undefined);
    await run(aws, tick);
    assert.deepEqual(aws.through("a"), ["a"]);
    assert.ok(aws.calls.includes("CreateRoute"));
  });

  it("publishes each zone's metrics", async () => {
    const aws = new FakeAws(["a", "b"]);
    await run(aws, terminated("a", aws.kill("a")));
    assert.deepEqual(
      aws.metrics.map((m) => [m.MetricName, m.Value]),
      [["RouteTarget", 1], ["NetworkInterfaceAttached", 0], ["RouteTarget", 0], ["NetworkInterfaceAttached", 1]], // prettier-ignore
    );
  });

  it("tells in a later run what a run that died could not", async () => {
    const aws = new FakeAws(["a", "b"]);
    const event = terminated("a", aws.kill("a"));
    aws.failures.set("Publish", new Error("cut off"));
    await assert.rejects(run(aws, event), /cut off/);
    assert.equal(aws.messages.length, 0);
    aws.failures.clear();
    await run(aws, event);
    assert.equal(aws.messages.length, 1);
    assert.match(aws.messages[0]?.body ?? "", /Route tables: changed by an earlier run/);
  });
});
