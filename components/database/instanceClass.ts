import { DatabaseEngine, ENGINES } from "./engine";

/** GiB of memory for each vCPU, by the letters of a class's family: those of the EC2 families that they are made of. */
const GIB_PER_VCPU: Readonly<Record<string, number>> = { c: 2, m: 4, r: 8, x: 16 };
/** vCPUs by size. */
const VCPUS: Readonly<Record<string, number>> = { medium: 1, large: 2, xlarge: 4 };
/** GiB of memory of the burstable classes, db.t3 and db.t4g alike. */
const BURSTABLE_GIB: Readonly<Record<string, number>> = {
  micro: 1,
  small: 2,
  medium: 4,
  large: 8,
  xlarge: 16,
  "2xlarge": 32,
};

/**
 * GiB of memory of an instance class; `undefined` if its name doesn't tell.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Summary.html
 */
export function memoryGiB(instanceClass: string): number | undefined {
  const [, family = "", letter = "", size = ""] = /^db\.(([a-z])\d+[a-z]*)\.(\w+)$/.exec(instanceClass) ?? [];
  if (letter === "t") {
    return BURSTABLE_GIB[size];
  }
  const times = /^(\d+)xlarge$/.exec(size)?.[1];
  const vCpus = times === undefined ? VCPUS[size] : 4 * Number(times);
  // Memory-rich families of their own make: x2iedn and x2iezn have twice as much as x2g.
  const perVCpu = /^x\d+ie/.test(family) ? 32 : GIB_PER_VCPU[letter];
  return vCpus === undefined || perVCpu === undefined ? undefined : vCpus * perVCpu;
}

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
