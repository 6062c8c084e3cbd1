import assert from "node:assert/strict";
import fc from "fast-check";
import { Host } from "../../../model/ecs/placement";
import {
  deploy,
  DeploymentConfiguration,
  serviceOf,
  ServiceInputs,
  ServiceState,
  stepService,
  Task,
} from "../../../model/ecs/service";

const ZONES = ["a", "b", "c"];
const hosts = Array.from({ length: 6 }, (_, i): Host => ({
  ec2InstanceId: `i-${i}`,
  availabilityZone: ZONES[i % 3] as string,
  status: "ACTIVE",
  agentConnected: true,
  registered: { cpu: 4_096, memory: 8_192 },
}));
const SMALL = { cpu: 128, memory: 256 };
const BREAKER = { deploymentCircuitBreaker: { enable: true, rollback: true } };
const LIFECYCLE = { hosts, startSeconds: 30, stopSeconds: 20 };

interface Seen {
  readonly now: number;
  readonly state: ServiceState;
  readonly running: readonly Task[];
  readonly actions: readonly string[];
  readonly notes: readonly string[];
}

function run(
  state: ServiceState,
  from: number,
  to: number,
  inputs: (now: number) => Partial<ServiceInputs> = () => ({}),
): Seen[] {
  const seen: Seen[] = [];
  for (let now = from, current = state; now <= to; now += 5) {
    const { state: after, decisions, notes } = stepService(current, { ...LIFECYCLE, ...inputs(now) }, now);
    current = after;
    const running = after.tasks.filter((t) => t.lastStatus === "RUNNING");
    const actions = decisions.map((d) => (d.action === "rollout" ? d.rolloutState : d.action));
    seen.push({ now, state: after, running, actions, notes });
  }
  return seen;
}
const last = (seen: readonly Seen[]) => seen.at(-1) as Seen;

/** A service whose tasks all run. */
const service = (desiredCount: number, configuration: DeploymentConfiguration = {}, rebalancing = "DISABLED") =>
  last(
    run(
      serviceOf(
        {
          serviceName: "shop",
          desiredCount,
          taskDefinition: "shop:1",
          deploymentConfiguration: configuration,
          availabilityZoneRebalancing: rebalancing,
          placementStrategy: [
            { type: "spread", field: "attribute:ecs.availability-zone" },
            { type: "spread", field: "instanceId" },
          ],
        },
        SMALL,
      ),
      -100,
      -5,
    ),
  ).state;

const perZone = (tasks: readonly Task[]) =>
  ZONES.map(
    (zone) =>
      tasks.filter((t) => hosts.find((h) => h.ec2InstanceId === t.ec2InstanceId)?.availabilityZone === zone).length,
  );
const spread = (counts: readonly number[]) => Math.max(...counts) - Math.min(...counts);
const without = (zone: string) => hosts.filter((h) => h.availabilityZone !== zone);
const desired = fc.integer({ min: 1, max: 20 });

