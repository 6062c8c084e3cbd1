import { MetricAlarm } from "@aws-sdk/client-cloudwatch";
import { ScalingPolicy } from "../../model/autoScaling/scalingPolicy";

/** How the names begin of the alarms that Auto Scaling makes for target tracking. */
export const TRACKING = "TargetTracking-";

/**
 * The alarms that Auto Scaling makes for a policy that tracks a target, and no emulator: out after three minutes above it,
 * in after fifteen below nine tenths of it.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html
 */
export function trackingAlarms({ PolicyName, TargetTrackingConfiguration }: ScalingPolicy): MetricAlarm[] {
  const target = TargetTrackingConfiguration?.TargetValue;
  const alarm = (
    suffix: string,
    ComparisonOperator: "GreaterThanThreshold" | "LessThanThreshold",
    more: MetricAlarm,
  ) => ({
    ...{ AlarmName: `${TRACKING}${PolicyName}-${suffix}`, ComparisonOperator, Period: 60, MetricName: "tracked" },
    ...more,
  });
  return target === undefined
    ? []
    : [
        alarm("AlarmHigh", "GreaterThanThreshold", { Threshold: target, EvaluationPeriods: 3 }),
        alarm("AlarmLow", "LessThanThreshold", { Threshold: target * 0.9, EvaluationPeriods: 15 }),
      ];
}
