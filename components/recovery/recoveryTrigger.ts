import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { RecoveryTarget } from "../../lambdas/recovery/settings";
import { alarmStatePattern } from "../common/alarmStatePattern";
import { RecoveryMachine } from "./recoveryMachine";

/** When an instance counts as pegged. */
export interface CpuAlarm {
  /** Percent of CPUUtilization from which on it does; at 100 a busy instance would never be noticed. */
  readonly thresholdPercent: number;
  /** Seconds of one datum; below 300 the instance needs detailed monitoring. */
  readonly periodSeconds: number;
  /** How many data are looked at; with 1, one spike is an outage. */
  readonly evaluationPeriods: number;
  /** How many of these must be at the threshold or above. */
  readonly datapointsToAlarm: number;
}

/** Arguments of `RecoveryTrigger`. */
export interface RecoveryTriggerArgs {
  readonly target: RecoveryTarget;
  readonly alarm: CpuAlarm;
  readonly machine: RecoveryMachine;
  /** Names of the instance's own two functions. */
  readonly functions: { readonly healthCheck: string; readonly restart: string };
  /** ARN of the topic that an execution publishes to if the pager fails. */
  readonly topicArn: pulumi.Input<string>;
}

/**
 * What starts the workflow for one instance: the alarm on its CPU, and a rule on the alarm's change. A month: 1 alarm ×
 * $0.10 = $0.10.
 *
 * @example
 * new RecoveryTrigger("recovery-reports", {
 *   target, machine, topicArn: topic.arn,
 *   alarm: { thresholdPercent: 95, periodSeconds: 60, evaluationPeriods: 3, datapointsToAlarm: 3 },
 *   functions: { healthCheck: "prod-recovery-reports-health-check", restart: "prod-recovery-reports-restart" },
 * });
 */
export class RecoveryTrigger extends pulumi.ComponentResource {
  constructor(name: string, args: RecoveryTriggerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nplusone:index:RecoveryTrigger", name, {}, opts);
    const alarm = this.createAlarm(name, args);
    const rule = new aws.cloudwatch.EventRule(
      `${name}-rule`,
      {
        description: `The CPU of ${args.target.name} is pegged`,
        eventPattern: pulumi.jsonStringify(alarmStatePattern([alarm.name], "ALARM")),
        state: "ENABLED",
      },
      { parent: this },
    );
    new aws.cloudwatch.EventTarget(
      `${name}-target`,
      {
        rule: rule.name,
        arn: args.machine.arn,
        roleArn: args.machine.startRoleArn,
        inputTransformer: {
          inputPaths: { alarm: "$.detail.alarmName", outage: "$.detail.state.timestamp" },
          inputTemplate: inputTemplate(args),
        },
        deadLetterConfig: { arn: args.machine.deadLetterQueueArn },
        // An hour: after that nobody waits for a restart any more, and a person should look.
        retryPolicy: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 10 },
      },
      { parent: this },
    );
    this.registerOutputs();
  }

  private createAlarm(name: string, { target, alarm }: RecoveryTriggerArgs): aws.cloudwatch.MetricAlarm {
    return new aws.cloudwatch.MetricAlarm(
      `${name}-cpu`,
      {
        alarmDescription: `${target.name} (${target.instanceId}) is pegged: the recovery workflow looks after it.`,
        namespace: "AWS/EC2",
        metricName: "CPUUtilization",
        dimensions: { InstanceId: target.instanceId },
        statistic: "Average",
        period: alarm.periodSeconds,
        evaluationPeriods: alarm.evaluationPeriods,
        datapointsToAlarm: alarm.datapointsToAlarm,
        comparisonOperator: "GreaterThanOrEqualToThreshold",
        threshold: alarm.thresholdPercent,
        // An instance that is stopped has no data, and is not pegged.
        treatMissingData: "missing",
      },
      { parent: this },
    );
  }
}

/** The execution's input. EventBridge puts what it finds at the input paths, quoted, in place of `<…>`. */
function inputTemplate({ target, functions, topicArn }: RecoveryTriggerArgs): pulumi.Output<string> {
  const input = {
    target: target.name,
    alarm: "<alarm>",
    outage: "<outage>",
    functions,
    topicArn,
    waited: { seconds: 0 },
    polled: { seconds: 0 },
  };
  return pulumi.jsonStringify(input).apply((text) => text.replace(/"(<\w+>)"/g, "$1"));
}
