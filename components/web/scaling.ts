import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** What a tier scales by: EC2's CPU, or memory as CloudWatch's agent measures it. */
export type ScalingMetric = "cpu" | "memory";

/** One instance more above a threshold, one fewer below another. */
export interface StepScaling {
  readonly type: "steps";
  readonly metric: ScalingMetric;
  /** Percent above which an instance is added. */
  readonly outAbovePercent: number;
  /** Percent below which one is taken away. */
  readonly inBelowPercent: number;
  /** Seconds of a datum. */
  readonly periodSeconds: number;
  /** Data in a row that add instances. */
  readonly outPeriods: number;
  /** Data in a row that take one away. */
  readonly inPeriods: number;
  /** Whether people are told of it. */
  readonly notify: boolean;
}

/** As many instances as keep the utilization at a value. */
export interface TargetTracking {
  readonly type: "target-tracking";
  readonly metric: ScalingMetric;
  /** Percent that is kept. */
  readonly targetPercent: number;
}

/** Arguments of `Scaling`. */
export interface ScalingArgs {
  readonly tier: string;
  readonly groupName: pulumi.Input<string>;
  readonly scaling: StepScaling | TargetTracking;
  /** Seconds after which a new instance carries its share. */
  readonly warmupSeconds: number;
  /** ARN of the topic that hears of it. */
  readonly topicArn: pulumi.Input<string>;
}

/** Points above the threshold from which on two instances are added instead of one. */
const STEEP = "15";

/** The metrics of a group, averaged over its instances. */
export const GROUP_METRICS = {
  cpu: { namespace: "AWS/EC2", metricName: "CPUUtilization" },
  memory: { namespace: "CWAgent", metricName: "mem_used_percent" },
};

/**
 * How a group scales: by alarms and steps, of which people can be told, or by target tracking, whose alarms are Auto
 * Scaling's own. The group's minimum, which the loss of a zone asks for, is never undercut. $0.20 a month: two alarms.
 *
 * @example
 * new Scaling("shop-scaling", {
 *   tier: "shop", groupName: group.name, warmupSeconds: 300, topicArn: topic.arn,
 *   scaling: { type: "target-tracking", metric: "cpu", targetPercent: 50 },
 * });
 */
export class Scaling extends pulumi.ComponentResource {
  constructor(
    private readonly name: string,
    private readonly args: ScalingArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:Scaling", name, {}, opts);
    if (args.scaling.type === "steps") {
      this.createSteps(args.scaling);
    } else {
      this.createTracking(args.scaling);
    }
    this.registerOutputs();
  }

  private createSteps(scaling: StepScaling): void {
    const { metric, outAbovePercent, outPeriods, inBelowPercent, inPeriods } = scaling;
    const out = this.createStepPolicy("out", [
      { metricIntervalLowerBound: "0", metricIntervalUpperBound: STEEP, scalingAdjustment: 1 },
      { metricIntervalLowerBound: STEEP, scalingAdjustment: 2 },
    ]);
    this.createAlarm(scaling, "high", out, {
      alarmDescription: `${this.args.tier}: ${metric} above ${outAbovePercent} %; instances are added.`,
      comparisonOperator: "GreaterThanThreshold",
      threshold: outAbovePercent,
      evaluationPeriods: outPeriods,
    });
    const taken = this.createStepPolicy("in", [{ metricIntervalUpperBound: "0", scalingAdjustment: -1 }]);
    this.createAlarm(scaling, "low", taken, {
      alarmDescription: `${this.args.tier}: ${metric} below ${inBelowPercent} %; an instance is taken away, if there are more than needed.`,
      comparisonOperator: "LessThanThreshold",
      threshold: inBelowPercent,
      evaluationPeriods: inPeriods,
    });
  }

  private createStepPolicy(
    suffix: string,
    stepAdjustments: aws.types.input.autoscaling.PolicyStepAdjustment[],
  ): aws.autoscaling.Policy {
    return new aws.autoscaling.Policy(
      `${this.name}-${suffix}`,
      {
        autoscalingGroupName: this.args.groupName,
        policyType: "StepScaling",
        adjustmentType: "ChangeInCapacity",
        metricAggregationType: "Average",
        estimatedInstanceWarmup: this.args.warmupSeconds,
        stepAdjustments,
      },
      { parent: this },
    );
  }

  private createAlarm(
    { metric, notify, periodSeconds }: StepScaling,
    suffix: string,
    policy: aws.autoscaling.Policy,
    args: Pick<
      aws.cloudwatch.MetricAlarmArgs,
      "alarmDescription" | "comparisonOperator" | "threshold" | "evaluationPeriods"
    >,
  ): void {
    new aws.cloudwatch.MetricAlarm(
      `${this.name}-${suffix}`,
      {
        ...args,
        ...GROUP_METRICS[metric],
        dimensions: { AutoScalingGroupName: this.args.groupName },
        statistic: "Average",
        period: periodSeconds,
        // No data is no reason to change anything.
        treatMissingData: "missing",
        alarmActions: [policy.arn, ...(notify ? [this.args.topicArn] : [])],
      },
      { parent: policy },
    );
  }

  private createTracking({ metric, targetPercent }: TargetTracking): void {
    const { groupName, warmupSeconds } = this.args;
    new aws.autoscaling.Policy(
      `${this.name}-tracking`,
      {
        autoscalingGroupName: groupName,
        policyType: "TargetTrackingScaling",
        estimatedInstanceWarmup: warmupSeconds,
        targetTrackingConfiguration: {
          targetValue: targetPercent,
          ...(metric === "cpu"
            ? { predefinedMetricSpecification: { predefinedMetricType: "ASGAverageCPUUtilization" } }
            : {
                customizedMetricSpecification: {
                  ...GROUP_METRICS.memory,
                  metricDimensions: [{ name: "AutoScalingGroupName", value: groupName }],
                  statistic: "Average",
                },
              }),
        },
      },
      { parent: this },
    );
  }
}
