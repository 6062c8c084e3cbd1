/** When people are told about a session store. */
export interface SessionStoreAlarmArgs {
  /** Percent of a node's memory for data that is used, over 15 minutes. */
  readonly memoryPercent: number;
  /** Percent of the CPU that the engine has, over 15 minutes. */
  readonly cpuPercent: number;
  /** Seconds that a replica may be behind, over 5 minutes: what a failover may lose. */
  readonly replicationLagSeconds: number;
}

/** An alarm on one member of a session store. */
export interface AlarmPlan {
  /** What it is called after the member. */
  readonly name: string;
  /** What is wrong when it goes off. */
  readonly description: string;
  readonly metricName: "DatabaseMemoryUsagePercentage" | "EngineCPUUtilization" | "Evictions" | "ReplicationLag";
  readonly statistic: "Average" | "Sum" | "Maximum";
  readonly threshold: number;
  /** Seconds of one datum. */
  readonly period: number;
  readonly evaluationPeriods: number;
  readonly treatMissingData: "breaching" | "missing";
}

/**
 * The alarms of each member of a session store: which of them takes writes changes. One without data isn't there or can't
 * be seen, which the alarm on its CPU says; the primary has no lag.
 * https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.WhichShouldIMonitor.html
 */
export function planAlarms({ memoryPercent, cpuPercent, replicationLagSeconds }: SessionStoreAlarmArgs): AlarmPlan[] {
  const quarterOfAnHour = { period: 300, evaluationPeriods: 3 };
  const fiveMinutes = { period: 60, evaluationPeriods: 5 };
  return [
    {
      name: "memory",
      description: `More than ${memoryPercent} % of the memory is used`,
      metricName: "DatabaseMemoryUsagePercentage",
      statistic: "Average",
      threshold: memoryPercent,
      ...quarterOfAnHour,
      treatMissingData: "missing",
    },
    {
      name: "evictions",
      description: "Sessions are thrown out for want of memory",
      metricName: "Evictions",
      statistic: "Sum",
      threshold: 0,
      period: 300,
      evaluationPeriods: 1,
      treatMissingData: "missing",
    },
    {
      name: "cpu",
      description: `CPU of the engine above ${cpuPercent} %, or nothing is known of it`,
      metricName: "EngineCPUUtilization",
      statistic: "Average",
      threshold: cpuPercent,
      ...quarterOfAnHour,
      treatMissingData: "breaching",
    },
    {
      name: "lag",
      description: `More than ${replicationLagSeconds} s behind`,
      metricName: "ReplicationLag",
      statistic: "Maximum",
      threshold: replicationLagSeconds,
      ...fiveMinutes,
      treatMissingData: "missing",
    },
  ];
}
