import assert from "node:assert/strict";
import type { TargetGroup as SdkTargetGroup, TargetGroupAttribute } from "@aws-sdk/client-elastic-load-balancing-v2";
import fc from "fast-check";
import {
  Attribute,
  DescribedTargetGroup,
  servingTargets,
  stepTargets,
  targetGroupOf,
  TargetGroupState,
  withHealthyTargets,
  zonesInDns,
} from "../../model/targetHealth";

const CHECK: DescribedTargetGroup = {
  HealthCheckIntervalSeconds: 10,
  HealthyThresholdCount: 3,
  UnhealthyThresholdCount: 2,
};

const ZONES = ["a", "b", "c"];
const targets = Array.from({ length: 6 }, (_, i) => ({ Id: `i-${i + 1}`, AvailabilityZone: ZONES[i % 3] as string }));
const attributes = (values: Readonly<Record<string, string>>): Attribute[] =>
  Object.entries(values).map(([Key, Value]) => ({ Key, Value }));
const healthy = (values: Readonly<Record<string, string>> = {}) =>
  withHealthyTargets(targetGroupOf(CHECK, attributes(values)), targets, 0);

const failing =
  (...ids: string[]) =>
  (id: string) =>
    !ids.includes(id);
const ids = (some: readonly { readonly Id: string }[]) => some.map((t) => t.Id).sort();

