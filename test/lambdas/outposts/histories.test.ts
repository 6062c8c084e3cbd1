import fc from "fast-check";
import assert from "node:assert/strict";
import { AlarmEvent } from "../../../lambdas/outposts/alarm";
import { Fate } from "./fakeAws";
import { alarmEvent, clock, lose, startTime, stopTime, subjects, World, world } from "./world";

const FATES = ["throttled", "failed", "lost answer", "hangs", "refused"] as const;

describe("reconcile, each call failing in turn, run again", () => {
  before(stopTime);
  after(startTime);

  /** A world in which the k-th call of what follows has this fate; `failed` says whether there was one. */
  function failing(w: World, k: number, fate: Fate): { failed: boolean } {
    const state = { failed: false };
    let call = 0;
    w.aws.fate = () => {
      const strikes = call++ === k;
      state.failed ||= strikes;
      return Promise.resolve(strikes ? fate : "ok");
    };
    return state;
  }

  /** A run; one that hangs is over when Lambda ends it. */
  async function runUntilDead(w: World, event: AlarmEvent): Promise<void> {
    await Promise.race([w.run(event).catch(() => undefined), w.aws.hung]);
  }

  for (const fate of FATES) {
    it(`has launched everything once, and told it: ${fate}`, async () => {
      for (let k = 0, failed = true; failed; k++) {
        const w = world();
        clock.pass(60);
        w.aws.disconnect();
        const state = failing(w, k, fate);
        await runUntilDead(w, alarmEvent(w.aws));
        w.aws.fate = () => Promise.resolve("ok");
        await w.tick(6);
        ({ failed } = state);
        assert.equal(w.aws.copies().length, 3, `call ${k}`);
        assert.deepEqual(w.aws.broken, [], `call ${k}`);
        const times = subjects(w).filter((s) => s === "p: a's instances are relaunched on b").length;
        assert.ok(times === 1 || times === 2, `call ${k}: told ${times} times`);
      }
    });

    it(`has given everything back, and told it: ${fate}`, async () => {
      for (let k = 0, failed = true; failed; k++) {
        const w = world();
        await lose(w);
        await w.tick(3);
        clock.pass(60);
        w.aws.connect();
        const state = failing(w, k, fate);
        for (let minute = 0; minute < 4; minute++) {
          await runUntilDead(w, alarmEvent(w.aws));
          clock.pass(60);
          w.aws.settle();
        }
        w.aws.fate = () => Promise.resolve("ok");
        await w.tick(6);
        ({ failed } = state);
        assert.deepEqual([w.aws.copies().length, w.aws.own().length], [0, 3], `call ${k}`);
        assert.deepEqual(w.aws.broken, [], `call ${k}`);
        const times = subjects(w).filter((s) => s.startsWith("p: a is back")).length;
        assert.ok(times === 1 || times === 2, `call ${k}: told ${times} times`);
      }
    });
  }
});

const steps = fc.oneof(
  { weight: 4, arbitrary: fc.constant("disconnect" as const) },
  { weight: 4, arbitrary: fc.constant("connect" as const) },
  { weight: 1, arbitrary: fc.constant("gap" as const) },
  { weight: 1, arbitrary: fc.constant("full" as const) },
  { weight: 1, arbitrary: fc.constant("lost copy" as const) },
  { weight: 1, arbitrary: fc.constant("hours" as const) },
  { weight: 6, arbitrary: fc.constant("minute" as const) },
);
const fates = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: fc.constant<Fate>("ok") },
    { weight: 1, arbitrary: fc.constantFrom<Fate>("throttled", "failed", "lost answer", "hangs") },
  ),
  { minLength: 40, maxLength: 120 },
);

describe("reconcile, whatever happens in whatever order", () => {
  before(stopTime);
  after(startTime);

  it("never has more copies than wanted, never ends them while the source is gone, leaves nobody untold", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(steps, { minLength: 4, maxLength: 14 }),
        fates,
        fc.constantFrom("notify" as const, "terminate-relaunched" as const),
        fc.nat(3),
        async (scheduler, history, fateList, failback, lag) => {
          const w = world([2, 1], failback);
          const { aws } = w;
          aws.lag = lag;
          // A run that waits for a copy to be seen fails; that is over after five of them.
          const minutes = async (count: number) => {
            for (let minute = 0; minute < count; minute++) {
              await w.tick().catch(() => undefined);
            }
          };
          let call = 0;
          let telling = 0;
          const fate = (action: string): Fate => {
            const chosen = fateList[call++ % fateList.length] ?? "ok";
            telling += chosen !== "ok" && /Publish|UpdateItem/.test(action) ? 1 : 0;
            return chosen;
          };
          const events: AlarmEvent[] = [];
          for (const step of history) {
            clock.pass(60);
            if (step === "disconnect") {
              aws.disconnect();
            } else if (step === "connect") {
              aws.connect();
            } else if (step === "gap") {
              aws.alarm = { state: "INSUFFICIENT_DATA", since: clock.now() };
              aws.source = [];
            } else if (step === "lost copy") {
              aws.copies().slice(0, 1).forEach((i) => (i.state = "terminated")); // prettier-ignore
            } else if (step === "hours") {
              aws.fate = () => Promise.resolve("ok");
              await minutes(6);
              clock.pass(7200);
              aws.forget();
            } else {
              aws.room = step === "full" ? 1 : 100;
              aws.settle();
            }
            events.push(alarmEvent(aws));
            // The event twice, an old one, and the minute's look, all at once; each call in any order, with any fate.
            const old = events[call % events.length];
            aws.fate = (action) => scheduler.schedule(Promise.resolve()).then(() => fate(action));
            const runs = [events.at(-1), events.at(-1), old, {}].map((event) => w.run(event).catch(() => undefined));
            void Promise.all(runs);
            await scheduler.waitIdle();
          }
          aws.fate = () => Promise.resolve("ok");
          aws.room = 100;
          aws.source = aws.source.length === 0 ? [1] : aws.source;
          aws.alarm = aws.alarm.state === "INSUFFICIENT_DATA" ? { state: "OK", since: clock.now() } : aws.alarm;
          const connected = aws.alarm.state === "OK";
          if (connected) {
            aws.connect();
          }
          const outage = connected ? undefined : `${aws.alarm.since.toISOString().slice(0, 19)}Z`;
          await minutes(12);
          await w.tick();
          assert.deepEqual(aws.broken, []);
          const copies = aws.copies().length;
          if (history.includes("lost copy")) {
            // One that has ended by itself isn't launched again in the same outage.
            assert.ok(copies <= 3);
          } else if (!connected) {
            assert.equal(copies, 3);
            assert.ok(
              aws.messages.some((m) => m.body.includes(`since ${outage}`) && m.subject.includes("are relaunched on b")),
            );
          } else if (failback === "terminate-relaunched") {
            assert.equal(copies, 0);
          }
          // Whoever was told of an outage, or whose instances were launched again, is told how it ended.
          const told = subjects(w).filter((s) => !s.includes("measure"));
          if (connected && (aws.instances.length > 3 || told.length > 0)) {
            assert.match(told.at(-1) ?? "", /a is back/);
          }
          const times = new Map<string, number>();
          aws.messages.forEach((m) => times.set(m.subject + m.body, (times.get(m.subject + m.body) ?? 0) + 1));
          // Once, and once more for each time that a run can't know whether people were told.
          const often = [...times].filter(([, n]) => n > 1 + telling);
          assert.deepEqual(often, []);
        },
      ),
      { numRuns: 300 },
    );
  });
});
