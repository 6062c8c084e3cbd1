import assert from "node:assert/strict";
import { parseConfig } from "../../config";
import { expectProblem, good, problems } from "./problems";

const database = (over: object = {}) => ({
  ...{ name: "orders", engine: "postgres", engineVersion: "17", instanceClass: "db.m7g.large" },
  ...{ storage: { allocatedGiB: 100 }, partnerRegion: "eu-west-1" },
  ...over,
});
const cluster = {
  ...{ topology: "cluster", partnerRegion: undefined, instanceClass: "db.m6gd.large" },
  storage: { allocatedGiB: 100, iops: 3000 },
};
const threeZones = {
  network: { cidrBlock: "10.20.0.0/16", availabilityZones: ["us-east-1a", "us-east-1b", "us-east-1c"] },
};
const shop = { name: "shop", requiredInstances: 2, application: { command: "/opt/shop/start" } };
const config = (...databases: object[]) => ({ ...good, database: databases });
const replicaOf = {
  sourceArn: "arn:aws:rds:eu-west-1:123456789012:db:prod-eu-west-1-orders",
  secretArn: "arn:aws:secretsmanager:us-east-1:123456789012:secret:orders-AbCdEf",
};

describe("database configuration", () => {
  it("accepts a minimal database, and protects it and keeps its backups for two weeks", () => {
    const [one] = parseConfig(config(database()), "test", "us-east-1").database ?? [];
    assert.deepEqual([one?.topology, one?.backupRetentionDays, one?.protected], ["instance", 14, true]);
    assert.deepEqual(one?.alarms, { cpuPercent: 80, freeStoragePercent: 10, replicaLagSeconds: 60 });
  });
  it("accepts a cluster over three zones, and a replica of a database elsewhere", () => {
    assert.deepEqual(problems({ ...config(database(cluster)), ...threeZones }, "us-east-1"), []);
    assert.deepEqual(problems(config(database({ partnerRegion: undefined, replicaOf })), "us-east-1"), []);
  });
  it("refuses a managed password with a replica", () =>
    expectProblem(config(database({ hasReplica: true })), "database.0.masterPassword", /expected own with hasReplica/));
  it("refuses an engine version that has no clusters, and one that RDS would upgrade under Pulumi's hands", () => {
    const old = { ...config(database({ ...cluster, engine: "mysql", engineVersion: "5.7" })), ...threeZones };
    expectProblem(old, "database.0.engineVersion", /RDS has no Multi-AZ DB clusters of 5\.7/);
    expectProblem(
      config(database({ engineVersion: "17.2" })),
      "database.0.engineVersion",
      /a major version such as 17/,
    );
  });
  it("refuses a cluster of a class without a local disk, and in two zones", () => {
    const other = { ...config(database({ ...cluster, instanceClass: "db.m7g.large" })), ...threeZones };
    expectProblem(other, "database.0.instanceClass", /a class with a local disk such as db\.m6gd\.large/);
    expectProblem(config(database(cluster)), "database.0.topology", /expected 3 Availability Zones or more.*not 2/);
  });
  it("refuses to promise a cluster what RDS doesn't do for it", () => {
    const wrong = { ...cluster, partnerRegion: "eu-west-1", masterPassword: "own", hasReplica: true };
    const found = problems({ ...config(database(wrong)), ...threeZones }).map((line) => line.split(":")[1]);
    const options = ["partnerRegion", "masterPassword", "hasReplica"];
    assert.deepEqual(
      found,
      options.map((option) => `database.0.${option}`),
    );
  });
  it("refuses storage that RDS doesn't have", () => {
    const storage = (given: object) => config(database({ storage: given }));
    expectProblem(storage({ allocatedGiB: 100, maximumGiB: 109 }), "database.0.storage.maximumGiB", /expected 110/);
    expectProblem(storage({ allocatedGiB: 100, iops: 3000 }), "database.0.storage.iops", /expected none/);
    const slow = { ...cluster, storage: { allocatedGiB: 100 } };
    expectProblem({ ...config(database(slow)), ...threeZones }, "database.0.storage.iops", /expected 1000 to 5000/);
  });
  it("refuses an instance without a partner Region, and one that is its own partner", () => {
    expectProblem(config(database({ partnerRegion: undefined })), "database.0.partnerRegion", /backups are replicated/);
    expectProblem(config(database()), "database.0.partnerRegion", /another Region than the stack's own/, "eu-west-1");
  });
  it("refuses a replica with what is its source's to say, or whose secret is elsewhere", () => {
    const own = { replicaOf, partnerRegion: "eu-west-1", masterPassword: "own" };
    const found = problems(config(database(own)), "us-east-1").map((line) => line.split(":")[1]);
    assert.deepEqual(found, ["database.0.masterPassword", "database.0.partnerRegion"]);
    const elsewhere = database({ partnerRegion: undefined, replicaOf });
    expectProblem(config(elsewhere), "database.0.replicaOf.secretArn", /in the stack's own Region/, "us-west-2");
  });
  it("refuses fewer than 7 days of backups, and more than RDS keeps", () => {
    expectProblem(config(database({ backupRetentionDays: 6 })), "database.0.backupRetentionDays", /7 days or more/);
    expectProblem(config(database({ backupRetentionDays: 36 })), "database.0.backupRetentionDays", /at most 35/);
  });
  it("refuses MySQL on a class without Performance Insights, and a class of which nobody knows the connections", () => {
    const small = database({ engine: "mysql", engineVersion: "8.4", instanceClass: "db.t4g.micro" });
    expectProblem(config(small), "database.0.instanceClass", /no Performance Insights on db\.t4g\.micro/);
    const unknown = database({ instanceClass: "db.z1d.large" });
    expectProblem(config(unknown), "database.0.alarms.connections", /can't be told from its name/);
  });
  it("refuses a tier that isn't there, a database that isn't, and a tier that its database doesn't admit", () => {
    expectProblem(config(database({ tiers: ["shop"] })), "database.0.tiers.0", /there are none/);
    const used = (database: string) => ({ ...shop, database });
    const both = (tiers: string[], of: string) => ({ ...config(database({ tiers })), web: [used(of)] });
    expectProblem(both(["shop"], "stock"), "web.0.database", /there are orders/);
    expectProblem(both([], "orders"), "web.0.database", /expected shop among the tiers of orders/);
    assert.deepEqual(problems(both(["shop"], "orders")), []);
  });
  it("says all of a file's problems at once, those of several databases among them", () => {
    const found = problems(
      config(database({ engineVersion: "17.2" }), database({ hasReplica: true, storage: { allocatedGiB: 70_000 } })),
    ).join("\n");
    const expected = ["0.engineVersion", "1.name", "1.masterPassword", "1.storage.allocatedGiB"];
    for (const path of expected) {
      assert.match(found, new RegExp(`nplusone:database\\.${path.replace(".", "\\.")}: `));
    }
  });
});
