import assert from "node:assert/strict";
import fc from "fast-check";
import { Host, hostOf, Placed, placeOfTask, remaining, unplaced } from "../../../model/ecs/placement";

const ZONES = ["a", "b", "c"];
const host = (i: number, cpu = 1_024, memory = 2_048): Host => ({
  ec2InstanceId: `i-${i}`,
  availabilityZone: ZONES[i % ZONES.length] as string,
  status: "ACTIVE",
  agentConnected: true,
  registered: { cpu, memory },
});
const hosts = Array.from({ length: 6 }, (_, i) => host(i));
const small = { cpu: 128, memory: 256 };
const ZONE_THEN_HOST = [
  { type: "spread", field: "attribute:ecs.availability-zone" },
  { type: "spread", field: "instanceId" },
];

/** Places a service's tasks one after the other, as far as there is room. */
function fill(on: readonly Host[], count: number, strategies = ZONE_THEN_HOST, needs = small): Placed[] {
  const placed: Placed[] = [];
  for (let i = 0; i < count; i++) {
    const place = placeOfTask(on, placed, "shop", needs, strategies);
    if (place !== undefined) {
      placed.push({ serviceName: "shop", ec2InstanceId: place.ec2InstanceId, ...needs });
    }
  }
  return placed;
}
const counts = (keys: readonly string[], found: readonly string[]) =>
  keys.map((k) => found.filter((f) => f === k).length);
const range = (numbers: readonly number[]) => Math.max(...numbers) - Math.min(...numbers);
const zoneOf = (task: Placed) => hosts.find((h) => h.ec2InstanceId === task.ec2InstanceId)?.availabilityZone ?? "";

describe("ECS placement", () => {
  it("takes hosts as ECS describes them", () => {
    const described = {
      ec2InstanceId: "i-1",
      status: "ACTIVE",
      agentConnected: true,
      registeredResources: [
        { name: "CPU", type: "INTEGER", integerValue: 2_048 },
        { name: "MEMORY", type: "INTEGER", integerValue: 3_900 },
      ],
      attributes: [{ name: "ecs.availability-zone", value: "a" }],
    };
    assert.deepEqual(hostOf(described), {
      ec2InstanceId: "i-1",
      availabilityZone: "a",
      status: "ACTIVE",
      agentConnected: true,
      registered: { cpu: 2_048, memory: 3_900 },
    });
  });

  it("spreads over zones and then hosts, never off by more than one", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), (n) => {
        const placed = fill(hosts, n);
        assert.equal(placed.length, n);
        assert.ok(range(counts(ZONES, placed.map(zoneOf))) <= 1);
        const perHost = counts(
          hosts.map((h) => h.ec2InstanceId),
          placed.map((p) => p.ec2InstanceId),
        );
        assert.ok(range(perHost) <= 1);
      }),
    );
  });

  it("packs the least memory that is left", () => {
    const packed = fill(hosts, 8, [{ type: "binpack", field: "memory" }]);
    assert.equal(new Set(packed.map((p) => p.ec2InstanceId)).size, 1);
  });

  it("counts only the service's own tasks when it spreads", () => {
    const others = Array.from({ length: 4 }, () => ({ serviceName: "other", ec2InstanceId: "i-0", ...small }));
    assert.equal(placeOfTask(hosts, others, "shop", small, ZONE_THEN_HOST)?.ec2InstanceId, "i-0");
  });

  it("never overcommits a host, and leaves a task out only where no host has room", () => {
    const sizes = fc.array(fc.record({ cpu: fc.nat(600), memory: fc.nat(1_200) }), { maxLength: 30 });
    fc.assert(
      fc.property(sizes, (tasks) => {
        const placed: Placed[] = [];
        for (const needs of tasks) {
          const place = placeOfTask(hosts, placed, "shop", needs, ZONE_THEN_HOST);
          const room = hosts.some((h) => {
            const left = remaining(h, placed);
            return left.cpu >= needs.cpu && left.memory >= needs.memory;
          });
          assert.equal(place !== undefined, room);
          if (place !== undefined) {
            placed.push({ serviceName: "shop", ec2InstanceId: place.ec2InstanceId, ...needs });
          }
        }
        assert.ok(hosts.every((h) => remaining(h, placed).cpu >= 0 && remaining(h, placed).memory >= 0));
      }),
    );
  });

  it("leaves out hosts that drain or have lost their agent", () => {
    const off = hosts.map((h, i) =>
      i === 0 ? { ...h, status: "DRAINING" as const } : { ...h, agentConnected: i !== 1 },
    );
    assert.ok(fill(off, 20).every((p) => !["i-0", "i-1"].includes(p.ec2InstanceId)));
  });

  it("finds no room where only the sum would have it", () => {
    const two = [host(0, 1_024, 1_000), host(1, 1_024, 1_000)];
    const demand = (count: number, memory: number, serviceName = "shop") => ({ serviceName, count, cpu: 1, memory });
    assert.deepEqual(unplaced(two, [demand(3, 600)]), new Map([["shop", 1]]));
    const packed = { ...demand(2, 400, "small"), strategies: [{ type: "binpack", field: "memory" }] };
    assert.deepEqual(unplaced(two, [packed, demand(2, 600)]), new Map());
    assert.deepEqual(unplaced([], [demand(2, 1)]), new Map([["shop", 2]]));
  });

  it("leaves tasks to the hosts that admit them, and one of a kind to a host where it has to be alone", () => {
    const two = [host(0, 1_024, 1_000), host(1, 1_024, 1_000)];
    const web = { serviceName: "web", count: 3, cpu: 1, memory: 100 };
    assert.deepEqual(unplaced(two, [{ ...web, alone: true }]), new Map([["web", 1]]));
    const onFirst = { ...web, memory: 600, count: 2, admits: (h: Host) => h === two[0] };
    assert.deepEqual(unplaced(two, [onFirst]), new Map([["web", 1]]));
    assert.deepEqual(unplaced(two, [onFirst, { ...onFirst, admits: () => false }]), new Map([["web", 3]]));
  });
});
