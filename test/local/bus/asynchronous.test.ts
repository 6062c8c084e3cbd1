import assert from "node:assert/strict";
import fc from "fast-check";
import { runAsynchronously } from "../../../local/bus/asynchronous";
import { MAXIMUM_EVENT_AGE_SECONDS, retryAfterSeconds } from "../../../model/asynchronousInvocation";

/** A function that notes what it was run for, and fails as often as an input says. */
function noting(concurrency: number, failures: Record<string, number> = {}) {
  const runs: string[] = [];
  const invoke = (input: string) => {
    runs.push(input);
    const left = failures[input] ?? 0;
    failures[input] = left - 1;
    return Promise.resolve(left > 0 ? "failed" : undefined);
  };
  return { runs, fn: { concurrency, runSeconds: 1, invoke } };
}

describe("Lambda's queue of asynchronous events", () => {
  it("runs events that find a free run at once", async () => {
    const { runs, fn } = noting(Infinity);
    const outcomes = await runAsynchronously(fn, ["a", "b", "c"]);
    assert.deepEqual(runs, ["a", "b", "c"]);
    assert.ok(outcomes.every((o) => o.error === undefined && o.waitedSeconds === 0));
  });

  it("retries a failed run after one and two minutes, and then gives up", async () => {
    const { runs, fn } = noting(1, { once: 1, always: 9 });
    assert.deepEqual(await runAsynchronously(fn, ["once"]), [{ error: undefined, waitedSeconds: 60 }]);
    assert.deepEqual(await runAsynchronously(fn, ["always"]), [{ error: "failed", waitedSeconds: 180 }]);
    assert.equal(runs.length, 2 + 3);
  });

  it("lets a storm in front of a single run wait for minutes, doubling the pauses", async () => {
    const { fn } = noting(1);
    const inputs = Array.from({ length: 50 }, (_, i) => `stop ${i}`);
    const outcomes = await runAsynchronously(fn, inputs);
    const last = Math.max(...outcomes.map((o) => o.waitedSeconds));
    assert.ok(outcomes.every((o) => o.error === undefined));
    assert.ok(last > 300, `${last} s`);
  });

  it("gives up after six hours what never finds a free run", async () => {
    const [outcome] = await runAsynchronously(noting(0).fn, ["a"]);
    assert.match(outcome?.error ?? "", /reserved concurrency/);
    assert.ok((outcome?.waitedSeconds ?? 0) > MAXIMUM_EVENT_AGE_SECONDS - 300);
  });

  it("property: pauses of throttled events grow from a second to five minutes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), (throttled) => {
        const [pause = 0, next = 0] = [throttled, throttled + 1].map((n) =>
          retryAfterSeconds({ failed: 0, throttled: n, ageSeconds: 0 }),
        );
        assert.ok(pause >= 1 && next <= 300 && (next === 300 || next === 2 * pause));
      }),
    );
  });

  it("property: every event is run once, whatever the concurrency, and never more at a time than that", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 30 }), async (concurrency, n) => {
        const { runs, fn } = noting(concurrency);
        const outcomes = await runAsynchronously(
          fn,
          Array.from({ length: n }, (_, i) => String(i)),
        );
        assert.deepEqual([...runs].sort(), Array.from({ length: n }, (_, i) => String(i)).sort());
        const starts = outcomes.map((o) => o.waitedSeconds);
        for (const start of starts) {
          assert.ok(starts.filter((other) => other <= start && start < other + fn.runSeconds).length <= concurrency);
        }
      }),
    );
  });
});
