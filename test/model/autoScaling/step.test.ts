import assert from "node:assert/strict";
import type { AutoScalingGroup, LifecycleState } from "@aws-sdk/client-auto-scaling";
import fc from "fast-check";
import { alive, DescribedGroup, limits, Percentages } from "../../../model/autoScaling/group";
import { renamed, stateOf, withDesiredCapacity } from "../../../model/autoScaling/state";
import { described, group, idsIn, last, perZone, run, Seen, spread } from "./world";

const LAUNCH_FIRST: Percentages = { MinHealthyPercentage: 100, MaxHealthyPercentage: 110 };

const percentages = fc
  .record({ min: fc.integer({ min: 0, max: 100 }), room: fc.integer({ min: 0, max: 100 }) })
  .map(({ min, room }) => ({ MinHealthyPercentage: min, MaxHealthyPercentage: Math.max(100, min + room) }));
const maintenance = fc.option(percentages, { nil: undefined });
const desired = fc.integer({ min: 1, max: 14 });
const zones = fc.integer({ min: 2, max: 4 });
const every = fc.constantFrom(5, 7, 10, 30);

/** Launches, terminations and what is there agree at each moment. */
function assertConserved(seen: readonly Seen[], before: number): void {
  let there = before;
  for (const { decisions, state, now } of seen) {
    there += decisions.filter((d) => d.action === "launch").length;
    there -= decisions.filter((d) => d.action === "terminate").length;
    assert.equal(alive(state.instances).length, there, `at ${now}`);
  }
}

const at = (seen: readonly Seen[], action: string) => seen.filter((s) => s.decisions.some((d) => d.action === action));

