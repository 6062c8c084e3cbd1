import assert from "node:assert/strict";
import fc from "fast-check";
import { hasTakenOver, rotate, RotationEvent, stepFor } from "../../../lambdas/database/rotate";
import { FakeAws, Fault } from "./fakeAws";

const STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"];
const SETTINGS = { identifier: "prod-orders" };
const event = (Step: string, ClientRequestToken = "v2"): RotationEvent => ({
  Step,
  SecretId: "arn:secret",
  ClientRequestToken,
});

/** As Secrets Manager: one step after the other; one that fails ends the rotation. */
async function rotation(world: FakeAws): Promise<void> {
  for (const step of STEPS) {
    await rotate(event(step), SETTINGS, world.clients);
  }
}

describe("the rotation of a master password", () => {
  it("gives the database another password, and tiers learn it once the database takes it", async () => {
    const world = new FakeAws();
    for (const step of STEPS) {
      assert.equal(world.current, "first", `before ${step}`);
      await rotate(event(step), SETTINGS, world.clients);
    }
    assert.deepEqual([world.password, world.current], ["made-1", "made-1"]);
    assert.ok(world.pauses > 0, "it has waited for RDS");
  });
  it("keeps the user's name and whatever else the secret holds", async () => {
    const world = new FakeAws();
    world.versions.set("v1", { value: '{"username":"root","password":"first","note":"x"}', stages: ["AWSCURRENT"] });
    await rotation(world);
    assert.deepEqual(JSON.parse(world.versions.get("v2")?.value ?? ""), {
      username: "root",
      password: "made-1",
      note: "x",
    });
  });
  it("whatever fails at whichever call, and however often it is run, ends with one password for both", async () => {
    const calls = 14;
    const faults = fc.record({
      call: fc.integer({ min: 1, max: calls }),
      kind: fc.constantFrom<Fault["kind"]>("throttled", "answer lost", "instance busy"),
    });
    await fc.assert(
      fc.asyncProperty(faults, fc.integer({ min: 0, max: 5 }), async (fault, looks) => {
        const world = new FakeAws(fault, looks);
        await rotation(world).catch(() => undefined);
        // Until it is over, tiers read what the database still takes, or is about to stop taking.
        assert.ok(["first", world.password].includes(world.current ?? ""));
        // Secrets Manager tries again from the first step, and the one call that fails fails only once.
        await rotation(world).catch(() => rotation(world));
        assert.equal(world.current, world.password);
        assert.notEqual(world.password, "first");
      }),
      { numRuns: 300 },
    );
  });
  it("does every step twice without another password", async () => {
    const world = new FakeAws();
    for (const step of STEPS) {
      await rotate(event(step), SETTINGS, world.clients);
      await rotate(event(step), SETTINGS, world.clients);
    }
    assert.deepEqual([world.password, world.current], ["made-1", "made-1"]);
  });
  it("changes nothing when a step comes late, after the version has become the current one", async () => {
    const world = new FakeAws();
    await rotation(world);
    const before = world.calls.length;
    for (const step of STEPS) {
      await rotate(event(step), SETTINGS, world.clients);
    }
    assert.deepEqual(new Set(world.calls.slice(before)), new Set(["DescribeSecret"]));
  });
  it("gives up, for Secrets Manager to try again, when RDS doesn't take the password over in minutes", async () => {
    const world = new FakeAws(undefined, Infinity);
    await rotate(event("createSecret"), SETTINGS, world.clients);
    await rotate(event("setSecret"), SETTINGS, world.clients);
    await assert.rejects(
      rotate(event("testSecret"), SETTINGS, world.clients),
      /in vain until prod-orders has taken over/,
    );
    assert.equal(world.current, "first");
  });
  it("sets no password that there isn't", () =>
    assert.rejects(rotate(event("setSecret"), SETTINGS, new FakeAws().clients), /v2 has no password yet/));

  it("refuses events about versions that aren't to become current, and steps that there aren't", () => {
    const stages = { v1: ["AWSCURRENT"], v2: ["AWSPENDING"], v0: ["AWSPREVIOUS"] };
    assert.equal(stepFor(event("setSecret"), stages), "setSecret");
    assert.equal(stepFor(event("setSecret", "v1"), stages), "nothing");
    assert.equal(stepFor(event("finishSecret", "v3"), { v3: ["AWSCURRENT", "AWSPENDING"] }), "nothing");
    assert.throws(() => stepFor(event("setSecret", "v0"), stages), /v0 is not the one/);
    assert.throws(() => stepFor(event("setSecret", "v9"), stages), /v9 is not the one/);
    assert.throws(() => stepFor(event("dropTables"), stages), /no step dropTables/);
    assert.throws(() => stepFor({} as RotationEvent, stages), /no step undefined/);
  });
  it("counts as taken over when nothing is under way, and never while the instance can't be seen", () => {
    assert.equal(hasTakenOver({ DBInstanceStatus: "available", PendingModifiedValues: {} }), true);
    assert.equal(
      hasTakenOver({ DBInstanceStatus: "available", PendingModifiedValues: { MasterUserPassword: "****" } }),
      false,
    );
    assert.equal(hasTakenOver({ DBInstanceStatus: "resetting-master-credentials" }), false);
    assert.equal(hasTakenOver(undefined), false);
  });
});
