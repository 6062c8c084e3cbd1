import assert from "node:assert/strict";
import type { StartInstanceRefreshType } from "@aws-sdk/client-auto-scaling";
import fc from "fast-check";
import { alive, Instance, limits } from "../../../model/autoScaling/group";
import { RefreshPreferences, RefreshRequest, RefusedRefresh } from "../../../model/autoScaling/instanceRefresh";
import {
  cancelInstanceRefresh,
  GroupState,
  rollbackInstanceRefresh,
  startInstanceRefresh,
} from "../../../model/autoScaling/state";
import { group, last, NEW, OLD, perZone, run, Seen, spread } from "./world";

const refreshed = (state: GroupState, preferences: RefreshPreferences = {}) =>
  startInstanceRefresh(state, { DesiredConfiguration: { LaunchTemplate: NEW }, Preferences: preferences }, 0);

const versions = (instances: readonly Instance[]) => [
  ...new Set(alive(instances).map((i) => i.LaunchTemplate.Version)),
];

/** What is launched from the new template fails the load balancer's checks. */
const bad = (instances: readonly Instance[]) => ({
  unhealthyTargets: instances.filter((i) => i.LaunchTemplate === NEW).map((i) => i.InstanceId),
});

const statuses = (seen: readonly Seen[]) =>
  seen.flatMap((s) => s.decisions.flatMap((d) => (d.action === "refresh" ? [d.Status] : [])));

const range = fc
  .record({ min: fc.integer({ min: 0, max: 100 }), room: fc.integer({ min: 0, max: 100 }) })
  .map(({ min, room }) => ({ MinHealthyPercentage: min, MaxHealthyPercentage: Math.max(100, min + room) }));
const desired = fc.integer({ min: 1, max: 12 });
const zones = fc.integer({ min: 1, max: 4 });
const every = fc.constantFrom(5, 10, 30);