describe("a target group in virtual time", () => {
  it("takes what the SDK describes, and has AWS's defaults", () => {
    const group: SdkTargetGroup = { HealthCheckIntervalSeconds: 15, TargetGroupName: "web", HealthyThresholdCount: 4 };
    const listed: TargetGroupAttribute[] = attributes({
      "deregistration_delay.timeout_seconds": "60",
      "load_balancing.cross_zone.enabled": "use_load_balancer_configuration",
      "target_group_health.dns_failover.minimum_healthy_targets.count": "off",
      "target_group_health.dns_failover.minimum_healthy_targets.percentage": "50",
    });
    assert.deepEqual(targetGroupOf(group satisfies DescribedTargetGroup, listed).settings, {
      HealthCheckIntervalSeconds: 15,
      HealthyThresholdCount: 4,
      UnhealthyThresholdCount: 2,
      deregistrationDelaySeconds: 60,
      crossZone: true,
      routing: { count: 1, percentage: 0 },
      dns: { count: 0, percentage: 50 },
    });
    assert.deepEqual(targetGroupOf({}).settings.dns, { count: 1, percentage: 0 });
  });

  it("calls a target unhealthy after as many checks in a row as it takes, and healthy likewise", () => {
    const passes = (id: string, at: number) => id !== "i-1" || at < 25 || at > 55;
    const { decisions } = stepTargets(healthy(), { registered: targets, passes }, 200);
    assert.deepEqual(decisions, [
      { action: "unhealthy", Id: "i-1", at: 40 },
      { action: "healthy", Id: "i-1", at: 80 },
    ]);
  });

  it("doesn't mind one failed check", () => {
    const passes = (_: string, at: number) => at % 20 === 0;
    assert.deepEqual(stepTargets(healthy(), { registered: targets, passes }, 300).decisions, []);
  });

  it("calls a new target healthy after its first good check", () => {
    const inputs = { registered: targets, passes: (_: string, at: number) => at >= 30 };
    const empty = targetGroupOf({ ...CHECK, UnhealthyThresholdCount: 9 });
    const first = stepTargets(empty, inputs, 5);
    assert.deepEqual(
      first.decisions.map((d) => d.action),
      Array(6).fill("initial"),
    );
    const { decisions } = stepTargets(first.state, inputs, 100);
    assert.deepEqual([...new Set(decisions.map((d) => `${d.action} ${d.at}`))], ["healthy 35"]);
  });

  it("drains what leaves for its delay, and registers anew what comes back meanwhile", () => {
    const state = healthy({ "deregistration_delay.timeout_seconds": "60" });
    const passes = () => true;
    const left = stepTargets(state, { registered: targets.slice(1), passes }, 10);
    assert.deepEqual(left.decisions, [{ action: "draining", Id: "i-1", at: 10 }]);
    assert.ok(!ids(servingTargets(left.state)).includes("i-1"));
    const gone = stepTargets(left.state, { registered: targets.slice(1), passes }, 100);
    assert.deepEqual(gone.decisions, [{ action: "deregistered", Id: "i-1", at: 70 }]);
    const back = stepTargets(left.state, { registered: targets, passes }, 30);
    assert.deepEqual(back.decisions, [{ action: "initial", Id: "i-1", at: 30 }]);
  });

  it("comes to the same whether stepped often or seldom", () => {
    const flips = fc.array(fc.boolean(), { minLength: 40, maxLength: 40 });
    fc.assert(
      fc.property(flips, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }), (results, up, down) => {
        const state = withHealthyTargets(
          targetGroupOf({ ...CHECK, HealthyThresholdCount: up, UnhealthyThresholdCount: down }),
          targets.slice(0, 1),
          0,
        );
        const inputs = {
          registered: targets.slice(0, 1),
          passes: (_: string, at: number) => results[at / 10 - 1] === true,
        };
        const atOnce = stepTargets(state, inputs, 400);
        let often = { state, decisions: [] } as ReturnType<typeof stepTargets>;
        for (let now = 0; now <= 400; now += 7) {
          const next = stepTargets(often.state, inputs, now);
          often = { state: next.state, decisions: [...often.decisions, ...next.decisions] };
        }
        often = { ...often, ...stepTargets(often.state, inputs, 400), decisions: often.decisions };
        assert.deepEqual(often.state, atOnce.state);
        // The naive oracle: a state lasts until as many of the other results follow each other as it takes.
        let isHealthy = true;
        results.forEach((_, i) => {
          const takes = isHealthy ? down : up;
          const run = results.slice(Math.max(0, i + 1 - takes), i + 1);
          isHealthy = run.length === takes && run.every((r) => r !== isHealthy) ? !isHealthy : isHealthy;
        });
        assert.equal(atOnce.state.targets[0]?.State, isHealthy ? "healthy" : "unhealthy");
      }),
    );
  });

  const after = (state: TargetGroupState, ...bad: string[]) =>
    stepTargets(state, { registered: targets, passes: failing(...bad) }, 100).state;

  it("sends to the healthy, and to all if none is", () => {
    assert.deepEqual(ids(servingTargets(after(healthy(), "i-1", "i-2"))), ["i-3", "i-4", "i-5", "i-6"]);
    assert.equal(servingTargets(after(healthy(), ...ids(targets))).length, 6);
  });

  it("sends to all below the routing threshold", () => {
    const state = healthy({ "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": "60" });
    assert.equal(servingTargets(after(state, "i-1", "i-2")).length, 4);
    assert.equal(servingTargets(after(state, "i-1", "i-2", "i-3")).length, 6);
  });

  it("across zones never leaves a lost zone of three out of its DNS at a half; zone by zone it does", () => {
    const half = { "target_group_health.dns_failover.minimum_healthy_targets.percentage": "50" };
    const zoneB = ["i-2", "i-5"];
    assert.deepEqual(zonesInDns(after(healthy(half), ...zoneB), ZONES), ZONES);
    const apart = { ...half, "load_balancing.cross_zone.enabled": "false" };
    assert.deepEqual(zonesInDns(after(healthy(apart), ...zoneB), ZONES), ["a", "c"]);
    assert.deepEqual(zonesInDns(after(healthy(apart), ...ids(targets)), ZONES), ZONES);
    // The lost zone's own node sends to its own targets all the same: to all of them, since none is healthy.
    assert.equal(servingTargets(after(healthy(apart), ...zoneB)).length, 6);
  });
});
