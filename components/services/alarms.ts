import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** Arguments of `ServiceAlarms`. */
export interface ServiceAlarmsArgs {
  /** Names of cluster and service, for people. */
  readonly service: string;
  /** The fewest tasks that there have to be. */
  readonly minimum: number;
  /** Whether there may be none, as in a pilot light that isn't lit. */
  readonly mayBeDark: boolean;
  /** Seconds from a task's start until it answers, at most. */
  readonly startSeconds: number;
  /** Answers of 5xx a minute. */
  readonly serverErrorsPerMinute: number;
  /** Dimensions of the service's target group. */
  readonly dimensions: Readonly<Record<string, pulumi.Output<string>>>;
  readonly topicArn: pulumi.Input<string>;
}

type AlarmArgs = Pick<
  aws.cloudwatch.MetricAlarmArgs,
  "alarmDescription" | "metricName" | "statistic" | "comparisonOperator" | "threshold"
> &
  Partial<Pick<aws.cloudwatch.MetricAlarmArgs, "evaluationPeriods" | "treatMissingData">>;

/**
 * The alarms of a service, on what its users notice first: too few healthy tasks, one that doesn't get healthy, and
 * errors. $0.30 a month: three alarms.
 *
 * @example
 * new ServiceAlarms("shop-cart-alarms", {
 *   service: "shop/cart", minimum: 4, mayBeDark: false, startSeconds: 60, serverErrorsPerMinute: 10,
 *   dimensions: { LoadBalancer: balancer.arnSuffix, TargetGroup: targetGroup.arnSuffix }, topicArn: topic.arn,
 * });
 */
export class ServiceAlarms extends pulumi.ComponentResource {
  /** Names of the alarms that tell that a version is bad. */
  readonly deploymentAlarmNames: pulumi.Output<string>[];

  constructor(
    private readonly name: string,
    private readonly args: ServiceAlarmsArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:ServiceAlarms", name, {}, opts);
    this.createCapacityAlarm();
    this.deploymentAlarmNames = [this.createUnhealthyAlarm(), this.createErrorsAlarm()].map((alarm) => alarm.name);
    this.registerOutputs();
  }

  /** As long as ECS takes to notice and to start others: a single task that is replaced alarms nobody. */
  private createCapacityAlarm(): void {
    const { mayBeDark, minimum, service, startSeconds } = this.args;
    this.createAlarm("capacity", {
      alarmDescription: `${service} has fewer than the ${minimum} healthy tasks that its load needs: see docs/runbooks/services.md.`,
      metricName: "HealthyHostCount",
      statistic: "Minimum",
      comparisonOperator: "LessThanThreshold",
      threshold: minimum,
      evaluationPeriods: Math.ceil(startSeconds / 60) + 2,
      treatMissingData: mayBeDark ? "notBreaching" : "breaching",
    });
  }

  /** A starting task is unhealthy too: this waits until it should have started. */
  private createUnhealthyAlarm(): aws.cloudwatch.MetricAlarm {
    const { service, startSeconds } = this.args;
    return this.createAlarm("unhealthy", {
      alarmDescription: `${service} has had unhealthy tasks for longer than one takes to start.`,
      metricName: "UnHealthyHostCount",
      statistic: "Maximum",
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: 1,
      evaluationPeriods: Math.ceil(startSeconds / 60) + 1,
    });
  }

  private createErrorsAlarm(): aws.cloudwatch.MetricAlarm {
    const { serverErrorsPerMinute, service } = this.args;
    return this.createAlarm("errors", {
      alarmDescription: `${service} answers with errors.`,
      metricName: "HTTPCode_Target_5XX_Count",
      statistic: "Sum",
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: serverErrorsPerMinute,
    });
  }

  private createAlarm(suffix: string, args: AlarmArgs): aws.cloudwatch.MetricAlarm {
    return new aws.cloudwatch.MetricAlarm(
      `${this.name}-${suffix}`,
      {
        namespace: "AWS/ApplicationELB",
        dimensions: this.args.dimensions,
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
