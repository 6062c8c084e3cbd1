/** An alarm on one direction of replication. */
export interface ReplicationAlarmPlan {
  readonly name: "latency" | "failed";
  /** What is wrong when it goes off. */
  readonly description: string;
  readonly metricName: "ReplicationLatency" | "OperationsFailedReplication";
  readonly statistic: "Maximum" | "Sum";
  readonly threshold: number;
  /** Seconds of one datum. */
  readonly period: number;
  readonly evaluationPeriods: number;
  /** Which direction it is about: files that come to this stack's Region, or that leave it. */
  readonly direction: "in" | "out";
}

/**
 * The alarms of a Region. S3 publishes how far a bucket is behind in the Region of the destination, and what failed in that of
 * the source, and an alarm only reaches a topic of its own Region: so each stack looks after its end of both directions.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/repl-metrics.html
 */
export function planReplicationAlarms({ latencyMinutes }: { readonly latencyMinutes: number }): ReplicationAlarmPlan[] {
  return [
    {
      name: "latency",
      description: `Files come more than ${latencyMinutes} minutes late`,
      metricName: "ReplicationLatency",
      statistic: "Maximum",
      threshold: 60 * latencyMinutes,
      period: 60,
      evaluationPeriods: 5,
      direction: "in",
    },
    {
      name: "failed",
      description: "Files could not be copied",
      metricName: "OperationsFailedReplication",
      statistic: "Sum",
      threshold: 0,
      period: 300,
      evaluationPeriods: 1,
      direction: "out",
    },
  ];
}
