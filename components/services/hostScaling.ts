import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** Two hosts more above a CPU utilization, two fewer below another. */
export interface HostSteps {
  readonly type: "steps";
  /** Percent above which two are added. */
  readonly outAbovePercent: number;
  readonly outMinutes: number;
  /** Percent below which two are taken away. */
  readonly inBelowPercent: number;
  readonly inMinutes: number;
}

/** ECS adds hosts when tasks find no room. */
export interface ManagedScaling {
  readonly type: "managed";
  /** Percent of the hosts that is to be in use. */
  readonly targetCapacityPercent: number;
}

/** Arguments of `HostScaling`. */
export interface HostScalingArgs {
  /** Name of the service cluster, for people. */
  readonly cluster: string;
  readonly groupName: pulumi.Input<string>;
  readonly scaling: HostSteps;
  /** Seconds after which a new host carries its share. */
  readonly warmupSeconds: number;
}

/** How many hosts come and go at once. */
const STEP = 2;

/**
 * Step policies of a group of hosts, for clusters where ECS doesn't scale it. The group's minimum, which the loss of a
 * zone asks for, is never undercut. $0.20 a month: two alarms.
 *
 * @example
 * new HostScaling("shop-host-scaling", {
 *   cluster: "shop", groupName: group.name, warmupSeconds: 300,
 *   scaling: { type: "steps", outAbovePercent: 70, outMinutes: 5, inBelowPercent: 25, inMinutes: 30 },
 * });
 */
export class HostScaling extends pulumi.ComponentResource {
  constructor(
    private readonly name: string,
    private readonly args: HostScalingArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:HostScaling", name, {}, opts);
    const { cluster, scaling } = args;
    this.createStep("out", STEP, {
      alarmDescription: `${cluster}: the hosts' CPU above ${scaling.outAbovePercent} %; hosts are added.`,
      comparisonOperator: "GreaterThanThreshold",
      threshold: scaling.outAbovePercent,
      evaluationPeriods: scaling.outMinutes,
    });
    this.createStep("in", -STEP, {
      alarmDescription: `${cluster}: the hosts' CPU below ${scaling.inBelowPercent} %; hosts are taken away, if there are more than needed.`,
      comparisonOperator: "LessThanThreshold",
      threshold: scaling.inBelowPercent,
      evaluationPeriods: scaling.inMinutes,
    });
    this.registerOutputs();
  }

  private createStep(
    way: "in" | "out",
    scalingAdjustment: number,
    alarm: Pick<
      aws.cloudwatch.MetricAlarmArgs,
      "alarmDescription" | "comparisonOperator" | "threshold" | "evaluationPeriods"
    >,
  ): void {
    const bound = way === "out" ? { metricIntervalLowerBound: "0" } : { metricIntervalUpperBound: "0" };
    const policy = new aws.autoscaling.Policy(
      `${this.name}-${way}`,
      {
        autoscalingGroupName: this.args.groupName,
        policyType: "StepScaling",
        adjustmentType: "ChangeInCapacity",
        metricAggregationType: "Average",
        estimatedInstanceWarmup: this.args.warmupSeconds,
        stepAdjustments: [{ ...bound, scalingAdjustment }],
      },
      { parent: this },
    );
    new aws.cloudwatch.MetricAlarm(
      `${this.name}-${way === "out" ? "high" : "low"}`,
      {
        ...alarm,
        namespace: "AWS/EC2",
        metricName: "CPUUtilization",
        dimensions: { AutoScalingGroupName: this.args.groupName },
        statistic: "Average",
        period: 60,
        // No data is no reason to change anything.
        treatMissingData: "missing",
        alarmActions: [policy.arn],
      },
      { parent: policy },
    );
  }
}
