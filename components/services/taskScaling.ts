import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** What a service scales by, as a share of what its tasks reserve. */
export type TaskMetric = "cpu" | "memory";

/** Two tasks more above a threshold, two fewer below another. */
export interface TaskSteps {
  readonly type: "steps";
  readonly metric: TaskMetric;
  /** Percent from which on two are added. */
  readonly outAbovePercent: number;
  readonly outMinutes: number;
  /** Percent below which two are taken away. */
  readonly inBelowPercent: number;
  readonly inMinutes: number;
}

/** As many tasks as keep the utilization at a value. */
export interface TaskTracking {
  readonly type: "target-tracking";
  readonly metric: TaskMetric;
  /** Percent that is kept. */
  readonly targetPercent: number;
}

/** Arguments of `TaskScaling`. */
export interface TaskScalingArgs {
  /** The service's name, for people. */
  readonly service: string;
  readonly clusterName: pulumi.Input<string>;
  readonly serviceName: pulumi.Input<string>;
  readonly minimum: number;
  readonly maximum: number;
  readonly scaling: TaskSteps | TaskTracking;
  /** Whether the fewest tasks are changed by others, as a pilot light's are when it is lit. */
  readonly minimumIsOthers: boolean;
  /** Seconds from a task's start until it carries its share. */
  readonly startSeconds: number;
}

/** How many tasks come and go at once. */
const STEP = 2;
const METRICS = {
  cpu: { name: "CPUUtilization", predefined: "ECSServiceAverageCPUUtilization" },
  memory: { name: "MemoryUtilization", predefined: "ECSServiceAverageMemoryUtilization" },
};

/**
 * How a service scales: by alarms and steps, or by target tracking, whose alarms are AWS's own. Never below its minimum,
 * which the loss of a zone asks for. $0.20 a month: two alarms.
 *
 * @example
 * new TaskScaling("shop-cart-scaling", {
 *   service: "cart", clusterName: cluster.name, serviceName: service.name, minimum: 4, maximum: 20,
 *   scaling: { type: "target-tracking", metric: "cpu", targetPercent: 60 }, minimumIsOthers: false, startSeconds: 60,
 * });
 */
export class TaskScaling extends pulumi.ComponentResource {
  private readonly target: aws.appautoscaling.Target;

  constructor(
    private readonly name: string,
    private readonly args: TaskScalingArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:TaskScaling", name, {}, opts);
    this.target = this.createTarget();
    if (args.scaling.type === "steps") {
      this.createSteps(args.scaling);
    } else {
      this.createTracking(args.scaling);
    }
    this.registerOutputs();
  }

  private createTarget(): aws.appautoscaling.Target {
    const { clusterName, maximum, minimum, minimumIsOthers, serviceName } = this.args;
    return new aws.appautoscaling.Target(
      `${this.name}-target`,
      {
        serviceNamespace: "ecs",
        scalableDimension: "ecs:service:DesiredCount",
        resourceId: pulumi.interpolate`service/${clusterName}/${serviceName}`,
        minCapacity: minimum,
        maxCapacity: maximum,
      },
      { parent: this, ignoreChanges: minimumIsOthers ? ["minCapacity"] : [] },
    );
  }

  private createSteps(scaling: TaskSteps): void {
    const { service } = this.args;
    const { metric, outAbovePercent, outMinutes, inBelowPercent, inMinutes } = scaling;
    this.createStep(metric, "out", STEP, {
      alarmDescription: `${service}: ${metric} at ${outAbovePercent} % or more; tasks are added.`,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: outAbovePercent,
      evaluationPeriods: outMinutes,
    });
    this.createStep(metric, "in", -STEP, {
      alarmDescription: `${service}: ${metric} below ${inBelowPercent} %; tasks are taken away, if there are more than the fewest.`,
      comparisonOperator: "LessThanThreshold",
      threshold: inBelowPercent,
      evaluationPeriods: inMinutes,
    });
  }

  private createStep(
    metric: TaskMetric,
    way: "in" | "out",
    scalingAdjustment: number,
    alarm: Pick<
      aws.cloudwatch.MetricAlarmArgs,
      "alarmDescription" | "comparisonOperator" | "threshold" | "evaluationPeriods"
    >,
  ): void {
    const bound = way === "out" ? { metricIntervalLowerBound: "0" } : { metricIntervalUpperBound: "0" };
    const policy = this.createPolicy(way, {
      policyType: "StepScaling",
      stepScalingPolicyConfiguration: {
        adjustmentType: "ChangeInCapacity",
        metricAggregationType: "Average",
        cooldown: this.args.startSeconds,
        stepAdjustments: [{ ...bound, scalingAdjustment }],
      },
    });
    new aws.cloudwatch.MetricAlarm(
      `${this.name}-${way === "out" ? "high" : "low"}`,
      {
        ...alarm,
        namespace: "AWS/ECS",
        metricName: METRICS[metric].name,
        dimensions: { ClusterName: this.args.clusterName, ServiceName: this.args.serviceName },
        statistic: "Average",
        period: 60,
        // No data is no reason to change anything.
        treatMissingData: "missing",
        alarmActions: [policy.arn],
      },
      { parent: policy },
    );
  }

  private createTracking({ metric, targetPercent }: TaskTracking): void {
    this.createPolicy("tracking", {
      policyType: "TargetTrackingScaling",
      targetTrackingScalingPolicyConfiguration: {
        targetValue: targetPercent,
        predefinedMetricSpecification: { predefinedMetricType: METRICS[metric].predefined },
        scaleOutCooldown: this.args.startSeconds,
        // As slow as the steps are: what was added for a peak may be needed for the next.
        scaleInCooldown: 300,
      },
    });
  }

  private createPolicy(
    suffix: string,
    args: Omit<aws.appautoscaling.PolicyArgs, "resourceId" | "scalableDimension" | "serviceNamespace">,
  ): aws.appautoscaling.Policy {
    const { resourceId, scalableDimension, serviceNamespace } = this.target;
    return new aws.appautoscaling.Policy(
      `${this.name}-${suffix}`,
      { resourceId, scalableDimension, serviceNamespace, ...args },
      { parent: this.target },
    );
  }
}
