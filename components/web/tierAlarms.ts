import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Balancer } from "./balancer";
import { GROUP_METRICS } from "./scaling";

/** When people are told. */
export interface AlarmThresholds {
  /** Answers of 5xx a minute. */
  readonly serverErrorsPerMinute: number;
  /** Percent of memory, on average. */
  readonly memoryPercent: number;
  /** Percent of the fullest root volume. */
  readonly diskPercent: number;
}

/** Arguments of `TierAlarms`. */
export interface TierAlarmsArgs {
  readonly tier: string;
  readonly requiredInstances: number;
  readonly thresholds: AlarmThresholds;
  /** Seconds from an instance's launch until the application answers, at most. */
  readonly startSeconds: number;
  readonly groupName: pulumi.Input<string>;
  readonly dimensions: Balancer["dimensions"];
  readonly topicArn: pulumi.Input<string>;
}

/** An alarm on data of one minute: two, so that one late datum alarms nobody, unless it says otherwise. */
type AlarmArgs = Omit<aws.cloudwatch.MetricAlarmArgs, "evaluationPeriods"> & { evaluationPeriods?: number };

/**
 * The alarms of a tier, on what its users notice first: too few healthy instances, one that doesn't get healthy, errors of
 * the application and of the balancer, memory and disk. $0.60 a month: six alarms.
 *
 * @example
 * new TierAlarms("shop-alarms", {
 *   tier: "shop", requiredInstances: 2, startSeconds: 300, groupName: group.name, dimensions: balancer.dimensions,
 *   thresholds: { serverErrorsPerMinute: 10, memoryPercent: 90, diskPercent: 85 }, topicArn: topic.arn,
 * });
 */
export class TierAlarms extends pulumi.ComponentResource {
  /** Names of the alarms that tell that a version is bad. */
  readonly rolloutAlarmNames: pulumi.Output<string>[];

  constructor(
    private readonly name: string,
    private readonly args: TierAlarmsArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:TierAlarms", name, {}, opts);
    this.createCapacityAlarm();
    const badVersion = [this.createUnhealthyAlarm(), this.createErrorsAlarm()];
    this.createBalancerErrorsAlarm();
    this.createMemoryAlarm();
    this.createDiskAlarm();
    this.rolloutAlarmNames = badVersion.map((alarm) => alarm.name);
    this.registerOutputs();
  }

  private createCapacityAlarm(): void {
    const { requiredInstances, tier } = this.args;
    this.createAlarm("capacity", {
      alarmDescription: `${tier} has fewer than the ${requiredInstances} healthy instances that its load needs: see docs/runbooks/web.md.`,
      namespace: "AWS/ApplicationELB",
      metricName: "HealthyHostCount",
      dimensions: this.args.dimensions.targets,
      statistic: "Minimum",
      comparisonOperator: "LessThanThreshold",
      threshold: requiredInstances,
      treatMissingData: "breaching",
    });
  }

  /** A starting instance is unhealthy too: this waits until it should have started. */
  private createUnhealthyAlarm(): aws.cloudwatch.MetricAlarm {
    return this.createAlarm("unhealthy", {
      alarmDescription: `${this.args.tier} has had unhealthy instances for longer than one takes to start.`,
      namespace: "AWS/ApplicationELB",
      metricName: "UnHealthyHostCount",
      dimensions: this.args.dimensions.targets,
      statistic: "Maximum",
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: 1,
      evaluationPeriods: Math.ceil(this.args.startSeconds / 60) + 1,
    });
  }

  private createErrorsAlarm(): aws.cloudwatch.MetricAlarm {
    return this.createAlarm("errors", {
      ...this.serverErrors("HTTPCode_Target_5XX_Count", this.args.dimensions.targets),
      alarmDescription: `${this.args.tier}'s application answers with errors.`,
    });
  }

  private createBalancerErrorsAlarm(): void {
    this.createAlarm("balancer-errors", {
      ...this.serverErrors("HTTPCode_ELB_5XX_Count", this.args.dimensions.balancer),
      alarmDescription: `${this.args.tier}'s balancer answers with errors: it reaches no instance in time.`,
    });
  }

  private serverErrors(metricName: string, dimensions: aws.cloudwatch.MetricAlarmArgs["dimensions"]) {
    return {
      namespace: "AWS/ApplicationELB",
      metricName,
      dimensions,
      statistic: "Sum",
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: this.args.thresholds.serverErrorsPerMinute,
    };
  }

  private createMemoryAlarm(): void {
    const { memoryPercent } = this.args.thresholds;
    this.createAlarm("memory", {
      alarmDescription: `${this.args.tier}'s instances have less than ${100 - memoryPercent} % of their memory left, on average.`,
      ...GROUP_METRICS.memory,
      dimensions: { AutoScalingGroupName: this.args.groupName },
      statistic: "Average",
      comparisonOperator: "GreaterThanThreshold",
      threshold: memoryPercent,
      evaluationPeriods: 5,
    });
  }

  private createDiskAlarm(): void {
    const { diskPercent } = this.args.thresholds;
    this.createAlarm("disk", {
      alarmDescription: `An instance of ${this.args.tier} has less than ${100 - diskPercent} % of its root volume left.`,
      namespace: "CWAgent",
      metricName: "disk_used_percent",
      dimensions: { AutoScalingGroupName: this.args.groupName },
      statistic: "Maximum",
      comparisonOperator: "GreaterThanThreshold",
      threshold: diskPercent,
      evaluationPeriods: 5,
    });
  }

  private createAlarm(suffix: string, args: AlarmArgs): aws.cloudwatch.MetricAlarm {
    return new aws.cloudwatch.MetricAlarm(
      `${this.name}-${suffix}`,
      {
        period: 60,
        evaluationPeriods: 2,
        // Nothing was counted: nobody asked.
        treatMissingData: "notBreaching",
        alarmActions: [this.args.topicArn],
        okActions: [this.args.topicArn],
        ...args,
      },
      { parent: this },
    );
  }
}
