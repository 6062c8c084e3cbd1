import assert from "node:assert/strict";
import fc from "fast-check";
import { rounds } from "../../../local/stacks/stackFiles";

describe("rounds of stacks", () => {
  const stacks = fc
    .array(fc.constantFrom("us-east-1", "eu-west-1", "ap-southeast-2"), { maxLength: 8 })
    .map((regions) => regions.map((region, i) => ({ stack: `s${i}`, region })));

  it("have each stack once, and a Region once a round", () => {
    fc.assert(
      fc.property(stacks, (all) => {
        const result = rounds(all);
        assert.deepEqual(result.flat().sort(), all.map((s) => s.stack).sort());
        for (const round of result) {
          const regions = round.map((stack) => all.find((s) => s.stack === stack)?.region);
          assert.equal(new Set(regions).size, round.length);
        }
      }),
    );
  });

  it("are one round if every stack has a Region of its own", () => {
    const all = ["us-east-1", "eu-west-1"].map((region) => ({ stack: region, region }));
    assert.deepEqual(rounds(all), [["us-east-1", "eu-west-1"]]);
  });
});
