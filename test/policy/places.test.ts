import { PolicyResource } from "@pulumi/policy";
import assert from "node:assert/strict";
import fc from "fast-check";
import { Graph, GROUP, SUBNET } from "../../policy/core/graph";
import { spreadOf, Zone } from "../../policy/core/places";
import { workloadsSpanZones as rule } from "../../policy/redundancy/rules";
import { breaks, cannotTell, holds } from "./find";
import { gatewayStack } from "./gatewayStack";
import { resource } from "./graph";
import { unknownStringValue as UNKNOWN } from "./unknowns";

const THREE = ["us-east-1a", "us-east-1b", "us-east-1c"];
const LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer";

describe("workloads-span-zones", () => {
  const subnets = THREE.map((zone) => resource(SUBNET, `private-${zone}`, { availabilityZone: zone, id: UNKNOWN }));
  const [a, b] = subnets as [PolicyResource, PolicyResource];
  const balancer = (listed: unknown, made: PolicyResource[] = []) =>
    resource(LOAD_BALANCER, "web", { subnets: listed }, { subnets: made });
  const group = (props: object, ...to: PolicyResource[]) =>
    resource(
      GROUP,
      "app",
      { minSize: 2, maxSize: 4, vpcZoneIdentifiers: to.map(() => UNKNOWN), ...props },
      { vpcZoneIdentifiers: to },
    );

  it("holds for all subnets of three zones", () =>
    holds(rule, [...subnets, balancer([UNKNOWN, UNKNOWN, UNKNOWN], subnets), group({}, ...subnets)]));
  it("breaks for a load balancer in one zone", () =>
    breaks(rule, [...subnets, balancer([UNKNOWN], [a])], /web runs only in us-east-1a: give subnets/, "web"));
  it("breaks for two subnets in the same zone", () => {
    const twin = resource(SUBNET, "twin", { availabilityZone: "us-east-1a" });
    breaks(rule, [...subnets, twin, group({}, twin, a)], /app runs only in us-east-1a: give vpcZoneIdentifiers/);
  });
  it("breaks for a group of one that is no gateway's", () =>
    breaks(rule, [...subnets, group({ minSize: 1, maxSize: 1 }, a)], /two or more zones/));
  it("lets a gateway's group of one be", () => holds(rule, gatewayStack(THREE)));
  it("breaks for one element that is picked from a list of all", () =>
    breaks(rule, [...subnets, balancer([UNKNOWN], subnets)], /web runs in 1 zone/, "web"));
  it("holds for two elements of a list that has one subnet a zone", () =>
    holds(rule, [...subnets, balancer([UNKNOWN, UNKNOWN], subnets)]));
  it("can't tell which two of a list that has two subnets a zone", () => {
    const six = [...subnets, ...THREE.map((zone) => resource(SUBNET, `other-${zone}`, { availabilityZone: zone }))];
    cannotTell(rule, [...six, balancer([UNKNOWN, UNKNOWN], six)], /which subnets subnets lists isn't known/, "web");
  });
  it("can't tell a list of which not even the length is known", () =>
    cannotTell(rule, [...subnets, balancer(UNKNOWN, subnets)], /list its elements \(\[ids\[0\], ids\[1\]\]\)/, "web"));
  it("goes by ids as soon as they are known", () => {
    const real = THREE.map((zone) => resource(SUBNET, zone, { availabilityZone: zone, id: `subnet-${zone}` }));
    breaks(rule, [...real, balancer(["subnet-us-east-1a"], real)], /web runs only in us-east-1a/, "web");
    holds(rule, [...real, balancer(["subnet-us-east-1a", "subnet-us-east-1c"], real)]);
  });
  it("can't tell the zones of subnets that aren't the stack's, but how many there are", () => {
    const foreign = (count: number) => Array.from({ length: count }, (_, i) => `subnet-${i}`);
    cannotTell(rule, [balancer(foreign(2))], /subnet-0 isn't this stack's: read it by aws.ec2.Subnet.get/, "web");
    breaks(rule, [balancer(foreign(1))], /web runs in 1 zone/, "web");
    const half = [a, balancer([UNKNOWN, "subnet-9"], [a])];
    cannotTell(rule, half, /subnet-9 isn't this stack's/, "web");
  });
  it("can't tell a subnet whose zone isn't known, and takes a zone's id for its name", () => {
    const unclear = [1, 2].map((i) => resource(SUBNET, `s${i}`, { availabilityZone: UNKNOWN }));
    cannotTell(rule, [...unclear, balancer([UNKNOWN, UNKNOWN], unclear)], /the zone of s1 isn't known/, "web");
    const byId = ["use1-az1", "use1-az2"].map((id) => resource(SUBNET, id, { availabilityZoneId: id }));
    holds(rule, [...byId, balancer([UNKNOWN, UNKNOWN], byId)]);
  });
  it("counts default subnets, subnet mappings, and zones by name", () => {
    const defaults = THREE.map((z) => resource("aws:ec2/defaultSubnet:DefaultSubnet", z, { availabilityZone: z }));
    holds(rule, [...defaults, balancer([UNKNOWN, UNKNOWN, UNKNOWN], defaults)]);
    const mappings = { subnetMappings: [{ subnetId: UNKNOWN }, { subnetId: UNKNOWN }] };
    holds(rule, [a, b, resource(LOAD_BALANCER, "net", mappings, { subnetMappings: [a, b] })]);
    holds(rule, [resource(GROUP, "classic", { minSize: 2, availabilityZones: THREE })]);
    breaks(rule, [resource(GROUP, "classic", { minSize: 2, availabilityZones: ["us-east-1a"] })], /runs only in/);
  });
  it("asks for as many zones as configured", () => {
    const two = [a, b, balancer([UNKNOWN, UNKNOWN], [a, b])];
    assert.match(
      JSON.stringify(rule.find(new Graph(two), { minimumZones: 3 })),
      /give subnets subnets in 3 or more zones/,
    );
  });
  it("doesn't look at gateway endpoints, functions outside a VPC, and what has no list", () =>
    holds(rule, [
      resource("aws:ec2/vpcEndpoint:VpcEndpoint", "s3", { vpcEndpointType: "Gateway" }),
      resource("aws:lambda/function:Function", "fn", {}),
      resource("aws:sns/topic:Topic", "topic", {}),
    ]));
});

describe("spreadOf", () => {
  const zones = ["a", "b", "c", undefined] as const;
  const zone = fc.constantFrom<Zone>(...zones);

  /** Tries all ways to draw, and to give each zone that isn't known one of the known ones or a new one. */
  function byTrying(
    fixed: readonly Zone[],
    drawn: number,
    candidates: readonly Zone[],
  ): { least: number; most: number } {
    const counts: number[] = [];
    const draws = combinations(
      candidates.map((z, i) => [i, z] as const),
      Math.min(drawn, candidates.length),
    );
    for (const draw of draws) {
      const all = [
        ...fixed,
        ...draw.map(([, z]) => z),
        ...Array<Zone>(Math.max(0, drawn - candidates.length)).fill(undefined),
      ];
      const named = new Set(all.filter((z) => z !== undefined)).size;
      const open = all.filter((z) => z === undefined).length;
      counts.push(Math.max(named, all.length > 0 ? 1 : 0), named + open);
    }
    return { least: Math.min(...counts), most: Math.max(...counts) };
  }

  it("is exactly what trying all possibilities gives", () =>
    fc.assert(
      fc.property(
        fc.array(zone, { maxLength: 3 }),
        fc.integer({ min: 0, max: 4 }),
        fc.array(zone, { maxLength: 5 }),
        (fixed, drawn, candidates) => {
          const { atLeast, atMost } = spreadOf(fixed, drawn, candidates);
          const { least, most } = byTrying(fixed, drawn, candidates);
          assert.deepEqual({ atLeast, atMost }, { atLeast: least, atMost: most });
        },
      ),
      { numRuns: 500 },
    ));
});

function combinations<T>(list: readonly T[], size: number): T[][] {
  if (size === 0) {
    return [[]];
  }
  return list.flatMap((one, i) => combinations(list.slice(i + 1), size - 1).map((rest) => [one, ...rest]));
}
