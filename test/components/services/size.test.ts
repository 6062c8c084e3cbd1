import fc from "fast-check";
import assert from "node:assert/strict";
import {
  capacityOf,
  Demand,
  fitsWithoutFullestZone,
  hostsForZoneLoss,
  sizeOf,
  sizeProblems,
} from "../../../components/services/size";
import { Host, unplaced } from "../../../model/ecs/placement";

const HOST = { cpu: 2048, memoryMiB: 7321 };
const demand = (name: string, cpu: number, memoryMiB: number, minimum = 4): Demand => ({
  ...{ name, cpu, memoryMiB, minimum, maximum: 5 * minimum },
});

/** As many hosts as are left of some, spread over zones, when the fullest is lost, for the model. */
function left(count: number, zones: number): Host[] {
  return Array.from({ length: count - Math.ceil(count / zones) }, (_, i) => ({
    ec2InstanceId: `i-${i}`,
    availabilityZone: `zone-${i % (zones - 1)}`,
    status: "ACTIVE",
    agentConnected: true,
    registered: { cpu: HOST.cpu, memory: HOST.memoryMiB },
  }));
}
const SPREAD = [
  { type: "spread", field: "attribute:ecs.availability-zone" },
  { type: "spread", field: "instanceId" },
];
const missing = (count: number, zones: number, demands: readonly Demand[]) =>
  unplaced(
    left(count, zones),
    demands.map(({ name, cpu, memoryMiB, minimum }) => ({
      ...{ serviceName: name, cpu, memory: memoryMiB, count: minimum, strategies: SPREAD },
    })),
  ).size;

const anyDemands = fc.array(
  fc.record({
    cpu: fc.integer({ min: 64, max: 2048 }),
    memoryMiB: fc.integer({ min: 64, max: 7321 }),
    minimum: fc.integer({ min: 2, max: 8 }),
  }),
  { minLength: 1, maxLength: 6 },
);
const namedOnes = (list: readonly Omit<Demand, "name" | "maximum">[]): Demand[] =>
  list.map((one, i) => ({ ...one, name: `s${i}`, maximum: one.minimum }));

describe("what a host has for tasks", () => {
  it("is less than its type has: the kernel and ECS keep some", () => {
    assert.deepEqual(capacityOf("m7g.large"), HOST);
    assert.deepEqual(capacityOf("t4g.small"), { cpu: 2048, memoryMiB: 1638 });
    assert.deepEqual(capacityOf("c7g.4xlarge")?.cpu, 16 * 1024);
  });
  it("is unknown where the type's name doesn't tell", () => {
    for (const type of ["m4.large", "t2.micro", "c5.metal", "p5.48xlarge", "a1.large"]) {
      assert.equal(capacityOf(type), undefined, type);
    }
  });
});

describe("the number of hosts", () => {
  it("is two at least, in two zones", () => assert.equal(hostsForZoneLoss(2, HOST, [demand("a", 64, 64)]), 2));
  it("goes by bins, not by sums: three tasks of half a host and more need a host each", () => {
    const demands = [demand("a", 64, 4000, 3)];
    assert.equal(hostsForZoneLoss(2, HOST, demands), 6, "three of six are left");
    assert.equal(hostsForZoneLoss(3, HOST, demands), 5, "five: two, two and one; three are left");
  });
  it("is undefined if a task is larger than a host, or all of them are too few", () => {
    assert.equal(hostsForZoneLoss(2, HOST, [demand("a", 4096, 64)]), undefined);
    assert.equal(hostsForZoneLoss(2, HOST, [demand("a", 64, 7000, 300)]), undefined);
  });
  it("always leaves room for every minimum, as ECS places tasks by the model", () =>
    fc.assert(
      fc.property(anyDemands, fc.integer({ min: 2, max: 4 }), (list, zones) => {
        const demands = namedOnes(list);
        const count = hostsForZoneLoss(zones, HOST, demands) ?? assert.fail("no number is enough");
        assert.equal(missing(count, zones, demands), 0);
      }),
    ));
  it("finds room exactly where the model does", () =>
    fc.assert(
      fc.property(anyDemands, fc.integer({ min: 2, max: 4 }), fc.integer({ min: 2, max: 20 }), (list, zones, count) => {
        const demands = namedOnes(list);
        assert.equal(fitsWithoutFullestZone(count, zones, HOST, demands), missing(count, zones, demands) === 0);
      }),
    ));
  it("leaves room to grow: for every maximum, and for twice the hosts", () => {
    const size = sizeOf({ zones: 2, capacity: HOST, services: [demand("a", 512, 1024)] });
    assert.deepEqual(size, { minimum: 2, maximum: 10, required: 1 });
    const small = sizeOf({ zones: 3, capacity: HOST, services: [{ ...demand("a", 64, 64), maximum: 4 }], minHosts: 6 });
    assert.deepEqual([small.minimum, small.maximum], [6, 12]);
  });
});

describe("what is wrong with a cluster's size", () => {
  const args = { zones: 2, capacity: HOST, services: [demand("a", 1024, 2048, 6)] };
  const problems = (over: object) =>
    sizeProblems({ ...args, ...over }).map(({ path, message }) => `${path.join(".")}: ${message}`);
  it("is nothing, if nothing is", () => assert.deepEqual(problems({}), []));
  it("is that too few hosts are left, and how many it takes", () => {
    assert.match(
      problems({ minHosts: 5 })[0] ?? "",
      /^hosts\.minHosts: expected 6 or more, because the minimum of every/,
    );
    assert.match(problems({ maxHosts: 5 })[0] ?? "", /^hosts\.maxHosts: expected 6 or more/);
    assert.match(problems({ minHosts: 8, maxHosts: 7 })[0] ?? "", /^hosts\.maxHosts: expected minHosts \(8\) or more/);
  });
  it("is every task that is larger than a host", () => {
    const services = [demand("a", 4096, 9000), demand("b", 64, 8000)];
    assert.deepEqual(
      problems({ services }).map((line) => line.split(":")[0]),
      ["services.0.cpu", "services.0.memoryMiB", "services.1.memoryMiB"],
    );
  });
  it("is a single zone", () => assert.match(problems({ zones: 1 })[0] ?? "", /one alone survives no loss/));
  it("is a type of which no number would do", () =>
    assert.match(problems({ services: [demand("a", 64, 7000, 900)] })[0] ?? "", /500 hosts of it are too few/));
});
