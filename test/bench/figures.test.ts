import assert from "node:assert/strict";
import { isMet } from "../../bench/figure";
import { processorTime } from "../../bench/processorTime";
import { figuresOf } from "../../bench/rehearsalBench";
import { servicesFigures, withServices } from "../../bench/servicesBench";

describe("the bench's figures", () => {
  const few = { resources: 100, withPackMs: 5000, withPackBusyMs: 5000, withoutPackBusyMs: 4500, rehearsalMs: 20_000 };
  const many = {
    resources: 400,
    withPackMs: 18_000,
    withPackBusyMs: 18_000,
    withoutPackBusyMs: 15_000,
    rehearsalMs: 70_000,
  };
  const met = (over: Partial<typeof many>) => figuresOf(few, { ...many, ...over }).map(isMet);

  it("are met if a large stack takes no more a resource than a small one, and the pack little more than none", () =>
    assert.deepEqual(met({}), [true, true, true]));
  it("are missed by growth that is faster than the resources'", () => {
    assert.deepEqual(met({ withPackMs: 24_000 }), [false, true, true]);
    assert.deepEqual(met({ rehearsalMs: 100_000 }), [true, true, false]);
  });
  it("are missed by a pack that costs too much", () =>
    assert.deepEqual(met({ withoutPackBusyMs: 12_000 }), [true, false, true]));
  it("are missed by what was not measured", () =>
    assert.equal(isMet({ what: "nothing", unit: "", here: NaN, target: 1 }), false));

  const stackOf = (services: number, over = {}) => ({
    services,
    resources: 100 + 20 * services,
    previewMs: 3000 + 500 * services,
    upMs: 5000 + 800 * services,
    ...over,
  });
  const grown = (over: object) => servicesFigures([stackOf(1), stackOf(10), stackOf(50, over)]).map(isMet);

  it("are met if a service takes as much whether it is the tenth or the fiftieth", () =>
    assert.deepEqual(grown({}), [true, true, true]));
  it("are missed if resources or time grow faster than services", () => {
    assert.deepEqual(grown({ resources: 1101 }), [false, true, true]);
    assert.deepEqual(grown({ previewMs: 40_000 }), [true, false, true]);
    assert.deepEqual(grown({ upMs: 60_000 }), [true, true, false]);
  });
  it("are of a cluster with as many services as are asked for, each with a name of its own", () => {
    const config = { "nplusone:services": [{ name: "shop", services: [{ name: "cart", port: 80 }] }], other: 1 };
    assert.deepEqual(withServices({ stack: "bench", config }, 2), {
      stack: "bench",
      config: {
        "nplusone:services": [
          {
            name: "shop",
            services: [
              { name: "cart-0", port: 80 },
              { name: "cart-1", port: 80 },
            ],
          },
        ],
        other: 1,
      },
    });
  });

  it("count the processor time of a process and of its children that have ended", () => {
    const stat = "7 (a (name) of 1 2) S 1 7 7 0 -1 4194560 100 200 0 0 11 22 33 44 20 0 1 0 5 6 7";
    assert.equal(processorTime(stat), (11 + 22 + 33 + 44) * 10);
  });
  it("count more of it the longer one works", () => {
    const start = processorTime();
    const until = performance.now() + 200;
    while (performance.now() < until);
    assert.ok(processorTime() > start);
  });
});
