import assert from "node:assert/strict";
import fc from "fast-check";
import { exchange } from "../../../local/drills/scalingGroup";

const ZONES = ["a", "b", "c"];

describe("where a tier's instances belong", () => {
  it("those that moto has launched into one zone are exchanged for others", () => {
    assert.deepEqual(exchange(ZONES, ["a", "a", "a"], 3), { launched: ["b", "c"], left: ["a", "a"] });
    assert.deepEqual(exchange(ZONES, ["a", "b", "c"], 3), { launched: [], left: [] });
  });
  it("as many as desired are left, none in a zone two more than in another", () => {
    const instances = fc.array(fc.constantFrom(...ZONES), { maxLength: 12 });
    fc.assert(
      fc.property(instances, fc.nat(4), (before, missing) => {
        const desired = before.length + missing;
        const { launched, left } = exchange(ZONES, before, desired);
        const counts = ZONES.map((zone) => {
          const of = (list: readonly string[]) => list.filter((one) => one === zone).length;
          return of(before) + of(launched) - of(left);
        });
        assert.equal(
          counts.reduce((a, b) => a + b),
          desired,
        );
        assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, counts.join());
      }),
    );
  });
});
