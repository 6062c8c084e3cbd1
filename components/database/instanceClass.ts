import { sizeOfType } from "../common/instanceType";
import { DatabaseEngine, ENGINES } from "./engine";

/**
 * GiB of memory of an instance class; `undefined` if its name doesn't tell. Classes are made of the EC2 types whose names
 * they have.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Summary.html
 */
export const memoryGiB = (instanceClass: string): number | undefined =>
  sizeOfType(instanceClass.replace(/^db\./, ""))?.memoryGiB;

/**
 * How many connections an alarm lets pass: 70 % of what the engine allows by default. What RDS keeps for itself is not
 * among the memory that the engine reckons with, so that a small class allows only about 75 % of what its memory says.
 */
export function connectionsBeforeAlarm(engine: DatabaseEngine, instanceClass: string): number | undefined {
  const gib = memoryGiB(instanceClass);
  const { bytesPerConnection, mostConnections } = ENGINES[engine];
  return gib && Math.floor(0.7 * Math.min((gib * 1024 ** 3) / bytesPerConnection, mostConnections));
}

/**
 * Whether Multi-AZ DB clusters are made of a class: those with a local NVMe disk, whose families have a `d`.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/multi-az-db-clusters-concepts.html#multi-az-db-clusters-concepts.InstanceAvailability
 */
export const isClusterClass = (instanceClass: string): boolean => /^db\.[cmrx]\d+[a-z]*d[a-z]*\./.test(instanceClass);

/**
 * Whether Performance Insights has the class for the engine: MySQL needs more memory than the smallest have.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PerfInsights.Overview.Engines.html
 */
export const hasPerformanceInsights = (engine: DatabaseEngine, instanceClass: string): boolean =>
  engine !== "mysql" || !/^db\.(t2\..*|t3\.(micro|small)|t4g\.(micro|small))$/.test(instanceClass);
