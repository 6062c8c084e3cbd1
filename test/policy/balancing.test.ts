import assert from "node:assert/strict";
import fc from "fast-check";
import { balancerHealthHeals } from "../../policy/balancing/balancerHealthHeals";
import { groupsSurviveZone as rule } from "../../policy/balancing/groupsSurviveZone";
import { fewestFor, isEnoughLeft, left } from "../../policy/balancing/survivesZone";
import { GROUP, SUBNET } from "../../policy/core/graph";
import { breaks, cannotTell, find, holds, violations } from "./find";
import { resource } from "./graph";
import { unknownStringValue as UNKNOWN } from "./unknowns";

const zones = fc.integer({ min: 2, max: 6 });
const need = fc.integer({ min: 1, max: 200 });

describe("what is left of a group when a zone is lost", () => {
  it("is all but the fullest zone of an even spread", () => {
    assert.deepEqual([left(6, 3), left(5, 3), left(4, 2), left(1, 2)], [4, 3, 2, 0]);
    assert.deepEqual([left(8, 1), left(8, 0), left(0, 3)], [0, 0, 0]);
  });
  it("is enough with the fewest instances that are advised, and not with one less", () =>
    fc.assert(
      fc.property(need, zones, (n, z) => {
        assert.ok(left(fewestFor(n, z), z) >= n);
        assert.ok(left(fewestFor(n, z) - 1, z) < n);
      }),
    ));
  it("grows neither smaller with more instances nor with more zones", () =>
    fc.assert(
      fc.property(need, zones, (n, z) => {
        assert.ok(left(n + 1, z) >= left(n, z));
        assert.ok(left(n, z + 1) >= left(n, z));
      }),
    ));
  it("is determined by what is known only if it can't be otherwise", () =>
    fc.assert(
      fc.property(need, need, zones, need, zones, (n, least, fewest, more, wider) => {
        const instances = { atLeast: least, atMost: least + more };
        const spread = { atLeast: fewest, atMost: fewest + wider };
        const judged = isEnoughLeft(n, instances, spread);
        const ends = [left(instances.atLeast, spread.atLeast) >= n, left(instances.atMost, spread.atMost) >= n];
        assert.equal(judged, ends[0] ? true : ends[1] ? undefined : false);
      }),
    ));
});

describe("groups-survive-the-loss-of-a-zone", () => {
  const subnets = ["a", "b", "c"].map((z) => resource(SUBNET, `s-${z}`, { availabilityZone: `us-east-1${z}` }));
  const tags = [{ key: "nplusone:required-instances", value: "4" }];
  const group = (props: object) => {
    const given = { vpcZoneIdentifiers: [UNKNOWN, UNKNOWN, UNKNOWN], targetGroupArns: ["arn:tg"], tags, ...props };
    const refers = { vpcZoneIdentifiers: subnets };
    return resource(GROUP, "web", { minSize: 6, maxSize: 12, ...given }, refers);
  };
  const stack = (props: object) => [...subnets, group(props)];

  it("holds for enough, and for groups that no balancer leads to", () => {
    holds(rule, stack({}));
    holds(rule, stack({ minSize: 1, targetGroupArns: [] }));
    holds(rule, stack({ minSize: 2, desiredCapacity: 6 }));
  });
  it("says how many are left, and what to set", () => {
    assert.deepEqual(violations(rule, stack({ minSize: 5 })), [
      "group web is left with 3 of 5 instances when the fullest of its 3 zones is lost, but 4 carry the load: set minSize to 6",
    ]);
    breaks(rule, stack({ minSize: 2, desiredCapacity: 5 }), /set desiredCapacity to 6/, "web");
  });
  it("counts the minimum of what is scaled, the desired number of what isn't", () => {
    const scaled = group({ minSize: 2, desiredCapacity: 9 });
    const policy = resource("aws:autoscaling/policy:Policy", "p", {}, { autoscalingGroupName: scaled });
    breaks(rule, [...subnets, scaled, policy], /left with 1 of 2 instances .* set minSize to 6/, "web");
    holds(rule, [...subnets, scaled]);
  });
  it("takes a need from the tag that is asked for", () => {
    const other = stack({ minSize: 5, tags: [{ key: "need", value: "3" }] });
    assert.deepEqual(find(rule, other, { tag: "need" }), []);
    breaks(rule, other, /doesn't say how many .* tag it nplusone:required-instances/, "web");
  });
  for (const value of ["", "0", "-1", "1.5", "many"]) {
    it(`takes ${JSON.stringify(value)} for no need`, () =>
      breaks(rule, stack({ tags: [{ ...tags[0], value }] }), /give it a whole number, 1 or more/, "web"));
  }
  it("can't tell what isn't known, and says which", () => {
    cannotTell(rule, stack({ tags: UNKNOWN }), /tags of web aren't known/, "web");
    cannotTell(rule, stack({ tags: [{ ...tags[0], value: UNKNOWN }] }), /tags of web aren't known/, "web");
    cannotTell(rule, stack({ minSize: UNKNOWN }), /minSize isn't known before the update/, "web");
    cannotTell(rule, stack({ minSize: 5, desiredCapacity: UNKNOWN }), /desiredCapacity isn't known/, "web");
    cannotTell(rule, stack({ vpcZoneIdentifiers: UNKNOWN }), /vpcZoneIdentifiers isn't known/, "web");
  });
  it("knows enough though not all is known", () => {
    holds(rule, stack({ desiredCapacity: UNKNOWN }));
    holds(rule, stack({ tags: [...tags, { key: UNKNOWN, value: UNKNOWN }] }));
    const two = [...subnets, group({ vpcZoneIdentifiers: [UNKNOWN, UNKNOWN], minSize: 8 })];
    holds(rule, two);
  });
  it("doesn't take what the provider fills in for a balancer of the program's", () =>
    holds(rule, stack({ minSize: 1, targetGroupArns: UNKNOWN, loadBalancers: UNKNOWN, trafficSources: UNKNOWN })));
  it("leaves a single zone to the rule about zones", () =>
    holds(
      rule,
      [subnets[0], group({ vpcZoneIdentifiers: ["s-a"], availabilityZones: [] })].flatMap((r) => r ?? []),
    ));
});

describe("unhealthy-targets-are-replaced", () => {
  const group = (healthCheckType: unknown, props: object = { targetGroupArns: ["arn:tg"] }) => [
    resource(GROUP, "web", { healthCheckType, ...props }),
  ];
  it("holds by the balancer's checks, alone or among others, and without a balancer", () => {
    holds(balancerHealthHeals, group("ELB"));
    holds(balancerHealthHeals, group("EBS,ELB"));
    holds(balancerHealthHeals, group("EC2", {}));
  });
  it("breaks by EC2's alone, for Classic balancers too", () => {
    breaks(balancerHealthHeals, group(undefined), /has healthCheckType EC2: set it to "ELB"/, "web");
    breaks(balancerHealthHeals, group("EC2", { loadBalancers: ["classic"] }), /set it to "ELB"/, "web");
  });
  it("can't tell an unknown one", () => cannotTell(balancerHealthHeals, group(UNKNOWN), /isn't known/, "web"));
});
