import assert from "node:assert/strict";
import fc from "fast-check";
import {
  Evidence,
  Health,
  judgeGateways,
  nearestLive,
  planMoves,
  ringFrom,
  RouteTableState,
} from "../../../lambdas/gateway/plan";
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
    giveBack: fc.boolean(),
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
      fc.property(situations, ({ zones, health, targets, giveBack }) => {
        const tables = tablesOf(zones, targets);
        const moves = planMoves(new FakeAws(zones).settings, health, tables, giveBack);
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

  it("moves a route away from a live gateway only to give it back to its own", () => {
    fc.assert(
      fc.property(situations, ({ zones, health, targets, giveBack }) => {
        const moves = planMoves(new FakeAws(zones).settings, health, tablesOf(zones, targets), giveBack);
        for (const move of moves.filter((m) => m.from !== undefined && health.get(m.from) !== "dead")) {
          assert.ok(giveBack && move.to === move.availabilityZone && health.get(move.to) === "passing");
        }
      }),
    );
  });

  it("has nothing left to do once its moves are made", () => {
    fc.assert(
      fc.property(situations, ({ zones, health, targets, giveBack }) => {
        const { settings } = new FakeAws(zones);
        const moves = planMoves(settings, health, tablesOf(zones, targets), giveBack);
        const after = zones.map((z, i) => moves.find((m) => m.availabilityZone === z)?.to ?? targets[i]);
        assert.deepEqual(planMoves(settings, health, tablesOf(zones, after), giveBack), []);
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
    assert.deepEqual(planMoves(new FakeAws(["a", "b"]).settings, health, [table], true), []);
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

describe("judgeGateways", () => {
  const { settings } = new FakeAws(["a", "b"]);
  const evidence = (over: Partial<Evidence> = {}): Evidence => ({
    running: [
      { instanceId: "i-a", attachedNetworkInterfaceIds: ["eni-primary", "eni-a"] },
      { instanceId: "i-b", attachedNetworkInterfaceIds: ["eni-b"] },
    ],
    failingChecks: new Map(),
    lifecycleStates: new Map([["i-a", "InService"], ["i-b", "InService"]]), // prettier-ignore
    ...over,
  });
  const judge = (over: Partial<Evidence> = {}, leaving?: string) =>
    judgeGateways(settings, evidence(over), leaving).get("a");

  it("passes an attached, running, in-service instance", () => assert.equal(judge(), "passing"));
  it("is dead without a running holder", () => assert.equal(judge({ running: [] }), "dead"));
  it("is dead if its holder is about to go", () => assert.equal(judge({}, "i-a"), "dead"));
  it("ignores the end of an instance that holds nothing any more", () => assert.equal(judge({}, "i-old"), "passing"));
  it("is dead if its checks fail", () =>
    assert.equal(judge({ failingChecks: new Map([["i-a", "impaired"]]) }), "dead"));
  it("is dead while the group waits to terminate it, so that no late event gives the zone back", () =>
    assert.equal(judge({ lifecycleStates: new Map([["i-a", "Terminating:Wait"]]) }), "dead"));
  it("is unproven until its checks have a verdict", () =>
    assert.equal(judge({ failingChecks: new Map([["i-a", "no verdict"]]) }), "unproven"));
  it("is unproven until the boot script has completed the launch", () =>
    assert.equal(judge({ lifecycleStates: new Map([["i-a", "Pending:Wait"]]) }), "unproven"));
  it("is unproven, not dead, if the checks could not be read", () =>
    assert.equal(judge({ failingChecks: undefined }), "unproven"));
  it("is unproven, not dead, if the lifecycle states could not be read", () =>
    assert.equal(judge({ lifecycleStates: undefined }), "unproven"));
});
