import { DatabaseEngine, ENGINES, hasClusters } from "./engine";
import { connectionsBeforeAlarm, hasPerformanceInsights, isClusterClass } from "./instanceClass";

/** What of a database is judged before anything is registered. */
export interface DatabaseSpec {
  readonly engine: DatabaseEngine;
  readonly engineVersion: string;
  readonly topology: "instance" | "cluster";
  readonly instanceClass: string;
  readonly storage: {
    readonly allocatedGiB: number;
    readonly maximumGiB?: number | undefined;
    readonly iops?: number | undefined;
  };
  readonly databaseName?: string | undefined;
  readonly masterUsername?: string | undefined;
  readonly masterPassword?: "managed" | "own" | undefined;
  readonly rotationDays?: number | undefined;
  readonly partnerRegion?: string | undefined;
  readonly hasReplica?: boolean | undefined;
  readonly replicaOf?: { readonly sourceArn: string; readonly secretArn: string } | undefined;
  readonly alarms: { readonly connections?: number | undefined };
}

/** Where in a database's configuration something is wrong, and what was expected. */
export interface DatabaseProblem {
  readonly path: readonly string[];
  readonly message: string;
}

/** GiB that RDS allows: gp3 for an instance, io1 for a cluster. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html */
const LIMITS = { instance: { least: 20, most: 65_536 }, cluster: { least: 100, most: 65_536 } };
/** IOPS of io1, and how many a GiB. Same page. */
const IOPS = { least: 1000, perGiB: 50 };
/** RDS wants room to grow by at least so many percent. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html */
const GROWTH_PERCENT = 10;
/** Zones that a subnet group needs: a standby's, and a cluster's two. */
const ZONES = { instance: 2, cluster: 3 };

/** Everything that is wrong with a database, wherever it is. */
export function databaseProblems(spec: DatabaseSpec): DatabaseProblem[] {
  return [
    ...engineProblems(spec),
    ...storageProblems(spec),
    ...(spec.replicaOf === undefined ? sourceProblems(spec) : replicaProblems(spec)),
  ];
}

/** What of the stack a database depends on, as far as it is known. */
export interface StackPlace {
  /** How many Availability Zones its network has. */
  readonly zones: number | undefined;
  readonly region: string | undefined;
}

/** What is wrong with a database in this stack: zones are too few, or Regions are the same that must not be. */
export function placeProblems(
  { topology, partnerRegion, replicaOf }: Pick<DatabaseSpec, "topology" | "partnerRegion" | "replicaOf">,
  { zones = Infinity, region }: StackPlace,
): DatabaseProblem[] {
  const problems: DatabaseProblem[] = [];
  if (zones < ZONES[topology]) {
    const message = `expected ${ZONES[topology]} Availability Zones or more in nplusone:network for this topology, not ${zones}`;
    problems.push(at("topology", message));
  }
  if (region === undefined) {
    return problems;
  }
  if (partnerRegion === region) {
    problems.push(at("partnerRegion", `expected another Region than the stack's own ${region}`));
  }
  if (replicaOf?.sourceArn.split(":")[3] === region) {
    problems.push(at("replicaOf.sourceArn", `expected a database in another Region than the stack's own ${region}`));
  }
  if (replicaOf !== undefined && replicaOf.secretArn.split(":")[3] !== region) {
    problems.push(at("replicaOf.secretArn", `expected the secret's replica in the stack's own Region ${region}`));
  }
  return problems;
}

const at = (path: string, message: string): DatabaseProblem => ({ path: path.split("."), message });

