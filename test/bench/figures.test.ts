import assert from "node:assert/strict";
import { isMet } from "../../bench/figure";
import { figuresOf } from "../../bench/rehearsalBench";

describe("the bench's figures", () => {
  const few = { resources: 100, withPackMs: 5000, withoutPackMs: 4500, rehearsalMs: 20_000 };
  const many = { resources: 400, withPackMs: 18_000, withoutPackMs: 15_000, rehearsalMs: 70_000 };
  const met = (over: Partial<typeof many>) => figuresOf(few, { ...many, ...over }).map(isMet);

  it("are met if a large stack takes no more a resource than a small one, and the pack little more than none", () =>
    assert.deepEqual(met({}), [true, true, true]));
  it("are missed by growth that is faster than the resources'", () => {
    assert.deepEqual(met({ withPackMs: 24_000, withoutPackMs: 20_000 }), [false, true, true]);
    assert.deepEqual(met({ rehearsalMs: 100_000 }), [true, true, false]);
  });
  it("are missed by a pack that costs too much", () =>
    assert.deepEqual(met({ withoutPackMs: 12_000 }), [true, false, true]));
  it("are missed by what was not measured", () =>
    assert.equal(isMet({ what: "nothing", unit: "", here: NaN, target: 1 }), false));
});
