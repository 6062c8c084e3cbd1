import assert from "node:assert/strict";
import fc from "fast-check";
import { holds, MAX_ZONES, overlap, planSubnets } from "../../../components/network/cidrPlan";

const vpcs = fc
  .record({ second: fc.nat(255), third: fc.nat(63), bits: fc.integer({ min: 16, max: 22 }) })
  .map(
    ({ second, third, bits }) => `10.${second}.${bits === 16 ? 0 : (third * 4) & (256 - 2 ** (24 - bits))}.0/${bits}`,
  );
const zoneCounts = fc.integer({ min: 2, max: MAX_ZONES });
const all = (plan: ReturnType<typeof planSubnets>) => [...plan.public, ...plan.private, ...plan.isolated];

describe("planSubnets", () => {
  it("stays within the VPC and overlaps nowhere", () => {
    fc.assert(
      fc.property(vpcs, zoneCounts, (vpc, zones) => {
        const blocks = all(planSubnets(vpc, zones));
        assert.equal(blocks.length, 3 * zones);
        blocks.forEach((a, i) => {
          assert.ok(holds(vpc, a), `${a} is outside ${vpc}`);
          blocks.slice(i + 1).forEach((b) => assert.ok(!overlap(a, b), `${a} overlaps ${b}`));
        });
      }),
    );
  });

  it("never moves a zone's subnets when another zone is added", () => {
    fc.assert(
      fc.property(vpcs, fc.integer({ min: 2, max: MAX_ZONES - 1 }), (vpc, zones) => {
        const [before, after] = [planSubnets(vpc, zones), planSubnets(vpc, zones + 1)];
        assert.deepEqual(after.private.slice(0, zones), before.private);
        assert.deepEqual(after.public.slice(0, zones), before.public);
        assert.deepEqual(after.isolated.slice(0, zones), before.isolated);
      }),
    );
  });

  it("gives a /16 with three zones the ranges that the docs show", () => {
    assert.deepEqual(planSubnets("10.20.0.0/16", 3), {
      private: ["10.20.0.0/20", "10.20.32.0/20", "10.20.64.0/20"],
      public: ["10.20.16.0/21", "10.20.48.0/21", "10.20.80.0/21"],
      isolated: ["10.20.24.0/21", "10.20.56.0/21", "10.20.88.0/21"],
    });
  });

  it("refuses a VPC that is too small and zones that it has no room for", () => {
    assert.throws(() => planSubnets("10.20.0.0/23", 2), /too small/);
    assert.throws(() => planSubnets("10.20.0.0/16", 7), /room for 6/);
  });
});
