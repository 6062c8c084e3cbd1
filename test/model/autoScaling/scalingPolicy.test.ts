import assert from "node:assert/strict";
import type { ScalingPolicy as SdkPolicy } from "@aws-sdk/client-auto-scaling";
import fc from "fast-check";
import { AlarmReading, scale, ScalingPolicy, UNSCALED } from "../../../model/autoScaling/scalingPolicy";
import { withDesiredCapacity } from "../../../model/autoScaling/state";
import { group, last, run } from "./world";

const alarm = (name: string, operator: string, threshold: number, value?: number): AlarmReading => ({
  AlarmName: name,
  StateValue: "ALARM",
  Threshold: threshold,
  ComparisonOperator: operator,
  value,
});
const high = (value?: number, threshold = 50) => alarm("high", "GreaterThanOrEqualToThreshold", threshold, value);
const low = (value?: number, threshold = 50) => alarm("low", "LessThanOrEqualToThreshold", threshold, value);

/** The policies of AWS's example, with its bounds. */
const OUT: ScalingPolicy = {
  PolicyName: "out",
  PolicyType: "StepScaling",
  AdjustmentType: "PercentChangeInCapacity",
  StepAdjustments: [
    { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 10, ScalingAdjustment: 0 },
    { MetricIntervalLowerBound: 10, MetricIntervalUpperBound: 20, ScalingAdjustment: 10 },
    { MetricIntervalLowerBound: 20, ScalingAdjustment: 30 },
  ],
  Alarms: [{ AlarmName: "high" }],
};
const IN: ScalingPolicy = {
  ...OUT,
  PolicyName: "in",
  StepAdjustments: [
    { MetricIntervalLowerBound: -10, MetricIntervalUpperBound: 0, ScalingAdjustment: 0 },
    { MetricIntervalLowerBound: -20, MetricIntervalUpperBound: -10, ScalingAdjustment: -10 },
    { MetricIntervalUpperBound: -20, ScalingAdjustment: -30 },
  ],
  Alarms: [{ AlarmName: "low" }],
};
const SIMPLE: ScalingPolicy = {
  PolicyName: "simple",
  PolicyType: "SimpleScaling",
  AdjustmentType: "ChangeInCapacity",
  ScalingAdjustment: 2,
  Cooldown: 270,
  Alarms: [{ AlarmName: "high" }],
};
const TRACK: ScalingPolicy = {
  PolicyName: "track",
  PolicyType: "TargetTrackingScaling",
  TargetTrackingConfiguration: { TargetValue: 50 },
  Alarms: [{ AlarmName: "high" }, { AlarmName: "low" }],
};

/** The capacity that policies make of one, at once. */
const once = (desired: number, policies: readonly ScalingPolicy[], alarms: readonly AlarmReading[], max = 100) =>
  scale(UNSCALED, group({ desired, max }), policies, alarms, 0).decisions[0]?.DesiredCapacity ?? desired;

