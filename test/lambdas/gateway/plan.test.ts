import assert from "node:assert/strict";
import fc from "fast-check";
import { Health } from "../../../lambdas/gateway/judge";
import { carriers, nearestLive, planMoves, ringFrom, RouteTableState } from "../../../lambdas/gateway/plan";
import { FakeAws } from "./fakeAws";

const ZONES = ["a", "b", "c", "d", "e", "f"];
const healths = fc.constantFrom<Health>("passing", "unproven", "dead");

/** A gateway of 2 to 6 zones, the health of each, and where each zone's table points. */
const situations = fc.integer({ min: 2, max: 6 }).chain((n) => {
  const zones = ZONES.slice(0, n);
  return fc.record({
    zones: fc.constant(zones),
    health: fc
      .array(healths, { minLength: n, maxLength: n })
      .map((h) => new Map(zones.map((z, i) => [z, h[i] as Health]))),
    targets: fc.array(fc.option(fc.constantFrom(...zones), { nil: undefined }), { minLength: n, maxLength: n }),
  });
});

function tablesOf(zones: readonly string[], targets: readonly (string | undefined)[]): RouteTableState[] {
  return zones.map((availabilityZone, i) => {
    const target = targets[i];
    return {
      routeTableId: `rtb-${availabilityZone}-0`,
      availabilityZone,
      target:
        target === undefined ? { kind: "none", routeExists: false } : { kind: "gateway", availabilityZone: target },
    };
  });
}

describe("planMoves", () => {
  it("leaves no route at a dead gateway while a live one exists, and never moves one to a dead one", () => {
    fc.assert(
      fc.property(situations, ({ zones, health, targets }) => {
        const tables = tablesOf(zones, targets);
        const moves = planMoves(new FakeAws(zones).settings, health, tables);
        const anyLive = zones.some((z) => health.get(z) !== "dead");
        tables.forEach((table, i) => {
          const final = moves.find((m) => m.routeTableId === table.routeTableId)?.to ?? targets[i];
          const isDead = final === undefined || health.get(final) === "dead";
          assert.ok(!isDead || !anyLive, `${table.availabilityZone} ends at ${final}`);
        });
        assert.ok(moves.every((m) => health.get(m.to) !== "dead"));
      }),
    );
  });

  it("leaves no route on an unproven gateway, its own or another's, while any passes", () => {
    fc.assert(
      fc.property(situations, ({ zones, health, targets }) => {
        const moves = planMoves(new FakeAws(zones).settings, health, tablesOf(zones, targets));
        const anyPasses = zones.some((z) => health.get(z) === "passing");
        zones.forEach((zone, i) => {
          const final = moves.find((m) => m.availabilityZone === zone)?.to ?? targets[i];
          assert.ok(!anyPasses || (final !== undefined && health.get(final) === "passing"), `${zone} ends at ${final}`);
        });
      }),
    );
  });

  it("takes a route from a passing gateway only home, to one that passes too", () => {
    fc.assert(
      fc.property(situations, ({ zones, health, targets }) => {
        const moves = planMoves(new FakeAws(zones).settings, health, tablesOf(zones, targets));
        for (const move of moves.filter((m) => m.from !== undefined && health.get(m.from) === "passing")) {
          assert.ok(move.to === move.availabilityZone && health.get(move.to) === "passing");
        }
      }),
    );
  });

  it("keeps a route where it is rather than exchange one unproven gateway for another", () => {
    const health = new Map<string, Health>([["a", "unproven"], ["b", "unproven"], ["c", "dead"]]); // prettier-ignore
    assert.deepEqual(planMoves(new FakeAws(["a", "b", "c"]).settings, health, tablesOf(["a", "b", "c"], ["b", "a", "a"])), []); // prettier-ignore
  });

  it("has nothing left to do once its moves are made", () => {
    fc.assert(
      fc.property(situations, ({ zones, health, targets }) => {
        const { settings } = new FakeAws(zones);
        const moves = planMoves(settings, health, tablesOf(zones, targets));
        const after = zones.map((z, i) => moves.find((m) => m.availabilityZone === z)?.to ?? targets[i]);
        assert.deepEqual(planMoves(settings, health, tablesOf(zones, after)), []);
      }),
    );
  });

  it("leaves a route alone that somebody has pointed elsewhere", () => {
    const health = new Map<string, Health>([["a", "dead"], ["b", "passing"]]); // prettier-ignore
    const table: RouteTableState = {
      routeTableId: "rtb-a-0",
      availabilityZone: "a",
      target: { kind: "foreign", target: "nat-0123" },
    };
    assert.deepEqual(planMoves(new FakeAws(["a", "b"]).settings, health, [table]), []);
  });
});

describe("nearestLive", () => {
  it("takes the first passing zone in ring order, itself first", () => {
    const health = new Map<string, Health>([["a", "dead"], ["b", "unproven"], ["c", "passing"], ["d", "passing"]]); // prettier-ignore
    const zones = ["a", "b", "c", "d"];
    assert.equal(nearestLive(zones, "a", health), "c");
    assert.equal(nearestLive(zones, "d", health), "d");
  });

  it("takes an unproven gateway rather than none", () => {
    const health = new Map<string, Health>([["a", "dead"], ["b", "unproven"]]); // prettier-ignore
    assert.equal(nearestLive(["a", "b"], "a", health), "b");
    assert.equal(nearestLive(["a"], "a", health), undefined);
  });
});

describe("ringFrom", () => {
  it("starts at the zone and comes round", () => assert.deepEqual(ringFrom(["a", "b", "c"], "b"), ["b", "c", "a"]));
  it("refuses a zone that is not in the ring", () => assert.throws(() => ringFrom(["a"], "x"), /x is not a zone/));
});

describe("carriers", () => {
  const { settings } = new FakeAws(["a", "b"]);
  const health = new Map<string, Health>([["a", "passing"], ["b", "dead"]]); // prettier-ignore
  it("names nobody for a route to a dead gateway", () =>
    assert.deepEqual([...carriers(settings, health, tablesOf(["a", "b"], ["a", "b"]))], [["a", "a"], ["b", "none"]])); // prettier-ignore
  it("says nothing of a zone whose tables have been deleted", () =>
    assert.deepEqual([...carriers(settings, health, tablesOf(["a"], ["a"]))], [["a", "a"]]));
});