describe("an Auto Scaling group in virtual time", () => {
  it("takes what the SDK describes", () => {
    const answer: AutoScalingGroup = {
      AutoScalingGroupName: "web",
      MinSize: 1,
      MaxSize: 2,
      DesiredCapacity: 1,
      DefaultCooldown: 300,
      AvailabilityZones: ["a", "b"],
      VPCZoneIdentifier: "subnet-1, subnet-2,subnet-3",
      HealthCheckType: "ELB,EBS",
      CreatedTime: new Date(0),
      InstanceMaintenancePolicy: { MinHealthyPercentage: -1, MaxHealthyPercentage: -1 },
      AvailabilityZoneDistribution: { CapacityDistributionStrategy: "balanced-only" },
      SuspendedProcesses: [{ ProcessName: "Launch" }],
      Instances: [
        {
          InstanceId: "i-1",
          AvailabilityZone: "a",
          LifecycleState: "Pending:Wait",
          HealthStatus: "HEALTHY",
          ProtectedFromScaleIn: false,
        },
        ...["Standby", "Warmed:Stopped", "Detached"].map((LifecycleState) => ({
          InstanceId: "i-2",
          AvailabilityZone: "a",
          LifecycleState: LifecycleState as LifecycleState,
          HealthStatus: "HEALTHY",
          ProtectedFromScaleIn: false,
        })),
      ],
    };
    const { group: settings, instances } = stateOf(answer satisfies DescribedGroup, [
      { SubnetId: "subnet-1", AvailabilityZone: "a" },
      { SubnetId: "subnet-3", AvailabilityZone: "a" },
      { SubnetId: "subnet-4", AvailabilityZone: "b" },
    ]);
    assert.deepEqual(
      [...settings.zones],
      [
        ["a", ["subnet-1", "subnet-3"]],
        ["b", []],
      ],
    );
    assert.equal(settings.HealthCheckType, "ELB");
    assert.equal(settings.maintenance, undefined);
    assert.equal(settings.DefaultInstanceWarmup, undefined);
    assert.equal(settings.bestEffort, false);
    assert.deepEqual(settings.suspended, ["Launch"]);
    assert.equal(instances.length, 1);
    assert.equal(instances[0]?.LifecycleState, "Pending");
    assert.equal(instances[0]?.HealthStatus, "Healthy");
  });

  it("does nothing at rest", () => {
    fc.assert(
      fc.property(desired, zones, maintenance, (n, z, policy) => {
        const seen = run(group({ desired: n, zones: z, ...(policy && { maintenance: policy }) }), 0, 600);
        assert.ok(seen.every((s) => s.decisions.length === 0 && s.ready.length === n));
      }),
    );
  });

  it("launches in the zone with the fewest, and there in the subnet with the fewest", () => {
    const two = stateOf({ ...described({ desired: 0, zones: 2 }), VPCZoneIdentifier: "s-1,s-2,s-3", MaxSize: 9 }, [
      { SubnetId: "s-1", AvailabilityZone: "zone-1" },
      { SubnetId: "s-2", AvailabilityZone: "zone-1" },
      { SubnetId: "s-3", AvailabilityZone: "zone-2" },
    ]);
    const { decisions } = last(run(withDesiredCapacity(two, 5), 0, 0));
    const places = decisions.map((d) => (d.action === "launch" ? `${d.AvailabilityZone} ${d.SubnetId}` : d.action));
    assert.deepEqual(places, ["zone-1 s-1", "zone-2 s-3", "zone-1 s-2", "zone-2 s-3", "zone-1 s-1"]);
  });

  it("boots, warms up, and terminates in their time", () => {
    const seen = run(withDesiredCapacity(group({ desired: 1, zones: 1, max: 2 }), 2), 0, 200);
    assert.equal(at(seen, "in-service")[0]?.now, 50);
    assert.equal(seen.find((s) => s.ready.length === 2)?.now, 110);
    const gone = run(withDesiredCapacity(last(seen).state, 1), 200, 300);
    assert.equal(at(gone, "terminate")[0]?.now, 200);
    assert.equal(at(gone, "terminated")[0]?.now, 230);
  });

  it("replaces what isn't running at once, even in its grace period", () => {
    const seen = run(group({ desired: 3, grace: 10_000 }), 0, 300, () => ({ notRunning: ["i-2"] }));
    assert.deepEqual(
      seen[0]?.decisions.map((d) => d.action),
      ["unhealthy", "terminate", "launch"],
    );
    assert.equal(last(seen).ready.length, 3);
  });

  it("heeds the load balancer only after the grace period, and EC2's status checks after a few minutes", () => {
    const young = last(run(withDesiredCapacity(group({ desired: 0, grace: 120, max: 1 }), 1), 0, 100)).state;
    const failing = run(young, 110, 300, () => ({ unhealthyTargets: ["launch-1"] }));
    assert.equal(at(failing, "unhealthy")[0]?.now, 170);
    const impaired = run(group({ desired: 1 }), 0, 400, () => ({ impaired: ["i-1"] }));
    assert.equal(at(impaired, "unhealthy")[0]?.now, 180);
  });

  it("by EC2's checks alone, doesn't heed the load balancer", () => {
    const state = stateOf({ ...described({ desired: 2 }), HealthCheckType: "EC2" });
    assert.ok(run(state, 0, 600, () => ({ unhealthyTargets: ["i-1"] })).every((s) => s.decisions.length === 0));
  });

  it("without a maintenance policy terminates the unhealthy first, one by one in a small group", () => {
    const seen = run(group({ desired: 6 }), 0, 900, () => ({ unhealthyTargets: ["i-1", "i-2"] }));
    const order = seen.flatMap((s) => s.decisions.map((d) => d.action)).filter((a) => /^(terminate|launch)$/.test(a));
    assert.deepEqual(order, ["terminate", "launch", "terminate", "launch"]);
    assert.ok(seen.every((s) => alive(s.state.instances).length <= 6));
  });

  it("with launch before terminate keeps all that is there until as many are ready", () => {
    fc.assert(
      fc.property(desired, zones, fc.nat(), every, (n, z, seed, pace) => {
        const sick = Array.from({ length: n }, (_, i) => `i-${i + 1}`).filter((_, i) => (seed >> i) % 2 === 1);
        const before = group({ desired: n, zones: z, maintenance: LAUNCH_FIRST });
        const seen = run(before, 0, 1_500, () => ({ unhealthyTargets: sick }), pace);
        assertConserved(seen, n);
        for (const { state, ready } of seen) {
          const running = state.instances.filter((i) => i.LifecycleState === "InService");
          assert.ok(running.filter((i) => sick.includes(i.InstanceId)).length + ready.length >= n);
          assert.ok(ready.length >= n - sick.length);
        }
        assert.equal(last(seen).ready.length, n);
        assert.equal(alive(last(seen).state.instances).length, n);
        assert.ok(spread(perZone(before.group, last(seen).state.instances)) <= 1);
      }),
    );
  });

  it("with launch before terminate launches for all that are unhealthy at once: they don't count as healthy or pending", () => {
    const before = group({ desired: 6, maintenance: LAUNCH_FIRST });
    const seen = run(before, 0, 0, () => ({ unhealthyTargets: ["i-1", "i-2"] }));
    assert.equal(last(seen).decisions.filter((d) => d.action === "launch").length, 2);
  });

  it("ends at the desired capacity, evenly spread, whatever was unhealthy and whatever the policy", () => {
    fc.assert(
      fc.property(desired, zones, maintenance, fc.nat(), every, (n, z, policy, seed, pace) => {
        const sick = Array.from({ length: n }, (_, i) => `i-${i + 1}`).filter((_, i) => (seed >> i) % 2 === 1);
        const before = group({ desired: n, zones: z, ...(policy && { maintenance: policy }) });
        const seen = run(before, 0, 3_600, () => ({ unhealthyTargets: sick }), pace);
        assertConserved(seen, n);
        assert.equal(last(seen).ready.length, n);
        assert.ok(last(seen).state.instances.every((i) => !sick.includes(i.InstanceId)));
        assert.ok(spread(perZone(before.group, last(seen).state.instances)) <= 1);
      }),
    );
  });

  it("gets its capacity back after the loss of a zone, and its spread when the zone returns", () => {
    fc.assert(
      fc.property(desired, zones, maintenance, every, (n, z, policy, pace) => {
        const before = group({ desired: n, zones: z, ...(policy && { maintenance: policy }) });
        const lost = run(
          before,
          0,
          1_500,
          (instances) => ({ notRunning: idsIn("zone-1", instances), unavailableZones: ["zone-1"] }),
          pace,
        );
        const without = last(lost);
        assert.equal(without.ready.length, n);
        const [gone = -1, ...others] = perZone(before.group, without.state.instances);
        assert.equal(gone, 0);
        assert.ok(spread(others) <= 1);
        const returned = run(without.state, 1_500 + pace, 6_000, () => ({}), pace);
        assertConserved(lost, n);
        assertConserved(returned, n);
        assert.ok(returned.every((s) => s.ready.length >= n));
        assert.ok(returned.every((s) => alive(s.state.instances).length <= n + Math.max(1, Math.floor(n / 10))));
        assert.ok(spread(perZone(before.group, last(returned).state.instances)) <= 1);
        assert.equal(alive(last(returned).state.instances).length, n);
      }),
    );
  });

  it("as balanced-only keeps trying in the lost zone", () => {
    const state = stateOf({
      ...described({ desired: 4, zones: 2 }),
      AvailabilityZoneDistribution: { CapacityDistributionStrategy: "balanced-only" },
    });
    const seen = run(state, 0, 600, (instances) => ({
      notRunning: idsIn("zone-1", instances),
      unavailableZones: ["zone-1"],
    }));
    assert.equal(last(seen).ready.length, 2);
    assert.deepEqual(last(seen).notes, ["a launch in zone-1 fails"]);
  });

  it("goes out and in by what is desired, within its size and evenly", () => {
    fc.assert(
      fc.property(desired, zones, fc.array(fc.integer({ min: -3, max: 30 }), { maxLength: 5 }), (n, z, capacities) => {
        let state = group({ desired: n, zones: z, max: 20 });
        let now = 0;
        for (const capacity of capacities) {
          const seen = run(withDesiredCapacity(state, capacity), now, now + 400);
          ({ state } = last(seen));
          now += 410;
          const held = Math.min(Math.max(capacity, 0), 20);
          assert.equal(state.group.DesiredCapacity, held);
          assert.equal(last(seen).ready.length, held);
          assert.ok(spread(perZone(state.group, state.instances)) <= 1);
        }
      }),
    );
  });

  it("doesn't scale in what is protected", () => {
    const state = group({ desired: 2, zones: 1 });
    const instances = state.instances.map((i) => ({ ...i, ProtectedFromScaleIn: i.InstanceId === "i-1" }));
    const seen = run(withDesiredCapacity({ ...state, instances }, 0), 0, 100);
    assert.deepEqual(idsIn("zone-1", last(seen).state.instances), ["i-1"]);
  });

  for (const [process, left] of [
    ["Launch", 2],
    ["Terminate", 3],
    ["ReplaceUnhealthy", 3],
    ["HealthCheck", 3],
  ] as const) {
    it(`with ${process} suspended, doesn't`, () => {
      const state = stateOf({
        ...described({ desired: 3, maintenance: { MinHealthyPercentage: 90, MaxHealthyPercentage: 100 } }),
        SuspendedProcesses: [{ ProcessName: process }],
      });
      const seen = run(state, 0, 300, () => ({ notRunning: ["i-3"] }));
      const { instances } = last(seen).state;
      assert.equal(instances.filter((i) => !i.InstanceId.startsWith("launch")).length, left);
    });
  }

  it("knows an instance by the id that it really got", () => {
    const { state } = last(run(withDesiredCapacity(group({ desired: 0, max: 1 }), 1), 0, 0));
    const named = renamed(state, "launch-1", "i-real");
    const seen = run(named, 10, 100, () => ({ notRunning: ["i-real"] }));
    assert.ok(seen[0]?.decisions.some((d) => d.action === "terminate" && d.InstanceId === "i-real"));
  });

  it("keeps to a range, and has room for one replacement in any", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), percentages, (n, policy) => {
        const { least, most } = limits(n, policy);
        assert.ok(least < most && least <= n && most >= n);
        assert.ok(least >= Math.min(n - 1, (n * policy.MinHealthyPercentage) / 100));
        assert.ok(policy.MinHealthyPercentage < 100 || least === n);
        assert.ok(most <= Math.max(n + 1, (n * policy.MaxHealthyPercentage) / 100));
      }),
    );
  });
});