describe("an instance refresh in virtual time", () => {
  it("takes the SDK's request", () => {
    const request: StartInstanceRefreshType = {
      AutoScalingGroupName: "web",
      DesiredConfiguration: { LaunchTemplate: NEW },
      Preferences: { AutoRollback: true, AlarmSpecification: { Alarms: ["errors"] }, CheckpointPercentages: [50, 100] },
    };
    const { refresh } = startInstanceRefresh(group({ desired: 2 }), request satisfies RefreshRequest, 5);
    assert.equal(refresh?.Status, "InProgress");
    assert.deepEqual(refresh?.outdated, ["i-1", "i-2"]);
  });

  it("replaces all, never leaves its range, and ends evenly spread on the new template", () => {
    fc.assert(
      fc.property(desired, zones, range, every, fc.constantFrom(0, 60), (n, z, percentages, pace, warmup) => {
        const before = group({ desired: n, zones: z, warmup });
        const seen = run(refreshed(before, percentages), 0, 12_000, undefined, pace);
        const { least, most } = limits(n, percentages);
        for (const { ready, state } of seen) {
          assert.ok(ready.length >= least, `${ready.length} of at least ${least}`);
          assert.ok(percentages.MinHealthyPercentage < 100 || ready.length >= n);
          assert.ok(alive(state.instances).length <= most);
        }
        const { state } = last(seen);
        assert.equal(state.refresh?.Status, "Successful");
        assert.equal(state.refresh.PercentageComplete, 100);
        assert.deepEqual(state.group.LaunchTemplate, NEW);
        assert.deepEqual(versions(state.instances), ["2"]);
        assert.equal(last(seen).ready.length, n);
        assert.ok(spread(perZone(state.group, state.instances)) <= 1);
        const alike = seen.map((s) => spread(perZone(s.state.group, s.state.instances)));
        assert.ok(least + 1 < most || Math.max(...alike) <= 1);
      }),
      { numRuns: 40 },
    );
  });

  it("goes back from a bad template by itself, after an hour without progress, and never leaves its range", () => {
    fc.assert(
      fc.property(desired, zones, range, (n, z, percentages) => {
        const before = group({ desired: n, zones: z });
        const seen = run(refreshed(before, { ...percentages, AutoRollback: true }), 0, 14_000, bad, 30);
        const { least } = limits(n, percentages);
        assert.ok(seen.every((s) => s.ready.filter((i) => i.LaunchTemplate === OLD).length >= least));
        assert.deepEqual(statuses(seen), ["RollbackInProgress", "RollbackSuccessful"]);
        const { state, ready } = last(seen);
        assert.deepEqual(versions(state.instances), ["1"]);
        assert.deepEqual(state.group.LaunchTemplate, OLD);
        assert.equal(ready.length, n);
        assert.equal(alive(state.instances).length, n);
      }),
      { numRuns: 40 },
    );
  });

  it("takes an instance that fails within its grace period for a good one: a warmup that is shorter lets a bad template through", () => {
    const launchFirst = { MinHealthyPercentage: 100, MaxHealthyPercentage: 110, AutoRollback: true };
    const serving = (grace: number, warmup: number) => {
      const seen = run(refreshed(group({ desired: 6, grace, warmup }), launchFirst), 0, 5_000, bad);
      return Math.min(...seen.map((s) => s.ready.filter((i) => i.LaunchTemplate === OLD).length));
    };
    assert.ok(serving(300, 60) < 6);
    assert.equal(serving(300, 300), 6);
  });

  it("goes back at once on an alarm that it heeds", () => {
    const state = refreshed(group({ desired: 4 }), {
      MinHealthyPercentage: 100,
      MaxHealthyPercentage: 150,
      AutoRollback: true,
      AlarmSpecification: { Alarms: ["errors"] },
    });
    const seen = run(state, 0, 2_000, (_, now) => ({ alarms: now >= 200 ? ["errors", "other"] : ["other"] }));
    assert.equal(seen.find((s) => s.state.refresh?.Status === "RollbackInProgress")?.now, 200);
    assert.equal(last(seen).state.refresh?.StatusReason, "the alarm errors is in ALARM");
    assert.equal(last(seen).state.refresh?.Status, "RollbackSuccessful");
    assert.deepEqual(versions(last(seen).state.instances), ["1"]);
    assert.ok(seen.every((s) => s.ready.length >= 4));
  });

  it("without a rollback fails and stays where it is", () => {
    const seen = run(refreshed(group({ desired: 3 }), { MinHealthyPercentage: 60 }), 0, 6_000, bad);
    assert.deepEqual(statuses(seen), ["Failed"]);
    assert.equal(last(seen).state.refresh?.StatusReason, "no progress for an hour");
  });

  it("that fails on an alarm gives nothing up before as many as desired are ready", () => {
    const launchFirst = { MinHealthyPercentage: 100, MaxHealthyPercentage: 150 };
    const state = refreshed(group({ desired: 4 }), { ...launchFirst, AlarmSpecification: { Alarms: ["errors"] } });
    const seen = run(state, 0, 1_000, (_, now) => ({ alarms: now >= 20 ? ["errors"] : [] }));
    assert.deepEqual(statuses(seen), ["Failed"]);
    assert.ok(seen.every((s) => s.ready.length >= 4));
    assert.equal(alive(last(seen).state.instances).length, 4);
  });

  it("waits at checkpoints as AWS's example does", () => {
    const state = refreshed(group({ desired: 10, warmup: 555 }), {
      MinHealthyPercentage: 80,
      CheckpointPercentages: [20, 50],
      CheckpointDelay: 900,
    });
    const seen = run(state, 0, 6_000);
    const terminated = seen.flatMap((s) => s.decisions.flatMap((d) => (d.action === "terminate" ? [s.now] : [])));
    // Launches take 45 s and warmups 555 s, together the ten minutes of
    // https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-adding-checkpoints-instance-refresh.html
    assert.deepEqual(terminated, [0, 0, 1_500, 1_500, 2_100]);
    assert.deepEqual(statuses(seen), ["Successful"]);
    assert.deepEqual(versions(last(seen).state.instances), ["1", "2"]);
  });

  it("skips checkpoints that are behind it at once", () => {
    const state = refreshed(group({ desired: 2 }), { CheckpointPercentages: [10, 40, 100], CheckpointDelay: 60 });
    const seen = run(state, 0, 3_000);
    const checkpoints = seen.flatMap((s) => s.decisions.filter((d) => d.action === "checkpoint"));
    assert.deepEqual(
      checkpoints.map((c) => c.PercentageComplete),
      [50, 100],
    );
    // After the last there is nothing to wait for.
    assert.equal(checkpoints[0]?.waitsUntil, checkpoints[1]?.waitsUntil);
    assert.deepEqual(statuses(seen), ["Successful"]);
  });

  it("leaves alone what matches, and is done at once if all does", () => {
    const state = group({ desired: 3 });
    const instances = state.instances.map((i) => (i.InstanceId === "i-1" ? { ...i, LaunchTemplate: { ...NEW } } : i));
    const seen = run(refreshed({ ...state, instances }, { SkipMatching: true }), 0, 2_000);
    const terminated = seen.flatMap((s) =>
      s.decisions.flatMap((d) => (d.action === "terminate" ? [d.InstanceId] : [])),
    );
    assert.deepEqual(terminated.sort(), ["i-2", "i-3"]);
    const again = startInstanceRefresh(last(seen).state, { Preferences: { SkipMatching: true } }, 2_010);
    assert.deepEqual(statuses(run(again, 2_010, 2_010)), ["Successful"]);
  });

  it("waits for protected instances until it fails, or leaves them alone, or replaces them", () => {
    const state = group({ desired: 3 });
    const instances = state.instances.map((i) => ({ ...i, ProtectedFromScaleIn: i.InstanceId === "i-1" }));
    for (const [ScaleInProtectedInstances, status, versionsLeft] of [
      ["Wait", "Failed", ["1", "2"]],
      ["Ignore", "Successful", ["1", "2"]],
      ["Refresh", "Successful", ["2"]],
    ] as const) {
      const seen = run(refreshed({ ...state, instances }, { ScaleInProtectedInstances }), 0, 6_000);
      assert.deepEqual(statuses(seen), [status]);
      assert.deepEqual(versions(last(seen).state.instances), versionsLeft);
    }
  });

  it("bakes before it is done, and an alarm still takes it back", () => {
    const preferences = { BakeTime: 600, AutoRollback: true, AlarmSpecification: { Alarms: ["errors"] } };
    const good = run(refreshed(group({ desired: 1 }), preferences), 0, 2_000);
    assert.deepEqual(statuses(good), ["Baking", "Successful"]);
    const late = run(refreshed(group({ desired: 1 }), preferences), 0, 2_000, (_, now) => ({
      alarms: now > 400 ? ["errors"] : [],
    }));
    assert.deepEqual(statuses(late), ["Baking", "RollbackInProgress", "RollbackSuccessful"]);
    assert.deepEqual(versions(last(late).state.instances), ["1"]);
  });

  it("is cancelled where it is, and rolled back when asked", () => {
    const half = run(
      refreshed(group({ desired: 4 }), { MinHealthyPercentage: 100, MaxHealthyPercentage: 110 }),
      0,
      300,
    );
    const cancelled = run(cancelInstanceRefresh(last(half).state, 310), 310, 1_500);
    assert.equal(last(cancelled).state.refresh?.Status, "Cancelled");
    assert.equal(last(cancelled).ready.length, 4);
    assert.ok(cancelled.every((s) => s.ready.length >= 4));
    assert.deepEqual(versions(last(cancelled).state.instances), ["1", "2"]);
    const back = run(rollbackInstanceRefresh(last(half).state, 310), 310, 2_000);
    assert.deepEqual(statuses(back), ["RollbackSuccessful"]);
    assert.deepEqual(versions(last(back).state.instances), ["1"]);
    assert.ok(back.every((s) => s.ready.length >= 4));
  });

  it("launches what scaling adds from the desired configuration", () => {
    const half = last(run(refreshed(group({ desired: 4 })), 0, 20)).state;
    const seen = run({ ...half, group: { ...half.group, DesiredCapacity: 6 } }, 30, 4_000);
    assert.equal(last(seen).ready.length, 6);
    assert.deepEqual(versions(last(seen).state.instances), ["2"]);
  });

  it("refuses what AWS refuses", () => {
    const state = group({ desired: 2 });
    const start = (request: RefreshRequest, from = state) => startInstanceRefresh(from, request, 0);
    const rollback = { AutoRollback: true };
    assert.throws(() => start({}, refreshed(state)), RefusedRefresh);
    assert.throws(() => start({ Preferences: rollback }), RefusedRefresh);
    const latest = { LaunchTemplate: { LaunchTemplateId: "lt-1", Version: "$Latest" } };
    assert.throws(() => start({ DesiredConfiguration: latest, Preferences: rollback }), RefusedRefresh);
  });
});
