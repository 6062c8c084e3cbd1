import assert from "node:assert/strict";
import fc from "fast-check";
import { Share, tasksByShare } from "../../policy/services/hosts";
import { leastRegistered, sizeOfType } from "../../policy/services/instanceTypes";
import { HostGroup, hostsLeft, TaskDemand, worstLoss } from "../../policy/services/packing";

const ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"];
const group = (instances: number, props: Partial<HostGroup> = {}): HostGroup => ({
  ...{ name: "hosts", instances, zones: ZONES, registered: { cpu: 2048, memory: 7577 } },
  ...props,
});
const demand = (serviceName: string, count: number, memory: number, props: Partial<TaskDemand> = {}): TaskDemand => ({
  ...{ serviceName, count, cpu: 1, memory, groups: ["hosts"] },
  ...props,
});

describe("hosts that are left", () => {
  it("are all but those of the lost zone, of which it may be the fullest", () => {
    const zones = (instances: number, lost?: string) =>
      hostsLeft(group(instances), lost).map(({ availabilityZone }) => availabilityZone);
    assert.deepEqual(zones(4, "us-east-1b"), ["us-east-1a", "us-east-1c"]);
    assert.equal(zones(4).length, 4);
    assert.deepEqual(zones(4, "us-east-1f").length, 4);
    assert.deepEqual(hostsLeft(group(4, { zones: ["us-east-1a"] }), "us-east-1a"), []);
  });
  it("aren't more than even the emptiest zone leaves", () =>
    fc.assert(
      fc.property(fc.nat(40), fc.integer({ min: 2, max: 6 }), (instances, count) => {
        const zones = Array.from({ length: count }, (_, i) => `z${i}`);
        const left = hostsLeft(group(instances, { zones }), "z0").length;
        assert.equal(left, instances - Math.ceil(instances / count));
      }),
    ));
});

describe("the worst loss of a zone", () => {
  it("is none if all tasks find room whichever is lost", () => {
    assert.equal(worstLoss([group(3)], [demand("a", 6, 2500)]), undefined);
    assert.equal(worstLoss([group(3)], []), undefined);
  });
  it("names the zone, the hosts that are left, and what finds no room on each of them", () => {
    // Two hosts with 2,577 MiB left each: a third task of 2,600 fits on neither, though together they have room for it.
    const loss = worstLoss([group(3)], [demand("a", 2, 5000), demand("b", 1, 2600)]);
    assert.deepEqual(loss, { zone: "us-east-1a", hosts: 2, without: new Map([["b", 1]]) });
  });
  it("leaves tasks to the groups of their own providers", () => {
    const groups = [group(6), group(2, { name: "spot", zones: ZONES.slice(0, 2) })];
    const here = demand("a", 4, 4000, { groups: ["spot"] });
    assert.deepEqual(worstLoss(groups, [here])?.without, new Map([["a", 3]]));
    assert.equal(worstLoss(groups, [{ ...here, groups: ["hosts", "spot"] }]), undefined);
  });
  it("hits groups that are in one zone each", () => {
    const groups = ZONES.map((zone) => group(1, { name: zone, zones: [zone] }));
    const everywhere = { groups: ZONES };
    assert.equal(worstLoss(groups, [demand("a", 2, 5000, everywhere)]), undefined);
    assert.deepEqual(worstLoss(groups, [demand("a", 3, 5000, everywhere)])?.without, new Map([["a", 1]]));
  });
  it("is no better with a host less, a task more or larger tasks of one service", () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 12 }),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 200, max: 5000 }),
        (hosts, count, memory) => {
          // prettier-ignore
          const fits = (n: number, c: number, m: number) => worstLoss([group(n)], [demand("a", c, m)]) === undefined;
          if (!fits(hosts, count, memory)) {
            assert.ok(!fits(hosts - 1, count, memory) && !fits(hosts, count + 1, memory) && !fits(hosts, count, memory * 2)); // prettier-ignore
          }
        },
      ),
    ));
});

describe("tasks by capacity provider", () => {
  const share = (base: number, weight: number): Share => ({ groups: [], base, weight });

  it("come to a base first, and then by weight", () => {
    assert.deepEqual(tasksByShare(16, [share(4, 1), share(0, 3)]), [7, 9]);
    assert.deepEqual(tasksByShare(3, [share(4, 1), share(0, 3)]), [3, 0]);
    assert.deepEqual(tasksByShare(4, [share(0, 1), share(0, 1)]), [2, 2]);
    assert.deepEqual(tasksByShare(4, [share(0, 0), share(0, 1)]), [0, 4]);
  });
  it("are all given out, unless no weight is left for them", () =>
    fc.assert(
      fc.property(
        fc.nat(60),
        fc.array(fc.record({ base: fc.nat(5), weight: fc.integer({ min: 1, max: 9 }) }), {
          minLength: 1,
          maxLength: 4,
        }),
        (count, shares) => {
          // prettier-ignore
          const given = tasksByShare(count, shares.map(({ base, weight }) => share(base, weight))); // prettier-ignore
          assert.equal(given.reduce((sum, n) => sum + n, 0), count); // prettier-ignore
        },
      ),
    ));
});

describe("instance types", () => {
  it("have what AWS says", () => {
    const sizes = (...types: string[]) => types.map((type) => sizeOfType(type)).map((s) => s && [s.cpu / 1024, s.memory / 1024]); // prettier-ignore
    assert.deepEqual(sizes("m7g.medium", "c6i.large", "r5b.4xlarge", "m7i-flex.2xlarge", "t4g.small", "t3.2xlarge"), [
      [1, 4],
      [2, 4],
      [16, 128],
      [8, 32],
      [2, 2],
      [8, 32],
    ]);
  });
  it("that follow no rule aren't guessed", () =>
    assert.deepEqual(["c5n.large", "c4.large", "x2gd.large", "m5.metal", "t2.micro", "i4i.large", "", "m5"].map(sizeOfType), Array(8).fill(undefined))); // prettier-ignore
  it("register less with ECS than they have, the small ones much less", () => {
    assert.deepEqual(leastRegistered({ cpu: 2048, memory: 8192 }), { cpu: 2048, memory: 7577 });
    assert.deepEqual(leastRegistered({ cpu: 2048, memory: 8192 }, 256), { cpu: 2048, memory: 7321 });
    assert.deepEqual(leastRegistered({ cpu: 2048, memory: 1024 }), { cpu: 2048, memory: 864 });
  });
});
