import assert from "node:assert/strict";
import fc from "fast-check";
import { clusterOf, DatabaseInputs, DatabaseState, instanceOf, RdsEvent, stepDatabase } from "../../model/rds";

const INSTANCE = {
  DBInstanceIdentifier: "orders",
  MultiAZ: true,
  AvailabilityZone: "a",
  SecondaryAvailabilityZone: "b",
  Endpoint: { Address: "orders.example.com" },
};

const CLUSTER = {
  DBClusterIdentifier: "orders",
  Endpoint: "orders.cluster.example.com",
  DBClusterMembers: [
    { DBInstanceIdentifier: "orders-1", IsClusterWriter: false },
    { DBInstanceIdentifier: "orders-2", IsClusterWriter: true },
    { DBInstanceIdentifier: "orders-3", IsClusterWriter: false },
  ],
};

const cluster = () =>
  clusterOf(
    CLUSTER,
    ["a", "b", "c"].map((zone, i) => ({ DBInstanceIdentifier: `orders-${i + 1}`, AvailabilityZone: zone })),
  );

function run(state: DatabaseState, to: number, inputs: (now: number) => DatabaseInputs) {
  const events: RdsEvent[] = [];
  const notes: string[] = [];
  let down = 0;
  let current = state;
  for (let now = 0; now <= to; now++) {
    const { state: after, decisions, notes: said } = stepDatabase(current, inputs(now), now);
    current = after;
    events.push(...decisions);
    notes.push(...said);
    down += Number(current.Status !== "available");
  }
  return { state: current, events: events.map((e) => `${e.at} ${e.EventID} ${e.EventCategories}`), down, notes };
}

describe("a database in virtual time", () => {
  const lost = (zone: string) => (now: number) => ({ lostZones: now >= 10 ? [zone] : [] });

  it("as a Multi-AZ instance fails over within AWS's times, behind the same endpoint", () => {
    for (const [pace, seconds] of [
      ["typical", 60],
      ["worst", 120],
    ] as const) {
      const { state, events, down } = run(instanceOf(INSTANCE), 300, (now) => ({ ...lost("a")(now), pace }));
      assert.deepEqual(events, [
        "10 RDS-EVENT-0013 failover",
        `${10 + seconds} RDS-EVENT-0006 availability`,
        `${10 + seconds} RDS-EVENT-0049 failover`,
      ]);
      assert.equal(down, seconds);
      assert.equal(state.writer.AvailabilityZone, "b");
      assert.equal(state.Endpoint, "orders.example.com");
    }
  });

  it("as a cluster fails over to a standby that is left", () => {
    const { state, events, down } = run(cluster(), 300, (now) => ({ lostZones: now >= 10 ? ["b", "a"] : [] }));
    assert.deepEqual(events, ["10 RDS-EVENT-0073 failover", "45 RDS-EVENT-0071 failover"]);
    assert.equal(down, 35);
    assert.equal(state.writer.DBInstanceIdentifier, "orders-3");
    assert.deepEqual(state.standbys.map((c) => c.DBInstanceIdentifier).sort(), ["orders-1", "orders-2"]);
    assert.equal(state.Endpoint, "orders.cluster.example.com");
  });

  it("fails over when asked", () => {
    const { state, events } = run(instanceOf(INSTANCE), 200, (now) => ({ failover: now === 5 }));
    assert.equal(events[0], "5 RDS-EVENT-0013 failover");
    assert.equal(state.writer.AvailabilityZone, "b");
  });

  it("doesn't mind the loss of a standby's zone", () => {
    assert.deepEqual(run(cluster(), 100, lost("c")).events, []);
  });

  it("without a standby is down until its zone is back", () => {
    const single = instanceOf({ ...INSTANCE, MultiAZ: false });
    const { down, events, notes } = run(single, 100, (now) => ({ lostZones: now >= 10 && now < 50 ? ["a"] : [] }));
    assert.equal(down, 40);
    assert.deepEqual(events, []);
    assert.deepEqual([...new Set(notes)], ["no standby can take over"]);
  });

  it("with the standby lost during the failover too, comes back with the first zone that does", () => {
    const { state, down } = run(instanceOf(INSTANCE), 500, (now) => ({
      lostZones: now < 10 || now >= 400 ? [] : now < 20 ? ["a"] : ["a", "b"],
    }));
    assert.equal(state.Status, "available");
    assert.equal(down, 390);
  });

  it("keeps its copies and its endpoint whatever is lost, and is up again when all zones are", () => {
    const losses = fc.array(fc.subarray(["a", "b", "c"]), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.constantFrom(instanceOf(INSTANCE), cluster()), losses, (before, sets) => {
        const { state } = run(before, 1_000, (now) => ({ lostZones: sets[Math.floor(now / 100)] ?? [] }));
        const zones = ({ writer, standbys }: DatabaseState) =>
          [writer, ...standbys].map((c) => c.AvailabilityZone).sort();
        assert.deepEqual(zones(state), zones(before));
        assert.equal(state.Endpoint, before.Endpoint);
        assert.equal(state.Status, "available");
      }),
    );
  });
});
