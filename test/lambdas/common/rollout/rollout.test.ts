import { AutoScalingClient, CancelInstanceRefreshCommand } from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import assert from "node:assert/strict";
import fc from "fast-check";
import { RolloutClients } from "../../../../lambdas/common/rollout/clients";
import { decide } from "../../../../lambdas/common/rollout/decide";
import { rollout, RolloutResult } from "../../../../lambdas/common/rollout/rollout";
import { RolloutSettings } from "../../../../lambdas/common/rollout/settings";
import { FakeAutoScaling } from "./fakeAutoScaling";

const SETTINGS: RolloutSettings = {
  ...{ groupName: "shop", launchTemplateId: "lt-1", alarmNames: ["unhealthy", "errors"] },
  ...{ warmupSeconds: 120, minHealthyPercentage: 100, maxHealthyPercentage: 110 },
};

describe("the rollout", () => {
  let aws: FakeAutoScaling;
  beforeEach(() => {
    aws = new FakeAutoScaling();
  });
  afterEach(() => aws.restore());

  const run = (event: unknown = { version: "2" }): Promise<RolloutResult> => {
    const clients: RolloutClients = {
      autoScaling: new AutoScalingClient({}),
      cloudWatch: new CloudWatchClient({}),
      pause: () => Promise.resolve(),
    };
    return rollout(event, SETTINGS, clients);
  };
  const active = () =>
    aws.refreshes.filter((r) => r.Status === "Pending").map((r) => r.DesiredConfiguration?.LaunchTemplate?.Version);

  it("has nothing to do for the version that the group was made with", async () => {
    assert.equal((await run({ version: "1" })).outcome, "there already");
    assert.deepEqual(aws.started, []);
  });

  it("starts a refresh that launches first and goes back by itself, with the version as its wish", async () => {
    assert.deepEqual(await run(), { outcome: "started", refreshId: "refresh-1" });
    const [started] = aws.started;
    assert.deepEqual(started?.DesiredConfiguration?.LaunchTemplate, { LaunchTemplateId: "lt-1", Version: "2" });
    assert.deepEqual(started.Preferences, {
      AutoRollback: true,
      AlarmSpecification: { Alarms: ["unhealthy", "errors"] },
      ...{ InstanceWarmup: 120, MinHealthyPercentage: 100, MaxHealthyPercentage: 110 },
      ...{ ScaleInProtectedInstances: "Refresh", StandbyInstances: "Terminate", SkipMatching: true },
    });
  });

  it("doesn't go by an alarm that is off already, so that a version that mends it can be rolled out", async () => {
    aws.alarms["errors"] = "ALARM";
    await run();
    assert.deepEqual(aws.started[0]?.Preferences?.AlarmSpecification, { Alarms: ["unhealthy"] });
  });

  it("starts no second refresh when the answer to the first was lost", async () => {
    aws.losesAnswer = true;
    assert.deepEqual(await run(), { outcome: "under way", refreshId: "refresh-1" });
    assert.equal(aws.started.length, 1);
  });

  it("does nothing when it is run again", async () => {
    await run();
    assert.deepEqual(await run(), { outcome: "under way", refreshId: "refresh-1" });
    assert.equal(aws.started.length, 1);
  });

  it("cancels a refresh that brings an older version, or takes it back, and waits until it has ended", async () => {
    for (const status of ["InProgress", "Pending", "Baking", "RollbackInProgress"]) {
      aws.refreshes = [];
      aws.add(status, "2");
      aws.cancelTakes = 3;
      assert.equal((await run({ version: "3" })).outcome, "started");
      assert.deepEqual(active(), ["3"], status);
    }
  });

  it("leaves a version that is being taken back alone", async () => {
    aws.add("RollbackInProgress", "2");
    assert.equal((await run()).outcome, "under way");
    assert.deepEqual(aws.started, []);
  });

  it("starts anew when the refresh that it wanted to cancel has ended by itself", async () => {
    aws.add("InProgress", "2");
    aws.autoScaling.on(CancelInstanceRefreshCommand).callsFakeOnce(() => {
      (aws.refreshes[0] as { Status: string }).Status = "Successful";
      throw Object.assign(new Error(), { name: "ActiveInstanceRefreshNotFoundFault" });
    });
    assert.equal((await run({ version: "3" })).outcome, "started");
  });

  it("brings stragglers of another version to the group's own", async () => {
    aws.instanceVersions = ["1", "2"];
    assert.equal((await run({ version: "1" })).outcome, "started");
  });

  it("fails, so that pulumi up does, when an earlier refresh doesn't end", async () => {
    aws.add("Cancelling", "2");
    aws.cancelTakes = Infinity;
    await assert.rejects(run({ version: "3" }), /version 3 is not rolled out: .* Run `pulumi up` again/);
  });

  it("fails for a group that isn't there, a call that is refused, and an event that names no version", async () => {
    for (const event of [null, {}, { version: 2 }, { version: "$Latest" }, { version: "0" }, "2"]) {
      await assert.rejects(run(event), /expected \{"version"/, JSON.stringify(event));
    }
    aws.gone = true;
    await assert.rejects(run(), /there is no Auto Scaling group shop/);
    aws.throttles = true;
    await assert.rejects(run(), { name: "Throttling" });
  });

  it("ends with the newest wish under way, or there, whatever there was before", async () => {
    const version = fc.constantFrom("1", "2", "3");
    const status = fc.constantFrom(
      ...["Pending", "InProgress", "Cancelling", "Cancelled", "Successful", "Failed", "Baking"],
      ...["RollbackInProgress", "RollbackSuccessful", "RollbackFailed"],
    );
    const before = fc.option(fc.record({ status, version }));
    await fc.assert(
      fc.asyncProperty(
        before,
        version,
        fc.array(version),
        fc.boolean(),
        version,
        async (refresh, group, own, loses, wish) => {
          aws.refreshes = [];
          aws.started = [];
          if (refresh !== null) {
            aws.add(refresh.status, refresh.version);
          }
          Object.assign(aws, { groupVersion: group, instanceVersions: own, losesAnswer: loses, cancelTakes: 2 });
          const { outcome } = await run({ version: wish });
          assert.ok(aws.started.length <= 1);
          if (outcome === "there already") {
            assert.ok(group === wish && own.every((v) => v === wish) && aws.started.length === 0);
          } else {
            assert.equal(aws.refreshes[0]?.DesiredConfiguration?.LaunchTemplate?.Version, wish);
          }
          aws.losesAnswer = false;
        },
      ),
    );
  });

  it("calls no refresh of its own version a reason to cancel", () => {
    const refresh = { id: "r", status: "InProgress", version: "2" };
    const next = decide("2", { groupVersion: "1", instanceVersions: ["1", "2"], refresh });
    assert.deepEqual(next, { step: "done", reason: "under way", refreshId: "r" });
  });
});
