import { DatabaseAlarmArgs } from "./databaseArgs";
import { connectionsBeforeAlarm } from "./instanceClass";
import { DatabaseSpec } from "./problems";

/** An alarm on one instance of a database. */
export interface AlarmPlan {
  /** What it is called after the instance. */
  readonly name: string;
  /** What is wrong when it goes off. */
  readonly description: string;
  readonly metricName: "CPUUtilization" | "FreeStorageSpace" | "DatabaseConnections" | "ReplicaLag";
  readonly comparisonOperator: "GreaterThanThreshold" | "LessThanThreshold";
  readonly threshold: number;
  /** Seconds of one datum. */
  readonly period: number;
  readonly evaluationPeriods: number;
  readonly treatMissingData: "breaching" | "missing";
}

const GIB = 1024 ** 3;

/**
 * The alarms of each instance of a database. An instance without data isn't there or can't be seen, which the alarm on
 * its CPU says; the writer of a cluster has no lag, and so no data about it.
 */
export function planAlarms({
  engine,
  instanceClass,
  storage,
  topology,
  replicaOf,
  alarms,
}: Pick<DatabaseSpec, "engine" | "instanceClass" | "storage" | "topology" | "replicaOf"> & {
  readonly alarms: DatabaseAlarmArgs;
}): AlarmPlan[] {
  const { cpuPercent, freeStoragePercent, replicaLagSeconds } = alarms;
  const connections = alarms.connections ?? connectionsBeforeAlarm(engine, instanceClass) ?? 0;
  const followers = topology === "cluster" || replicaOf !== undefined;
  const quarterOfAnHour = { period: 300, evaluationPeriods: 3 };
  const fiveMinutes = { period: 60, evaluationPeriods: 5 };
  return [
    {
      name: "cpu",
      description: `CPU above ${cpuPercent} %, or nothing is known of it`,
      metricName: "CPUUtilization",
      comparisonOperator: "GreaterThanThreshold",
      threshold: cpuPercent,
      ...quarterOfAnHour,
      treatMissingData: "breaching",
    },
    {
      name: "storage",
      description: `Less than ${freeStoragePercent} % of ${storage.allocatedGiB} GiB is free`,
      metricName: "FreeStorageSpace",
      comparisonOperator: "LessThanThreshold",
      threshold: Math.round((storage.allocatedGiB * GIB * freeStoragePercent) / 100),
      ...quarterOfAnHour,
      treatMissingData: "missing",
    },
    {
      name: "connections",
      description: `More than ${connections} connections`,
      metricName: "DatabaseConnections",
      comparisonOperator: "GreaterThanThreshold",
      threshold: connections,
      ...fiveMinutes,
      treatMissingData: "missing",
    },
    ...(followers
      ? [
          {
            name: "lag",
            description: `More than ${replicaLagSeconds} s behind`,
            metricName: "ReplicaLag" as const,
            comparisonOperator: "GreaterThanThreshold" as const,
            threshold: replicaLagSeconds,
            ...fiveMinutes,
            treatMissingData: replicaOf === undefined ? ("missing" as const) : ("breaching" as const),
          },
        ]
      : []),
  ];
}
