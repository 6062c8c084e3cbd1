import assert from "node:assert/strict";
import { loseZoneOfPrimary } from "../../../../local/drills/sessionStore/play";

const store = (zones: readonly string[], AutomaticFailover = "enabled") => ({
  ReplicationGroupId: "sessions",
  AutomaticFailover,
  NodeGroups: [
    {
      NodeGroupId: "0001",
      NodeGroupMembers: zones.map((zone, i) => ({
        CacheClusterId: `sessions-00${i + 1}`,
        PreferredAvailabilityZone: zone,
        CurrentRole: i === 0 ? "primary" : "replica",
      })),
    },
  ],
});

describe("a session store whose primary's zone is lost", () => {
  it("is taken over by a replica in another zone, within a minute", () => {
    const { zone, promoted, seconds, decisions } = loseZoneOfPrimary(store(["a", "a", "b"]));
    assert.deepEqual([zone, promoted, seconds], ["a", "sessions-003", 60]);
    assert.deepEqual(
      decisions.map((d) => d.action),
      ["failover-started", "failover-complete"],
    );
  });
  it("is lost without automatic failover, with one member, or with all members in one zone, and the drill says why", () => {
    for (const [described, why] of [
      [store(["a", "b"], "disabled"), /no automatic failover/],
      [store(["a"]), /no replica is left/],
      [store(["a", "a"]), /no replica is left/],
    ] as const) {
      const { promoted, seconds, notes } = loseZoneOfPrimary(described);
      assert.deepEqual([promoted, seconds], [undefined, Infinity]);
      assert.match(notes.join(), why);
    }
  });
});
