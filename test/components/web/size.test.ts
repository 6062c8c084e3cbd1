import assert from "node:assert/strict";
import fc from "fast-check";
import { instancesForZoneLoss, sizeOf, sizeProblems } from "../../../components/web/size";

const need = fc.integer({ min: 1, max: 200 });
const zones = fc.integer({ min: 2, max: 6 });
/** What is left of so many instances, spread evenly, when the fullest zone is lost. */
const left = (instances: number, zoneCount: number) => instances - Math.ceil(instances / zoneCount);

describe("the size of a tier", () => {
  it("needs 1.5 times the load over three zones, and twice over two", () => {
    assert.deepEqual([instancesForZoneLoss(4, 3), instancesForZoneLoss(4, 2)], [6, 8]);
  });
  it("leaves enough when the fullest zone is lost, however many instances there are from the minimum on", () => {
    fc.assert(
      fc.property(need, zones, fc.nat(50), (requiredInstances, zoneCount, more) => {
        const { minimum } = sizeOf({ requiredInstances, zones: zoneCount });
        assert.ok(left(minimum + more, zoneCount) >= requiredInstances);
      }),
    );
  });
  it("has no zone's worth of instances too many", () => {
    fc.assert(
      fc.property(need, zones, (requiredInstances, zoneCount) => {
        const fewer = instancesForZoneLoss(requiredInstances, zoneCount) - zoneCount;
        assert.ok(left(fewer, zoneCount) < requiredInstances);
      }),
    );
  });
  it("is refused exactly if the minimum or the maximum could not meet the need, or they contradict each other", () => {
    fc.assert(
      fc.property(need, zones, fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 400 }), (n, z, min, max) => {
        const args = { requiredInstances: n, zones: z, minInstances: min, maxInstances: max };
        const good = left(min, z) >= n && min >= instancesForZoneLoss(n, z) && max >= min;
        assert.equal(sizeProblems(args).length === 0, good);
      }),
    );
  });
  it("is refused over one zone", () => {
    assert.match(sizeProblems({ requiredInstances: 1, zones: 1 })[0]?.reason ?? "", /one alone survives no loss/);
  });
});
