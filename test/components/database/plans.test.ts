import assert from "node:assert/strict";
import fc from "fast-check";
import { planAlarms } from "../../../components/database/alarms";
import { connectionsBeforeAlarm, isClusterClass, memoryGiB } from "../../../components/database/instanceClass";
import { databaseProblems, DatabaseSpec, placeProblems } from "../../../components/database/problems";

const engine = fc.constantFrom<DatabaseSpec["engine"]>("postgres", "mysql");
const spec: fc.Arbitrary<DatabaseSpec> = fc.record(
  {
    engine,
    engineVersion: fc.constantFrom("12", "13", "17", "17.2", "5.7", "8.0", "8.4", "8.4.3"),
    topology: fc.constantFrom<DatabaseSpec["topology"]>("instance", "cluster"),
    instanceClass: fc.constantFrom("db.m7g.large", "db.m6gd.large", "db.t4g.micro", "db.z1d.large", "db.r6id.xlarge"),
    storage: fc.record(
      { allocatedGiB: fc.integer({ min: 1, max: 80_000 }), maximumGiB: fc.integer({ min: 1 }), iops: fc.integer() },
      { requiredKeys: ["allocatedGiB"] },
    ),
    masterPassword: fc.constantFrom<"managed" | "own">("managed", "own"),
    partnerRegion: fc.constantFrom("eu-west-1"),
    hasReplica: fc.boolean(),
    replicaOf: fc.constant({ sourceArn: "arn:aws:rds:eu-west-1:1:db:a", secretArn: "arn:aws:sm:us-east-1:1:secret:a" }),
    alarms: fc.record({ connections: fc.integer({ min: 1 }) }, { requiredKeys: [] }),
  },
  { requiredKeys: ["engine", "engineVersion", "topology", "instanceClass", "storage", "alarms"] },
);

describe("what is decided about a database", () => {
  it("knows the memory of instance classes as AWS lists it", () => {
    const listed = {
      ...{ "db.t4g.micro": 1, "db.t3.medium": 4, "db.t4g.2xlarge": 32, "db.m7g.large": 8, "db.m6gd.xlarge": 16 },
      ...{
        "db.r6g.large": 16,
        "db.r6id.4xlarge": 128,
        "db.c6gd.medium": 2,
        "db.x2g.large": 32,
        "db.x2iedn.xlarge": 128,
      },
    };
    for (const [instanceClass, gib] of Object.entries(listed)) {
      assert.equal(memoryGiB(instanceClass), gib, instanceClass);
    }
    assert.equal(memoryGiB("db.serverless"), undefined);
  });
  it("warns before the engine refuses connections: below its default for the memory, and never of fewer with more", () => {
    fc.assert(
      fc.property(engine, fc.constantFrom("m7g", "r7g", "c6gd"), fc.integer({ min: 1, max: 23 }), (of, family, n) => {
        const at = (times: number) => connectionsBeforeAlarm(of, `db.${family}.${times}xlarge`) ?? 0;
        assert.ok(at(n) > 0 && at(n) <= at(n + 1));
        assert.ok(of === "mysql" || at(n) < 5000);
      }),
    );
  });
  it("takes those classes for clusters that have a local disk", () => {
    const classes = [
      "db.m5d.large",
      "db.m6gd.large",
      "db.r6id.large",
      "db.x2iedn.large",
      "db.c6gd.medium",
      "db.m8gd.large",
    ];
    assert.deepEqual(
      classes.filter((c) => !isClusterClass(c)),
      [],
    );
    assert.deepEqual(["db.m7g.large", "db.r6g.large", "db.t3.medium", "db.z1d.large"].filter(isClusterClass), []);
  });

  it("accepts no replica of a managed password, and nothing for a cluster that RDS hasn't for one", () => {
    fc.assert(
      fc.property(spec, (one) => {
        const problems = databaseProblems(one).map(({ path }) => path.join("."));
        if (problems.length > 0) {
          return;
        }
        const { topology, masterPassword = "managed", hasReplica, replicaOf, partnerRegion, storage } = one;
        assert.ok(!(hasReplica && masterPassword === "managed"));
        assert.ok(topology === "instance" || (!replicaOf && !hasReplica && !partnerRegion && storage.iops));
        assert.ok(topology === "instance" ? storage.iops === undefined : storage.maximumGiB === undefined);
        assert.ok(topology === "cluster" || replicaOf !== undefined || partnerRegion !== undefined);
        assert.ok((storage.maximumGiB ?? Infinity) >= 1.1 * storage.allocatedGiB);
        assert.match(one.engineVersion, one.engine === "postgres" ? /^\d{2}$/ : /^\d\.\d$/);
      }),
      { numRuns: 2000 },
    );
  });
  it("says each thing that is wrong once, about an option that there is", () => {
    fc.assert(
      fc.property(spec, (one) => {
        const problems = databaseProblems(one).map(({ path, message }) => `${path.join(".")}: ${message}`);
        assert.equal(new Set(problems).size, problems.length);
      }),
    );
  });
  it("wants three zones for a cluster and two for an instance, and other Regions for what is far away", () => {
    const wrong = (one: Partial<DatabaseSpec>, zones: number, region = "us-east-1") =>
      placeProblems({ topology: "instance", ...one }, { zones, region }).map(({ path }) => path.join("."));
    assert.deepEqual([wrong({}, 2), wrong({}, 1), wrong({ topology: "cluster" }, 2)], [[], ["topology"], ["topology"]]);
    assert.deepEqual(wrong({ partnerRegion: "us-east-1" }, 2), ["partnerRegion"]);
    const replicaOf = { sourceArn: "arn:aws:rds:us-east-1:1:db:a", secretArn: "arn:aws:sm:eu-west-1:1:secret:a" };
    assert.deepEqual(wrong({ replicaOf }, 2), ["replicaOf.sourceArn", "replicaOf.secretArn"]);
  });

  it("plans alarms that can go off: none is beyond what its metric can reach", () => {
    const percent = fc.integer({ min: 1, max: 99 });
    const alarms = fc.record({
      ...{ cpuPercent: percent, freeStoragePercent: percent, replicaLagSeconds: fc.integer({ min: 1, max: 3600 }) },
    });
    fc.assert(
      fc.property(alarms, fc.integer({ min: 20, max: 65_536 }), engine, (given, allocatedGiB, of) => {
        const plans = planAlarms({
          ...{
            engine: of,
            instanceClass: "db.m7g.large",
            topology: "cluster",
            storage: { allocatedGiB },
            alarms: given,
          },
        });
        assert.deepEqual(
          plans.map(({ metricName }) => metricName),
          ["CPUUtilization", "FreeStorageSpace", "DatabaseConnections", "ReplicaLag"],
        );
        for (const { metricName, threshold, comparisonOperator } of plans) {
          const most =
            { CPUUtilization: 100, FreeStorageSpace: allocatedGiB * 1024 ** 3 }[metricName as string] ?? Infinity;
          assert.ok(threshold > 0 && threshold < most, metricName);
          assert.equal(comparisonOperator === "LessThanThreshold", metricName === "FreeStorageSpace");
        }
      }),
    );
  });
});
