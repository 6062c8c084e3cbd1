import assert from "node:assert/strict";
import fc from "fast-check";
import { alive } from "../../model/autoScaling/group";
import { renamed, startInstanceRefresh } from "../../model/autoScaling/state";
import {
  BalancedGroup,
  BalancedGroupDecision,
  balancedGroupOf,
  BalancedGroupInputs,
  servingInstances,
  stepBalancedGroup,
} from "../../model/balancedGroup";
import { described, NEW, OLD, perZone, spread, Wanted } from "./autoScaling/world";

const HIGH = {
  AlarmName: "cpu-high",
  Period: 60,
  EvaluationPeriods: 3,
  Threshold: 75,
  ComparisonOperator: "GreaterThanThreshold",
  StateValue: "OK",
};
const LOW = { ...HIGH, AlarmName: "cpu-low", Threshold: 10, ComparisonOperator: "LessThanThreshold" };
const stepBy = (PolicyName: string, ScalingAdjustment: number, AlarmName: string) => ({
  PolicyName,
  PolicyType: "StepScaling",
  AdjustmentType: "ChangeInCapacity",
  StepAdjustments: [
    ScalingAdjustment > 0
      ? { MetricIntervalLowerBound: 0, ScalingAdjustment }
      : { MetricIntervalUpperBound: 0, ScalingAdjustment },
  ],
  Alarms: [{ AlarmName }],
});

const world = (wanted: Wanted) =>
  balancedGroupOf(
    {
      group: described({
        maintenance: { MinHealthyPercentage: 100, MaxHealthyPercentage: 110 },
        warmup: 120,
        grace: 120,
        ...wanted,
      }),
      subnets: [],
      targetGroup: { HealthCheckIntervalSeconds: 10, UnhealthyThresholdCount: 3, HealthyThresholdCount: 2 },
      targetGroupAttributes: [{ Key: "deregistration_delay.timeout_seconds", Value: "60" }],
      alarms: [HIGH, LOW],
      policies: [stepBy("out", 1, "cpu-high"), stepBy("in", -1, "cpu-low")],
    },
    0,
  );

interface Seen {
  readonly now: number;
  readonly state: BalancedGroup;
  readonly serving: number;
  readonly decisions: readonly BalancedGroupDecision[];
}

function run(
  state: BalancedGroup,
  from: number,
  to: number,
  inputs: (state: BalancedGroup, now: number) => Omit<BalancedGroupInputs, "lifecycle"> = () => ({}),
): Seen[] {
  const seen: Seen[] = [];
  for (let now = from, current = state; now <= to; now += 10) {
    const lifecycle = { launchSeconds: 60, terminateSeconds: 60 };
    const { state: after, decisions } = stepBalancedGroup(current, { lifecycle, ...inputs(current, now) }, now);
    current = after;
    seen.push({ now, state: after, serving: servingInstances(after).length, decisions });
  }
  return seen;
}
const last = (seen: readonly Seen[]) => seen.at(-1) as Seen;

describe("a group behind a balancer in virtual time", () => {
  it("sized for the loss of a zone, serves what is needed throughout, and all again without it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 2, max: 4 }), (required, zones) => {
        const desired = Math.ceil(required / (zones - 1)) * zones;
        const seen = run(world({ desired, zones }), 0, 1_800, () => ({ lostZones: ["zone-1"] }));
        // Until the balancer notices, what is lost still counts as healthy there.
        for (const { serving, state } of seen) {
          const dead = state.group.instances.filter((i) => i.AvailabilityZone === "zone-1").map((i) => i.InstanceId);
          assert.ok(serving >= required);
          assert.ok(servingInstances(state).filter((id) => !dead.includes(id)).length >= required);
        }
        const { state, serving } = last(seen);
        assert.equal(serving, desired);
        const counts = perZone(state.group.group, state.group.instances);
        assert.equal(counts[0], 0);
        assert.ok(spread(counts.slice(1)) <= 1);
        const back = run(state, 1_810, 6_000);
        assert.ok(back.every((s) => s.serving >= desired));
        assert.ok(spread(perZone(state.group.group, last(back).state.group.instances)) <= 1);
      }),
      { numRuns: 30 },
    );
  });

  it("rolls out a good template with all serving, and takes back a bad one with all serving", () => {
    const preferences = { MinHealthyPercentage: 100, MaxHealthyPercentage: 110, AutoRollback: true };
    for (const [answers, status, template] of [
      [true, "Successful", NEW],
      [false, "RollbackSuccessful", OLD],
    ] as const) {
      const before = world({ desired: 6 });
      const request = { DesiredConfiguration: { LaunchTemplate: NEW }, Preferences: preferences };
      const started = { ...before, group: startInstanceRefresh(before.group, request, 0) };
      const seen = run(started, 0, 8_000, () => ({ answers: (i) => answers || i.LaunchTemplate !== NEW }));
      assert.ok(seen.every((s) => s.serving >= 6));
      const { state } = last(seen);
      assert.equal(state.group.refresh?.Status, status);
      assert.ok(alive(state.group.instances).every((i) => i.LaunchTemplate === template));
    }
  });

  it("goes out under load until its instances bear it, and in when the load has gone, without going to and fro", () => {
    fc.assert(
      fc.property(fc.integer({ min: 76, max: 900 }), (load) => {
        const cpu = (state: BalancedGroup) => Math.min(100, load / Math.max(1, servingInstances(state).length));
        const state = world({ desired: 1, max: 20, zones: 2 });
        const busy = run(state, 0, 9_000, (s) => ({ statistic: () => cpu(s) }));
        assert.ok(cpu(last(busy).state) <= 75);
        const capacities = busy.map((s) => s.state.group.group.DesiredCapacity);
        assert.deepEqual(
          capacities,
          [...capacities].sort((a, b) => a - b),
        );
        assert.equal(capacities.at(-1), Math.ceil(load / 75));
        const idle = run(last(busy).state, 9_010, 12_000, () => ({
          statistic: () => 1,
        }));
        assert.equal(last(idle).state.group.group.DesiredCapacity, 0);
      }),
      { numRuns: 20 },
    );
  });

  it("by EC2's checks alone, replaces what is in a lost zone after a few minutes", () => {
    const before = world({ desired: 4, zones: 2 });
    const group = { ...before.group, group: { ...before.group.group, HealthCheckType: "EC2" as const } };
    const seen = run({ ...before, group }, 0, 1_200, () => ({ lostZones: ["zone-1"] }));
    assert.equal(seen.find((s) => s.decisions.some((d) => d.action === "launch"))?.now, 180);
    assert.equal(last(seen).serving, 4);
  });

  it("replaces a stopped instance with the rest serving", () => {
    const seen = run(world({ desired: 3 }), 0, 600, () => ({ notRunning: ["i-1"] }));
    assert.ok(seen.every((s) => servingInstances(s.state).filter((id) => id !== "i-1").length >= 2));
    assert.equal(last(seen).serving, 3);
    const actions = seen.flatMap((s) => s.decisions.map((d) => d.action));
    for (const action of ["terminate", "launch", "in-service", "initial", "healthy", "deregistered", "terminated"]) {
      assert.ok(actions.includes(action as (typeof actions)[number]), action);
    }
  });

  it("knows by its real id what it has launched", () => {
    const lost = last(run(world({ desired: 3 }), 0, 0, () => ({ notRunning: ["i-1"] }))).state;
    const seen = run({ ...lost, group: renamed(lost.group, "launch-1", "i-9") }, 10, 600);
    assert.deepEqual(servingInstances(last(seen).state).sort(), ["i-2", "i-3", "i-9"]);
  });
});
