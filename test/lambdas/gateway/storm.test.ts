import assert from "node:assert/strict";
import { GatewayEvent } from "../../../lambdas/gateway/events";
import { FakeAws } from "./fakeAws";
import { quietly, run, stopped, tick } from "./runs";

/** What Lambda takes from a FIFO queue at once. */
const BATCH = 10;

describe("a thousand instances of the account stop, and a gateway among them", () => {
  quietly();

  /** Every instance stops and is stopped; the gateway's events are in the middle. */
  function storm(aws: FakeAws): GatewayEvent[] {
    const foreign = Array.from({ length: 1000 }, (_, i) => stopped(`i-foreign-${i % 500}`));
    return [...foreign.slice(0, 500), stopped(aws.kill("a")), ...foreign.slice(500)];
  }

  async function deliver(aws: FakeAws, events: readonly GatewayEvent[]): Promise<number[]> {
    const callsByBatch: number[] = [];
    for (let i = 0; i < events.length; i += BATCH) {
      const before = aws.calls.length;
      await run(aws, ...events.slice(i, i + BATCH));
      callsByBatch.push(aws.calls.length - before);
    }
    return callsByBatch;
  }

  it("costs one reconcile: the batches before and after make no call", async () => {
    const aws = new FakeAws(["a", "b", "c"]);
    await run(aws, tick);
    const callsByBatch = await deliver(aws, storm(aws));
    assert.deepEqual(aws.through("a"), ["b"]);
    assert.deepEqual(callsByBatch.flatMap((n, i) => (n > 0 ? [i] : [])), [50]); // prettier-ignore
  });

  it("costs another one in a new execution environment, and ticks in between theirs: less than 200 calls", async () => {
    const aws = new FakeAws(["a", "b", "c"]);
    const events = storm(aws).flatMap((event, i) => (i % 250 === 0 ? [tick, event] : [event]));
    const calls = (await deliver(aws, events)).reduce((sum, n) => sum + n, 0);
    assert.deepEqual(aws.through("a"), ["b"]);
    assert.ok(calls <= 200, `${calls} calls`);
  });
});
