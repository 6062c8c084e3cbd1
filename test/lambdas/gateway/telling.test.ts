import assert from "node:assert/strict";
import { FakeAws } from "./fakeAws";
import { attached, quietly, run, stopped, terminated, tick } from "./runs";

describe("reconcile: people are told though the state table is out", () => {
  quietly();
  for (const action of ["Query", "UpdateItem"]) {
    it(`once for each change, not at every tick, while ${action} fails; and silence means that nothing changed`, async () => {
      const aws = new FakeAws(["a", "b"]);
      aws.failures.set(action, new Error("DynamoDB is out"));
      await run(aws, tick);
      await run(aws, terminated("a", aws.kill("a")));
      for (let minute = 0; minute < 5; minute++) {
        await run(aws, tick);
      }
      assert.deepEqual(aws.messages.map((m) => m.subject), ["main: a now goes out through b"]); // prettier-ignore
      aws.launch("a");
      await run(aws, attached("a"));
      await run(aws, tick);
      assert.deepEqual(aws.messages.map((m) => m.subject).slice(1), ["main: a is back on its own gateway"]); // prettier-ignore
    });
  }

  it("by an execution environment that remembers nothing", async () => {
    const aws = new FakeAws(["a", "b"]);
    await run(aws, terminated("a", aws.kill("a")));
    aws.failures.set("Query", new Error("DynamoDB is out"));
    aws.memory = { told: new Map() };
    aws.kill("b");
    await run(aws, tick);
    await run(aws, tick);
    assert.deepEqual(aws.messages.map((m) => m.subject).slice(1), ["main: no gateway is alive, private subnets have no way out"]); // prettier-ignore
  });

  it("and not again when it is back", async () => {
    const aws = new FakeAws(["a", "b"]);
    aws.failures.set("UpdateItem", new Error("DynamoDB is out"));
    await run(aws, terminated("a", aws.kill("a")));
    aws.failures.clear();
    await run(aws, tick);
    await run(aws, tick);
    assert.equal(aws.messages.length, 1);
  });
});

describe("reconcile: whose ends are a reason to look", () => {
  quietly();

  it("a gateway's is, though it was seen running a moment ago", async () => {
    const aws = new FakeAws(["a", "b"]);
    await run(aws, tick);
    await run(aws, stopped("i-foreign"), stopped(aws.kill("a")));
    assert.deepEqual(aws.through("a"), ["b"]);
  });

  it("a foreign instance's is not, once it is known who the gateways are", async () => {
    const aws = new FakeAws(["a", "b"]);
    await run(aws, stopped("i-foreign"));
    assert.ok(aws.calls.length > 0, "a cold start looks");
    aws.calls.splice(0);
    await run(aws, stopped("i-foreign"), stopped("i-foreign"));
    assert.deepEqual(aws.calls, []);
  });

  it("all are, after a run that failed: its events are repeated, and the gateway is gone from sight by then", async () => {
    const aws = new FakeAws(["a", "b"]);
    await run(aws, tick);
    const event = stopped(aws.kill("a"));
    aws.failures.set("ReplaceRoute", new Error("throttled"));
    await assert.rejects(run(aws, event), /throttled/);
    aws.failures.clear();
    await run(aws, event);
    assert.deepEqual(aws.through("a"), ["b"]);
  });

  it("all are, once what is known is old", async () => {
    const aws = new FakeAws(["a", "b"]);
    await run(aws, tick);
    aws.memory.gateways = { instanceIds: new Set(), at: new Date(Date.now() - 91_000) };
    await run(aws, stopped(aws.kill("a")));
    assert.deepEqual(aws.through("a"), ["b"]);
  });
});