describe("an ECS service in virtual time", () => {
  it("comes up evenly spread, and then rests", () => {
    fc.assert(
      fc.property(desired, (n) => {
        const state = service(n);
        assert.equal(state.tasks.length, n);
        assert.ok(spread(perZone(state.tasks)) <= 1);
        assert.ok(run(state, 0, 300).every((s) => s.actions.length === 0));
      }),
    );
  });

  it("has its tasks back after the loss of a zone, and its spread after its return if it rebalances", () => {
    fc.assert(
      fc.property(desired, (n) => {
        const lost = run(service(n, {}, "ENABLED"), 0, 100, () => ({ hosts: without("a") }));
        assert.equal(last(lost).running.length, n);
        assert.equal(perZone(last(lost).running)[0], 0);
        const back = run(last(lost).state, 105, 3_000);
        assert.ok(back.every((s) => s.running.length >= n));
        const { state } = last(back);
        assert.equal(state.tasks.length, n);
        // With a place for one task more a deployment of one can't be evened out, and needn't.
        assert.ok(spread(perZone(state.tasks)) <= 1);
      }),
    );
    const stays = last(run(service(6), 0, 100, () => ({ hosts: without("a") }))).state;
    assert.deepEqual(perZone(last(run(stays, 105, 1_000)).state.tasks), [0, 3, 3]);
  });

  it("deploys within its configuration, all of it", () => {
    const configuration = fc.record({
      minimumHealthyPercent: fc.nat(100),
      maximumPercent: fc.integer({ min: 100, max: 250 }),
    });
    fc.assert(
      fc.property(desired, configuration, (n, limits) => {
        const least = Math.ceil((n * limits.minimumHealthyPercent) / 100);
        const most = Math.floor((n * limits.maximumPercent) / 100);
        const seen = run(deploy(service(n, limits), "shop:2", SMALL), 0, 3_000);
        assert.ok(seen.every((s) => s.running.length >= least && s.state.tasks.length <= Math.max(most, n)));
        // A range without room for one task gets stuck, as it does in ECS.
        const room = least < n || most > n;
        assert.equal(last(seen).state.rolloutState, room ? "COMPLETED" : "IN_PROGRESS");
        assert.equal(
          last(seen).running.every((t) => t.taskDefinition === "shop:2"),
          room,
        );
      }),
    );
  });

  it("breaks a bad deployment's circuit and goes back, without a healthy task less", () => {
    fc.assert(
      fc.property(desired, (n) => {
        const isHealthy = (task: Task) => task.taskDefinition !== "shop:2";
        const seen = run(deploy(service(n, BREAKER), "shop:2", SMALL), 0, 3_000, () => ({ isHealthy }));
        assert.ok(seen.every((s) => s.running.filter(isHealthy).length >= n));
        const rollouts = seen.flatMap((s) => s.actions).filter((a) => /^[A-Z]/.test(a));
        assert.deepEqual(rollouts, ["FAILED", "COMPLETED"]);
        assert.ok(last(seen).running.every(isHealthy));
        const failed = seen.find((s) => s.actions.includes("FAILED"));
        assert.ok((failed?.state.starts ?? 0) >= Math.min(Math.max(Math.ceil(n / 2), 3), 200));
      }),
    );
  });

  it("counts failed tasks up to half of the desired ones, at least three", () => {
    const isHealthy = (task: Task) => task.taskDefinition !== "shop:2";
    for (const [n, threshold] of [
      [1, 3],
      [4, 3],
      [10, 5],
    ] as const) {
      const oneMore = { maximumPercent: 100 + 100 / n, deploymentCircuitBreaker: { enable: true, rollback: false } };
      const seen = run(deploy(service(n, oneMore), "shop:2", SMALL), 0, 2_000, () => ({ isHealthy }));
      assert.equal(last(seen).state.failedTasks, threshold);
      assert.equal(last(seen).state.rolloutState, "FAILED");
    }
  });

  it("without a rollback stops there, and without a breaker never", () => {
    const isHealthy = (task: Task) => task.taskDefinition !== "shop:2";
    const breaker = { deploymentCircuitBreaker: { enable: true, rollback: false } };
    const stuck = run(deploy(service(4, breaker), "shop:2", SMALL), 0, 2_000, () => ({ isHealthy }));
    assert.equal(last(stuck).state.rolloutState, "FAILED");
    assert.deepEqual(last(stuck).actions, []);
    const endless = run(deploy(service(4), "shop:2", SMALL), 0, 2_000, () => ({ isHealthy }));
    assert.equal(last(endless).state.rolloutState, "IN_PROGRESS");
    assert.ok(last(endless).state.failedTasks > 50);
  });

  it("replaces an unhealthy task, before it stops it where there may be more", () => {
    const isHealthy = (task: Task) => task.taskId !== "shop-1";
    for (const [maximumPercent, least] of [
      [200, 4],
      [100, 3],
    ] as const) {
      const seen = run(service(4, { maximumPercent }), 0, 300, () => ({ isHealthy }));
      assert.equal(Math.min(...seen.map((s) => s.state.tasks.filter((t) => t.lastStatus === "RUNNING").length)), least);
      assert.equal(last(seen).running.filter(isHealthy).length, 4);
    }
  });

  it("leaves tasks alone whose host has lost its agent", () => {
    const off = hosts.map((h) => ({ ...h, agentConnected: h.availabilityZone !== "a" }));
    assert.ok(run(service(6), 0, 300, () => ({ hosts: off })).every((s) => s.actions.length === 0));
  });

  it("says when no host has room", () => {
    const full = hosts.map((h) => ({ serviceName: "other", ec2InstanceId: h.ec2InstanceId, ...h.registered }));
    const seen = run({ ...service(2), desiredCount: 3 }, 0, 0, () => ({ others: full }));
    assert.deepEqual(last(seen).notes, ["shop: no host has room for a task"]);
  });

  it("gives up tasks in the fullest zone first", () => {
    const state = service(6);
    const lopsided = state.tasks.map((t, i) => ({ ...t, ec2InstanceId: ["i-1", "i-2"][i] ?? "i-0" }));
    const { running } = last(run({ ...state, tasks: lopsided, desiredCount: 3 }, 0, 300));
    assert.deepEqual(perZone(running), [1, 1, 1]);
  });

  it("goes out and in by what is desired, evenly", () => {
    fc.assert(
      fc.property(desired, fc.integer({ min: 0, max: 20 }), (n, other) => {
        const { state, running } = last(run({ ...service(n), desiredCount: other }, 0, 300));
        assert.equal(running.length, other);
        assert.ok(spread(perZone(state.tasks)) <= 1);
      }),
    );
  });

  it("empties a host that is drained, without a running task less", () => {
    fc.assert(
      fc.property(desired, (n) => {
        const draining = hosts.map((h, i): Host => ({ ...h, status: i === 0 ? "DRAINING" : "ACTIVE" }));
        const seen = run(service(n), 0, 1_000, () => ({ hosts: draining }));
        assert.ok(seen.every((s) => s.running.length >= n));
        assert.deepEqual(
          last(seen).state.tasks.filter((t) => t.ec2InstanceId === "i-0"),
          [],
        );
        assert.equal(last(seen).running.length, n);
      }),
    );
  });

  it("takes no old task away before a balancer has found the new one healthy", () => {
    fc.assert(
      fc.property(desired, (n) => {
        const isReady = (now: number) => (task: Task) => task.taskDefinition === "shop:1" || now - task.since >= 60;
        const seen = run(deploy(service(n), "shop:2", SMALL), 0, 3_000, (now) => ({ isReady: isReady(now) }));
        assert.ok(seen.every((s) => s.running.filter(isReady(s.now)).length >= n));
        assert.equal(last(seen).state.rolloutState, "COMPLETED");
      }),
    );
  });
});
