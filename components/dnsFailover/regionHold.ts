import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Partner } from "../common/foundation";

/** Arguments of `RegionHold`. */
export interface RegionHoldArgs {
  /** The other stack's Region, from which this one is held back. */
  readonly partnerRegion: Partner["region"];
}

/** The metric by which a Region is held back: 1 holds, 0 releases. */
export const HOLD_METRIC = { namespace: "nplusone/dnsFailover", metricName: "Held" };

/** One datum is enough, and Route 53 keeps to it until there is another. */
const HOLD_ALARM = {
  statistic: "Maximum",
  comparisonOperator: "GreaterThanOrEqualToThreshold",
  threshold: 1,
  period: 60,
  evaluationPeriods: 1,
};

/**
 * The switch by which people take a stack's Region out of DNS and keep it out, however healthy it is: to force a failover,
 * and to hold back the return until the data are back. It is a metric in the *partner's* Region, of which one datum holds
 * or releases, and a health check that reads it: Route 53's checkers follow the alarm's data and keep the last known
 * status when there are none. So turning it takes one PutMetricData in the Region that lives; nothing of the lost Region,
 * and not Route 53's control plane, which is in us-east-1 alone. $0.90 a month: $0.50 for the health check, $0.30 for the
 * metric in months in which it is used, $0.10 for the alarm.
 *
 * @example
 * const hold = new RegionHold("hold", { partnerRegion: "eu-west-1" });
 */
export class RegionHold extends pulumi.ComponentResource {
  /** Id of the health check that is healthy unless the Region is held back. */
  readonly healthCheckId: pulumi.Output<string>;
  /** Commands that hold the Region back and release it. */
  readonly commands: { readonly hold: string; readonly release: string };

  constructor(name: string, { partnerRegion }: RegionHoldArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nplusone:index:RegionHold", name, {}, opts);
    const stack = pulumi.getStack();

    const alarm = new aws.cloudwatch.MetricAlarm(
      `${name}-alarm`,
      {
        region: partnerRegion,
        alarmDescription: `Somebody keeps ${stack} out of DNS: see docs/runbooks/region.md.`,
        ...HOLD_METRIC,
        dimensions: { Stack: stack },
        ...HOLD_ALARM,
        treatMissingData: "ignore",
      },
      { parent: this },
    );
    const check = new aws.route53.HealthCheck(
      `${name}-check`,
      {
        type: "CLOUDWATCH_METRIC",
        cloudwatchAlarmName: alarm.name,
        cloudwatchAlarmRegion: partnerRegion,
        insufficientDataHealthStatus: "LastKnownStatus",
        // A health check has a copy of the alarm's settings, and is told by these when they change.
        triggers: { threshold: String(HOLD_ALARM.threshold), period: String(HOLD_ALARM.period) },
        tags: { Name: `${stack} not held back` },
      },
      { parent: this },
    );

    this.healthCheckId = check.id;
    this.commands = { hold: putCommand(stack, partnerRegion, 1), release: putCommand(stack, partnerRegion, 0) };
    this.registerOutputs({ healthCheckId: this.healthCheckId, commands: this.commands });
  }
}

/** The command that turns the switch of a stack, by the data plane of its partner's Region. */
export const putCommand = (stack: string, partnerRegion: string, value: 0 | 1): string =>
  `aws cloudwatch put-metric-data --region ${partnerRegion} --namespace ${HOLD_METRIC.namespace} ` +
  `--metric-name ${HOLD_METRIC.metricName} --dimensions Stack=${stack} --value ${value}`;
