import type { ScalingPolicy as SdkPolicy } from "@aws-sdk/client-application-auto-scaling";
import assert from "node:assert/strict";
import fc from "fast-check";
import { AlarmReading, UNSCALED } from "../../../model/autoScaling/scalingPolicy";
import { scaleService, ServiceScalingPolicy } from "../../../model/ecs/scaling";
import { Task } from "../../../model/ecs/service";

const policy = (way: "out" | "in"): ServiceScalingPolicy => ({
  PolicyName: way,
  PolicyType: "StepScaling",
  StepScalingPolicyConfiguration: {
    AdjustmentType: "ChangeInCapacity",
    Cooldown: 60,
    StepAdjustments: [
      way === "out"
        ? { MetricIntervalLowerBound: 0, ScalingAdjustment: 2 }
        : { MetricIntervalUpperBound: 0, ScalingAdjustment: -2 },
    ],
  },
  Alarms: [{ AlarmName: way }],
});
const TRACKING: ServiceScalingPolicy = {
  PolicyName: "tracking",
  PolicyType: "TargetTrackingScaling",
  TargetTrackingScalingPolicyConfiguration: { TargetValue: 50, ScaleOutCooldown: 60 },
  Alarms: [{ AlarmName: "out" }],
};
const alarm = (way: "out" | "in", value: number): AlarmReading => ({
  ...{ AlarmName: way, StateValue: "ALARM", value },
  ...(way === "out"
    ? { Threshold: 70, ComparisonOperator: "GreaterThanOrEqualToThreshold" }
    : { Threshold: 30, ComparisonOperator: "LessThanThreshold" }),
});
const TARGET = { MinCapacity: 4, MaxCapacity: 20 };

const service = (desiredCount: number, youngest = -1000) => ({
  serviceName: "cart",
  desiredCount,
  tasks: Array.from({ length: desiredCount }, (_, i): Task => ({
    ...{ taskId: `t-${i}`, serviceName: "cart", ec2InstanceId: "i-1", taskDefinition: "cart:1", cpu: 1, memory: 1 },
    ...{ lastStatus: "RUNNING", since: i < 4 ? -1000 : youngest },
  })),
});
const wanted = (of: ReturnType<typeof service>, policies: ServiceScalingPolicy[], ...alarms: AlarmReading[]) =>
  scaleService(UNSCALED, of, TARGET, policies, alarms, 0).decisions[0]?.DesiredCapacity ?? of.desiredCount;

describe("how a service on ECS is scaled", () => {
  it("by two tasks out and two in, within its bounds", () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 20 }), (n) => {
        assert.equal(wanted(service(n), [policy("out"), policy("in")], alarm("out", 90)), Math.min(n + 2, 20));
        assert.equal(wanted(service(n), [policy("out"), policy("in")], alarm("in", 10)), Math.max(n - 2, 4));
      }),
    );
  });
  it("once for what was seen twice within the cooldown, and in only after it", () => {
    assert.equal(wanted(service(6, -30), [policy("out")], alarm("out", 90)), 6);
    assert.equal(wanted(service(6, -30), [policy("in")], alarm("in", 10)), 6);
    assert.equal(wanted(service(6, -60), [policy("out")], alarm("out", 90)), 8);
  });
  it("by as many as bring a tracked metric to its target", () => {
    assert.equal(wanted(service(4), [TRACKING], alarm("out", 90)), 8);
  });
  it("by what the SDK answers", () => {
    const described: SdkPolicy = {
      ...{ PolicyARN: "arn", PolicyName: "out", ServiceNamespace: "ecs", ResourceId: "r", PolicyType: "StepScaling" },
      ...{ ScalableDimension: "ecs:service:DesiredCount", CreationTime: new Date(0) },
      StepScalingPolicyConfiguration: policy("out")
        .StepScalingPolicyConfiguration as SdkPolicy["StepScalingPolicyConfiguration"],
      Alarms: [{ AlarmName: "out", AlarmARN: "arn" }],
    };
    assert.equal(wanted(service(4), [described], alarm("out", 70)), 6);
  });
});