describe("scaling policies in virtual time", () => {
  it("take what the SDK describes", () => {
    const answer: SdkPolicy = {
      PolicyName: "out",
      PolicyType: "StepScaling",
      StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }],
      Alarms: [{ AlarmName: "high", AlarmARN: "arn" }],
    };
    assert.equal(once(2, [answer satisfies ScalingPolicy], [high(90)]), 3);
  });

  // https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-simple-step.html#as-scaling-steps
  for (const [desired, reading, expected] of [
    [10, high(59), 10],
    [10, high(60), 11],
    [11, high(70), 14],
    [14, low(40), 13],
    [14, low(41), 14],
    [13, low(30), 10],
  ] as const) {
    it(`step as in AWS's example: ${reading.value} makes ${expected} of ${desired}`, () => {
      assert.equal(once(desired, [OUT, IN], [reading]), expected);
    });
  }

  // https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-simple-step.html#as-scaling-adjustment
  for (const [percent, desired, least, expected] of [
    [127, 10, 0, 22],
    [67, 1, 0, 2],
    [-58, 1, 0, 0],
    [-66.7, 10, 0, 4],
    [25, 4, 2, 6],
  ] as const) {
    it(`round as AWS does: ${percent} % of ${desired}, at least ${least}, make ${expected}`, () => {
      const policy = {
        ...SIMPLE,
        AdjustmentType: "PercentChangeInCapacity",
        ScalingAdjustment: percent,
        MinAdjustmentMagnitude: least,
      };
      assert.equal(once(desired, [policy], [high()]), expected);
    });
  }

  it("stay within the group's size", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: -40, max: 40 }), (desired, ScalingAdjustment) => {
        for (const AdjustmentType of ["ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity"]) {
          const capacity = once(desired, [{ ...SIMPLE, AdjustmentType, ScalingAdjustment }], [high()], 20);
          assert.ok(capacity >= 0 && capacity <= 20);
        }
      }),
    );
  });

  it("of several the one with the largest capacity wins, out and in", () => {
    const changes = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(changes, (all) => {
        const policies = all.map((ScalingAdjustment, i) => ({ ...SIMPLE, PolicyName: `p${i}`, ScalingAdjustment }));
        assert.equal(once(10, policies, [high()]), 10 + Math.max(...all));
      }),
    );
  });

  it("do nothing if disabled, without their alarm, without a datum, or if alarms are suspended", () => {
    assert.equal(once(4, [{ ...SIMPLE, Enabled: false }], [high()]), 4);
    assert.equal(once(4, [SIMPLE], [{ ...high(), StateValue: "INSUFFICIENT_DATA" }]), 4);
    assert.equal(once(4, [OUT], [high()]), 4);
    const state = group({ desired: 4 });
    const suspended = { ...state, group: { ...state.group, suspended: ["AlarmNotification"] } };
    assert.deepEqual(scale(UNSCALED, suspended, [SIMPLE], [high()], 0).decisions, []);
  });

  it("step scaling adds once for a breach that it sees while what it added warms up, and more for a larger one", () => {
    const first = scale(UNSCALED, group({ desired: 10, max: 100 }), [OUT], [high(60)], 0);
    const warming = last(run(withDesiredCapacity(group({ desired: 10, max: 100 }), 11), 0, 60)).state;
    assert.deepEqual(scale(first.state, warming, [OUT], [high(60)], 60).decisions, []);
    assert.equal(scale(first.state, warming, [OUT], [high(75)], 60).decisions[0]?.DesiredCapacity, 13);
    const { decisions, notes } = scale(first.state, warming, [IN], [low(30)], 60);
    assert.deepEqual([decisions, notes], [[], ["in: instances are warming up"]]);
  });

  it("are invoked again every minute while their alarm stays", () => {
    const policy = {
      ...IN,
      AdjustmentType: "ChangeInCapacity",
      StepAdjustments: [{ MetricIntervalUpperBound: 0, ScalingAdjustment: -1 }],
    };
    let state = group({ desired: 6 });
    let scaling = UNSCALED;
    const capacities = Array.from({ length: 19 }, (_, i) => {
      const step = scale(scaling, state, [policy], [low(5)], i * 10);
      scaling = step.state;
      state = withDesiredCapacity(state, step.decisions[0]?.DesiredCapacity ?? state.group.DesiredCapacity);
      return state.group.DesiredCapacity;
    });
    assert.deepEqual(
      [0, 5, 6, 11, 12, 18].map((i) => capacities[i]),
      [5, 5, 4, 4, 3, 2],
    );
  });

  it("simple scaling waits for the activity's end and the cooldown after it", () => {
    let state = group({ desired: 2 });
    let scaling = UNSCALED;
    const at: number[] = [];
    for (let now = 0; now <= 1_000; now += 10) {
      const step = scale(scaling, state, [SIMPLE], [high()], now);
      scaling = step.state;
      at.push(...step.decisions.map(() => now));
      const capacity = step.decisions[0]?.DesiredCapacity ?? state.group.DesiredCapacity;
      ({ state } = last(run(withDesiredCapacity(state, capacity), now, now)));
    }
    // In service after 50 s, as the policy sees 10 s later; then the cooldown until 330, and the next minute's invocation.
    assert.deepEqual(at, [0, 360, 720]);
  });

  it("target tracking rounds up, out and in", () => {
    assert.equal(once(2, [TRACK], [high(80)]), 4);
    assert.equal(once(10, [TRACK], [low(33)]), 7);
    assert.equal(once(10, [TRACK], [low(60)]), 10);
  });

  it("target tracking goes in only if all would, and never if told not to", () => {
    const other = { ...TRACK, PolicyName: "other", Alarms: [{ AlarmName: "other-low" }] };
    const otherLow = { ...low(30), AlarmName: "other-low" };
    assert.equal(once(10, [TRACK, other], [low(10)]), 10);
    assert.equal(once(10, [TRACK, other], [low(10), otherLow]), 6);
    const outOnly = { ...other, TargetTrackingConfiguration: { TargetValue: 50, DisableScaleIn: true } };
    assert.equal(once(10, [TRACK, outOnly], [low(10), otherLow]), 2);
    assert.equal(once(10, [outOnly], [otherLow]), 10);
  });
});