function engineProblems({ engine, engineVersion, topology, instanceClass, alarms }: DatabaseSpec): DatabaseProblem[] {
  const { title, majorVersion, firstClusterVersion } = ENGINES[engine];
  const problems: DatabaseProblem[] = [];
  if (!majorVersion.pattern.test(engineVersion)) {
    const why = "RDS upgrades minor versions by itself, and the next update would go back";
    problems.push(at("engineVersion", `expected a major version such as ${majorVersion.example}: ${why}`));
  } else if (topology === "cluster" && !hasClusters(engine, engineVersion)) {
    const message = `expected ${title} ${firstClusterVersion} or later: RDS has no Multi-AZ DB clusters of ${engineVersion}`;
    problems.push(at("engineVersion", message));
  }
  if (topology === "cluster" && !isClusterClass(instanceClass)) {
    const message = `expected a class with a local disk such as db.m6gd.large: a cluster can't be made of ${instanceClass}`;
    problems.push(at("instanceClass", message));
  }
  if (!hasPerformanceInsights(engine, instanceClass)) {
    const message = `expected db.t4g.medium or larger: ${title} has no Performance Insights on ${instanceClass}`;
    problems.push(at("instanceClass", message));
  }
  if (alarms.connections === undefined && connectionsBeforeAlarm(engine, instanceClass) === undefined) {
    const message = `expected a number: how many connections ${instanceClass} allows can't be told from its name`;
    problems.push(at("alarms.connections", message));
  }
  return problems;
}

function storageProblems({ topology, storage: { allocatedGiB, maximumGiB, iops } }: DatabaseSpec): DatabaseProblem[] {
  const problems: DatabaseProblem[] = [];
  const { least, most } = LIMITS[topology];
  if (allocatedGiB < least || allocatedGiB > most) {
    const what = topology === "cluster" ? "a cluster" : "an instance";
    problems.push(at("storage.allocatedGiB", `expected ${least} to ${most} GiB for ${what}, not ${allocatedGiB}`));
  }
  if (topology === "cluster") {
    if (maximumGiB !== undefined) {
      problems.push(at("storage.maximumGiB", "expected none: the storage of a cluster doesn't grow by itself"));
    }
    const highest = IOPS.perGiB * allocatedGiB;
    if (iops === undefined || iops < IOPS.least || iops > highest) {
      const expected = `expected ${IOPS.least} to ${highest} (${IOPS.perGiB} a GiB), because a cluster's storage is io1`;
      problems.push(at("storage.iops", expected));
    }
    return problems;
  }
  const lowest = Math.ceil((allocatedGiB * (100 + GROWTH_PERCENT)) / 100);
  if (maximumGiB !== undefined && (maximumGiB < lowest || maximumGiB > most)) {
    const message = `expected ${lowest} (a tenth more than allocatedGiB) to ${most} GiB, not ${maximumGiB}`;
    problems.push(at("storage.maximumGiB", message));
  }
  if (iops !== undefined) {
    problems.push(at("storage.iops", "expected none: the IOPS of an instance's gp3 storage come with its size"));
  }
  return problems;
}

function sourceProblems(spec: DatabaseSpec): DatabaseProblem[] {
  const { topology, masterPassword = "managed", rotationDays, partnerRegion, hasReplica = false } = spec;
  const problems: DatabaseProblem[] = [];
  if (topology === "cluster") {
    if (partnerRegion !== undefined) {
      const why = "RDS doesn't replicate the backups of a Multi-AZ DB cluster";
      problems.push(at("partnerRegion", `expected none for a cluster: ${why}`));
    }
    if (masterPassword === "own") {
      problems.push(at("masterPassword", "expected managed for a cluster: RDS rotates its password"));
    }
    if (hasReplica) {
      problems.push(at("hasReplica", "expected false for a cluster: RDS makes no replicas of it in another Region"));
    }
  } else if (partnerRegion === undefined) {
    problems.push(at("partnerRegion", "expected the Region that backups are replicated to, such as eu-west-1"));
  }
  if (topology === "instance" && masterPassword === "managed" && hasReplica) {
    const why = "RDS makes no replica of a database whose master password it manages";
    problems.push(at("masterPassword", `expected own with hasReplica: ${why}`));
  }
  if (masterPassword === "managed" && rotationDays !== undefined) {
    problems.push(at("rotationDays", "expected none: RDS rotates the password that it manages every 7 days"));
  }
  return problems;
}

/** What a replica has from its source. */
const FROM_SOURCE = ["masterUsername", "masterPassword", "rotationDays", "partnerRegion", "hasReplica"] as const;

function replicaProblems(spec: DatabaseSpec): DatabaseProblem[] {
  const problems = FROM_SOURCE.filter((option) => spec[option] !== undefined).map((option) =>
    at(option, "expected none for a replica: it is as its source has it"),
  );
  if (spec.topology === "cluster") {
    problems.push(at("topology", "expected instance: a replica in another Region is a Multi-AZ instance"));
  }
  return problems;
}
