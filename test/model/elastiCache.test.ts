import assert from "node:assert/strict";
import fc from "fast-check";
import { CacheInputs, CacheState, replicationGroupOf, stepCache } from "../../model/elastiCache";

const group = (AutomaticFailover = "enabled", shards = 1) =>
  replicationGroupOf({
    ReplicationGroupId: "sessions",
    AutomaticFailover,
    NodeGroups: Array.from({ length: shards }, (_, i) => ({
      NodeGroupId: `000${i + 1}`,
      NodeGroupMembers: ["a", "b", "c"].map((zone, j) => ({
        CacheClusterId: `sessions-${i + 1}-${zone}`,
        PreferredAvailabilityZone: zone,
        CurrentRole: shards > 1 ? undefined : j === 1 ? "primary" : "replica",
      })),
    })),
  });

function run(state: CacheState, to: number, inputs: (now: number) => CacheInputs) {
  const told: string[] = [];
  const notes = new Set<string>();
  let down = 0;
  let current = state;
  for (let now = 0; now <= to; now++) {
    const { state: after, decisions, notes: said } = stepCache(current, inputs(now), now);
    current = after;
    told.push(...decisions.map((d) => `${d.at} ${d.action} ${d.CacheClusterId}`));
    said.forEach((note) => notes.add(note));
    down += Number(current.shards.some((s) => s.Status !== "available"));
  }
  return { state: current, told, down, notes: [...notes] };
}

describe("a replication group in virtual time", () => {
  it("promotes a replica that is left, within its times", () => {
    for (const [pace, seconds] of [
      ["typical", 10],
      ["worst", 60],
    ] as const) {
      const { told, down } = run(group(), 200, (now) => ({ lostZones: now >= 5 ? ["b", "a"] : [], pace }));
      assert.deepEqual(told, ["5 failover-started sessions-1-c", `${5 + seconds} failover-complete sessions-1-c`]);
      assert.equal(down, seconds);
    }
  });

  it("fails over each shard by itself", () => {
    const { told, state } = run(group("enabled", 2), 200, (now) => ({ lostNodes: now >= 5 ? ["sessions-2-a"] : [] }));
    assert.deepEqual(told, ["5 failover-started sessions-2-b", "65 failover-complete sessions-2-b"]);
    assert.deepEqual(
      state.shards.map((s) => s.primary.CacheClusterId),
      ["sessions-1-a", "sessions-2-b"],
    );
  });

  it("fails over when tested", () => {
    const { told } = run(group(), 100, (now) => ({ testFailover: now === 3 ? ["0001"] : [] }));
    assert.equal(told[0], "3 failover-started sessions-1-a");
  });

  it("without automatic failover waits for its zone, and says why", () => {
    const { down, notes, told } = run(group("disabled"), 100, (now) => ({
      lostZones: now >= 10 && now < 50 ? ["b"] : [],
    }));
    assert.deepEqual([down, notes, told], [40, ["0001: it has no automatic failover"], []]);
  });

  it("keeps its nodes whatever is lost, and is up again when all zones are", () => {
    const losses = fc.array(fc.subarray(["a", "b", "c"]), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(losses, (sets) => {
        const { state } = run(group(), 1_000, (now) => ({ lostZones: sets[Math.floor(now / 100)] ?? [] }));
        const nodes = ({ shards }: CacheState) =>
          shards.flatMap((s) => [s.primary, ...s.replicas].map((n) => n.CacheClusterId)).sort();
        assert.deepEqual(nodes(state), nodes(group()));
        assert.equal(state.shards[0]?.Status, "available");
      }),
    );
  });
});
