import fc from "fast-check";
import assert from "node:assert/strict";
import { decide, LastRestart, maxUnavailable, RestartFacts } from "../../../lambdas/recovery/decide";

const OUTAGE = "2026-11-21T10:00:00.000Z";
const FACTS: RestartFacts = {
  execution: "arn:me",
  outage: OUTAGE,
  now: new Date("2026-11-21T10:01:00.000Z"),
  instance: { state: "running", autoScalingGroup: undefined },
  last: undefined,
  cooldownMinutes: 60,
  group: undefined,
  waitedSeconds: 0,
  maxWaitSeconds: 600,
};
const outcome = (facts: Partial<RestartFacts>) => decide({ ...FACTS, ...facts }).outcome;
const last = (over: Partial<LastRestart> = {}): LastRestart => ({
  confirmed: true,
  outage: "2026-11-21T08:00:00.000Z",
  execution: "arn:other",
  at: "2026-11-21T08:01:00.000Z",
  running: false,
  ...over,
});

describe("decide, whether to restart", () => {
  it("restarts an instance of which nothing is known", () => assert.equal(outcome({}), "restart"));
  it("restarts again for a later outage, when the cooldown is over", () =>
    assert.equal(outcome({ last: last() }), "restart"));
  it("refuses within the cooldown, whatever the outage", () =>
    assert.equal(outcome({ last: last({ at: "2026-11-21T09:30:00.000Z" }) }), "refused"));
  it("knows its own restart again", () =>
    assert.equal(outcome({ last: last({ execution: "arn:me", outage: OUTAGE }) }), "restarted"));
  it("doesn't take a restart that EC2 has not confirmed for done, and never asks for it again", () =>
    assert.equal(outcome({ last: last({ execution: "arn:me", outage: OUTAGE, confirmed: false }) }), "unanswered"));
  it("knows duplicates and late events, even of instances that have meanwhile been stopped", () => {
    const stopped = { state: "stopped", autoScalingGroup: undefined };
    assert.equal(outcome({ last: last({ outage: OUTAGE }), instance: stopped }), "duplicate");
    assert.equal(outcome({ last: last({ outage: "2026-11-21T10:00:01.000Z" }) }), "duplicate");
  });
  it("leaves an instance alone that doesn't run, or is gone", () => {
    assert.equal(outcome({ instance: { state: "stopping", autoScalingGroup: undefined } }), "not-running");
    assert.equal(outcome({ instance: undefined }), "not-running");
  });
  it("refuses for a member of an Auto Scaling group", () =>
    assert.equal(outcome({ instance: { state: "running", autoScalingGroup: "web" } }), "refused"));
  it("waits for another execution that is still at it, but not forever", () => {
    assert.equal(outcome({ last: last({ running: true }) }), "wait");
    assert.equal(outcome({ last: last({ running: true }), waitedSeconds: 600 }), "refused");
  });

  describe("in a group", () => {
    const member = (over: Partial<{ inService: boolean; restarting: boolean }> = {}) => ({
      name: "b",
      inService: true,
      restarting: false,
      ...over,
    });
    const inGroup = (...others: ReturnType<typeof member>[]) =>
      decide({ ...FACTS, group: { others, minHealthyPercentage: 50 } });

    it("restarts one of two while the other is well", () => assert.equal(inGroup(member()).outcome, "restart"));
    it("waits while the other is being restarted, or out of service, and says so", () => {
      assert.match(inGroup(member({ restarting: true })).reason, /b is being restarted/);
      assert.match(inGroup(member({ inService: false })).reason, /b is out of service/);
      assert.equal(inGroup(member({ restarting: true })).outcome, "wait");
    });
    it("allows as many at once as need not be in service", () => {
      assert.equal(inGroup(member({ restarting: true }), member(), member()).outcome, "restart");
      assert.equal(inGroup(member({ restarting: true }), member({ inService: false }), member()).outcome, "wait");
    });
    it("rounds up what must stay: N+1", () =>
      assert.deepEqual(
        [
          [1, 50],
          [2, 50],
          [3, 50],
          [3, 34],
          [3, 67],
          [4, 0],
        ].map(([n, min]) => maxUnavailable(n ?? 0, min ?? 0)),
        [0, 1, 1, 1, 0, 4],
      ));
  });

  const moment = fc.date({ min: new Date("2026-01-01"), max: new Date("2026-12-31"), noInvalidDate: true });
  const facts: fc.Arbitrary<RestartFacts> = fc.record({
    execution: fc.constantFrom("arn:a", "arn:b"),
    outage: moment.map((d) => d.toISOString()),
    now: moment,
    instance: fc.option(
      fc.record({
        state: fc.constantFrom("running", "stopped", "terminated"),
        autoScalingGroup: fc.option(fc.constant("web"), { nil: undefined }),
      }),
      { nil: undefined },
    ),
    last: fc.option(
      fc.record({
        outage: moment.map((d) => d.toISOString()),
        execution: fc.constantFrom("arn:a", "arn:b"),
        at: moment.map((d) => d.toISOString()),
        confirmed: fc.boolean(),
        running: fc.boolean(),
      }),
      { nil: undefined },
    ),
    cooldownMinutes: fc.integer({ min: 5, max: 1440 }),
    group: fc.option(
      fc.record({
        others: fc.array(fc.record({ name: fc.string(), inService: fc.boolean(), restarting: fc.boolean() })),
        minHealthyPercentage: fc.integer({ min: 0, max: 100 }),
      }),
      { nil: undefined },
    ),
    waitedSeconds: fc.integer({ min: 0, max: 1200 }),
    maxWaitSeconds: fc.constant(600),
  });

  it("never restarts twice for an outage, a group's member, what doesn't run, or one too many of a group", () => {
    fc.assert(
      fc.property(facts, (f) => {
        if (decide(f).outcome === "restart") {
          assert.ok(f.last === undefined || (f.outage > f.last.outage && !f.last.running));
          assert.equal(f.instance?.state, "running");
          assert.equal(f.instance?.autoScalingGroup, undefined);
          const { others = [], minHealthyPercentage = 0 } = f.group ?? {};
          const serving = others.filter((m) => m.inService && !m.restarting).length;
          assert.ok(serving * 100 >= minHealthyPercentage * (others.length + 1));
        }
      }),
      { numRuns: 2000 },
    );
  });
  it("gives a reason to everybody whom it tells", () => {
    fc.assert(
      fc.property(facts, (f) => {
        const { outcome: what, reason } = decide(f);
        assert.ok(what === "restart" || reason.length > 0);
        assert.ok(what !== "wait" || f.waitedSeconds < f.maxWaitSeconds);
      }),
    );
  });
});
