import assert from "node:assert/strict";
import fc from "fast-check";
import { planAlarms } from "../../../components/sessionStore/alarms";
import { zonesOfMembers } from "../../../components/sessionStore/members";
import {
  dailyWindow,
  overlap,
  sessionStoreProblems,
  SessionStoreSpec,
  weeklyWindow,
} from "../../../components/sessionStore/problems";

const GOOD: SessionStoreSpec = {
  ...{ engineVersion: "8.0", nodeType: "cache.t4g.small", members: 2 },
  ...{ maintenanceWindow: "sun:05:00-sun:06:00", snapshotWindow: "03:00-04:00" },
};
const paths = (over: Partial<SessionStoreSpec>) =>
  sessionStoreProblems({ ...GOOD, ...over }).map(({ path }) => path.join("."));

const two = (n: number) => String(n).padStart(2, "0");
const clock = (minute: number) => `${two(Math.floor(minute / 60) % 24)}:${two(minute % 60)}`;
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const DAY = 24 * 60;
const WEEK = 7 * DAY;
const moment = (minute: number) => `${DAYS[Math.floor(minute / DAY) % 7]}:${clock(minute)}`;

describe("what is decided about a session store", () => {
  it("finds nothing wrong with what there is", () => assert.deepEqual(paths({}), []));
  it("refuses a version that would be upgraded under Pulumi's hands, or that Valkey never had", () => {
    for (const engineVersion of ["8", "8.0.1", "7.1", "6.2", "seven"]) {
      assert.deepEqual(paths({ engineVersion }), ["engineVersion"], engineVersion);
    }
    for (const engineVersion of ["7.2", "8.0", "8.1", "9.0", "10.0"]) {
      assert.deepEqual(paths({ engineVersion }), [], engineVersion);
    }
  });
  it("refuses one member, since nothing could take over, and more than there can be", () => {
    assert.deepEqual(paths({ members: 1 }), ["members"]);
    assert.deepEqual(paths({ members: 7 }), ["members"]);
    assert.deepEqual(paths({ members: 6 }), []);
  });
  it("refuses nodes that can't fail over, or keep data on disk", () => {
    assert.deepEqual(paths({ nodeType: "cache.t1.micro" }), ["nodeType"]);
    assert.deepEqual(paths({ nodeType: "cache.r6gd.xlarge" }), ["nodeType"]);
  });
  it("lists all problems at once", () =>
    assert.deepEqual(paths({ members: 1, engineVersion: "6.2", maintenanceWindow: "sundays", snapshotWindow: "3-4" }), [
      ...["engineVersion", "members", "maintenanceWindow", "snapshotWindow"],
    ]));

  it("reads windows over midnight and over the week's end", () => {
    assert.deepEqual(dailyWindow("23:30-00:30"), { start: 1410, minutes: 60 });
    assert.deepEqual(weeklyWindow("sat:23:30-sun:01:00"), { start: 6 * DAY + 1410, minutes: 90 });
    assert.equal(dailyWindow("24:00-25:00"), undefined);
    assert.equal(weeklyWindow("son:05:00-son:06:00"), undefined);
  });
  it("says that two windows overlap exactly if a minute is in both, in any week", () =>
    fc.assert(
      fc.property(
        ...([fc.nat(DAY - 1), fc.integer({ min: 60, max: DAY - 1 }), fc.nat(WEEK - 1)] as const),
        fc.integer({ min: 60, max: 3 * DAY }),
        (start, minutes, weekStart, weekMinutes) => {
          const daily = dailyWindow(`${clock(start)}-${clock((start + minutes) % DAY)}`);
          const weekly = weeklyWindow(`${moment(weekStart)}-${moment((weekStart + weekMinutes) % WEEK)}`);
          assert.ok(daily && weekly);
          const inDaily = (minute: number) => (minute - start + WEEK) % DAY < minutes;
          const minutesOfWeekly = Array.from({ length: weekMinutes }, (_, i) => weekStart + i);
          assert.equal(overlap(daily, weekly), minutesOfWeekly.some(inDaily));
        },
      ),
    ));

  it("spreads members so that no zone has two more than another, and never all", () =>
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 2, max: 6 }), (members, count) => {
        const zones = Array.from({ length: count }, (_, i) => `zone-${i}`);
        const placed = zonesOfMembers(members, zones);
        const counts = zones.map((zone) => placed.filter((z) => z === zone).length);
        assert.equal(placed.length, members);
        assert.ok(Math.max(...counts) - Math.min(...counts) <= 1);
        assert.ok(Math.max(...counts) < members);
      }),
    ));

  it("goes off at a member that nothing is known of", () => {
    const plans = planAlarms({ memoryPercent: 80, cpuPercent: 70, replicationLagSeconds: 5 });
    assert.deepEqual(
      plans.map((p) => [p.metricName, p.threshold, p.treatMissingData]),
      [
        ["DatabaseMemoryUsagePercentage", 80, "missing"],
        ["Evictions", 0, "missing"],
        ["EngineCPUUtilization", 70, "breaching"],
        ["ReplicationLag", 5, "missing"],
      ],
    );
  });
});
