import assert from "node:assert/strict";
import { reconcile } from "../../../lambdas/outposts/reconcile";
import { TARGET_GROUP } from "./fakeAws";
import { alarmEvent, clock, lose, startTime, stopTime, subjects, world } from "./world";

describe("reconcile", () => {
  before(stopTime);
  after(startTime);

  it("launches in the second round trip, and tells once all copies serve", async () => {
    const w = world();
    await lose(w);
    assert.equal(w.aws.copies().length, 3);
    assert.deepEqual(w.aws.calls.slice(0, 11).filter((c) => c === "RunInstances").length, 3);
    assert.deepEqual(subjects(w), []);
    await w.tick(3);
    assert.deepEqual(subjects(w), ["p: a's instances are relaunched on b"]);
  });

  it("leaves alone what is told and done: a minute's look writes nothing", async () => {
    const w = world();
    await w.tick();
    await lose(w);
    await w.tick(3);
    w.aws.calls.length = 0;
    await w.tick();
    assert.deepEqual(
      w.aws.calls.filter((c) => !/^(Describe|Get|Query)/.test(c)),
      [],
    );
  });

  it("moves traffic to copies as each comes to pass its checks, and takes the lost members out only then", async () => {
    const w = world();
    const group = w.aws.members.get(TARGET_GROUP);
    await lose(w);
    const [fast, slow] = w.aws.copies("app0/");
    assert.ok(fast && slow && group);
    fast.passes = true;
    clock.pass(60);
    await w.run();
    assert.equal(group.get(fast.id), "initial");
    assert.equal(group.get(slow.id), undefined);
    assert.equal(group.get("i-1"), "unhealthy");
    group.set(fast.id, "healthy");
    await w.run();
    assert.equal(group.get("i-1"), "draining");
    await w.tick(3);
    assert.deepEqual([...group.keys()].sort(), [fast.id, slow.id].sort());
  });

  it("reports copies that don't serve after ten minutes, and again once they do", async () => {
    const w = world([1]);
    await lose(w);
    clock.pass(601);
    await w.run();
    assert.deepEqual(subjects(w), ["p: relaunched on b, 1 instance(s) don't serve yet"]);
    await w.tick(2);
    assert.deepEqual(subjects(w).slice(1), ["p: a's instances are relaunched on b"]);
  });

  it("counts copies of an earlier outage as running", async () => {
    for (const failback of ["notify", "terminate-relaunched"] as const) {
      const w = world([2, 1], failback);
      await lose(w);
      await w.tick(3);
      for (let outage = 0; outage < 6; outage++) {
        clock.pass(60);
        w.aws.connect(false);
        await w.run(alarmEvent(w.aws));
        await lose(w);
        await w.tick(2);
        assert.equal(w.aws.copies().length, 3);
      }
      assert.ok(subjects(w).every((s) => s === "p: a's instances are relaunched on b"));
    }
  });

  it("launches nothing twice with exactly as much room as is needed, and says that all run", async () => {
    const w = world();
    const settings = {
      ...w.aws.settings,
      destination: { ...w.aws.settings.destination, capacity: { "c6id.large": 3 } },
    };
    Object.assign(w.aws, { settings });
    await lose(w);
    await w.tick(3);
    w.aws.connect(false);
    await w.tick();
    await lose(w);
    await w.tick(3);
    assert.equal(w.aws.copies().length, 3);
    assert.ok(subjects(w).every((s) => s === "p: a's instances are relaunched on b"));
    assert.match(w.aws.messages.at(-1)?.body ?? "", /app0: 2 wanted; running since an earlier outage: i-\d+, i-\d+/);
  });

  it("goes on with the others if EC2 has no capacity for one, says which, and tries it again", async () => {
    const w = world();
    w.aws.room = 2;
    await lose(w);
    await w.tick(3);
    assert.deepEqual(subjects(w), ["p: 1 instance(s) could not be relaunched on b"]);
    assert.match(w.aws.messages[0]?.body ?? "", /app1: 1 wanted; 1 refused: InsufficientInstanceCapacity/);
    assert.equal([...(w.aws.members.get(TARGET_GROUP) ?? [])].filter(([, s]) => s === "healthy").length, 2);
    w.aws.room = 3;
    await w.tick(3);
    assert.deepEqual(subjects(w).slice(1), ["p: a's instances are relaunched on b"]);
  });

  it("says which were refused for lack of permission, as briefly as EC2 allows", async () => {
    const w = world([1]);
    w.aws.fate = (action) => Promise.resolve(action === "RunInstances" ? "refused" : "ok");
    await lose(w);
    assert.match(w.aws.messages[0]?.body ?? "", /1 refused: UnauthorizedOperation/);
  });

  it("tells that a copy ended right after its launch, with EC2's reason, and doesn't launch it again", async () => {
    const w = world([1]);
    await lose(w);
    w.aws.copies().forEach((i) => (i.state = "terminated"));
    await w.tick(3);
    assert.equal(w.aws.instances.length, 2);
    assert.match(w.aws.messages[0]?.body ?? "", /1 refused: i-2 was launched and has ended/);
  });

  it("launches nothing without a datum below 1, and says so after ten minutes", async () => {
    for (const source of [[], [1, 0]]) {
      const w = world();
      w.aws.disconnect();
      w.aws.source = source;
      await w.run(alarmEvent(w.aws));
      await w.tick(9);
      assert.deepEqual(subjects(w), []);
      await w.tick(2);
      assert.equal(w.aws.copies().length, 0);
      assert.deepEqual(subjects(w), ["p: a's alarm is on, but nothing proves that it is disconnected"]);
    }
  });

  it("launches nothing while both are disconnected, which takes two data to believe, and does once one is back", async () => {
    const w = world();
    w.aws.destination = [0, 0, 1];
    await lose(w);
    assert.equal(w.aws.copies().length, 0);
    assert.deepEqual(subjects(w), ["p: relaunch failed, a and b are both disconnected"]);
    w.aws.destination = [1, 0, 0];
    await w.tick();
    assert.equal(w.aws.copies().length, 3);
    const other = world();
    other.aws.destination = [0, 1, 1];
    await lose(other);
    assert.equal(other.aws.copies().length, 3);
  });

  it("tells after a quarter of an hour that nobody measures the source, and when it is measured again", async () => {
    const w = world();
    w.aws.alarm = { state: "INSUFFICIENT_DATA", since: clock.now() };
    await w.tick(14);
    assert.deepEqual(subjects(w), []);
    await w.tick(5);
    w.aws.alarm = { state: "OK", since: clock.now() };
    await w.tick(2);
    assert.deepEqual(subjects(w), ["p: nobody measures whether a is connected", "p: a's connection is measured again"]);
    assert.equal(w.aws.copies().length, 0);
  });

  it("does nothing for late and repeated events", async () => {
    const w = world();
    await lose(w);
    const old = alarmEvent(w.aws);
    await w.run(old);
    await w.tick(3);
    await w.run(old);
    clock.pass(60);
    w.aws.connect();
    await w.tick(5);
    await w.run(old);
    assert.equal(w.aws.instances.length, 6);
    assert.equal(w.aws.copies().length, 0);
    assert.equal(subjects(w).length, 2);
  });

  it("acts on an alarm's event that reads don't show yet", async () => {
    const w = world();
    clock.pass(60);
    const { alarm } = w.aws;
    w.aws.disconnect();
    const event = alarmEvent(w.aws);
    w.aws.alarm = alarm;
    await w.run(event);
    assert.equal(w.aws.copies().length, 3);
  });

  it("takes up an alarm whose event failed or never came", async () => {
    const w = world();
    w.aws.disconnect();
    await w.tick();
    assert.equal(w.aws.copies().length, 3);
  });

  it("gives back only when the source's targets are healthy and the copies have drained", async () => {
    const w = world();
    await lose(w);
    await w.tick(4);
    const group = w.aws.members.get(TARGET_GROUP);
    clock.pass(60);
    w.aws.connect(false);
    await w.tick(2);
    assert.equal(w.aws.copies().length, 3);
    w.aws.own().forEach((i) => (i.passes = true));
    await w.run();
    assert.deepEqual([group?.get("i-1"), w.aws.copies().length], ["initial", 3]);
    await w.tick();
    assert.deepEqual([...(group?.values() ?? [])].sort(), ["draining", "draining", "healthy", "healthy"]);
    assert.equal(w.aws.copies().length, 3);
    await w.tick();
    assert.equal(w.aws.copies().length, 0);
    assert.match(w.aws.messages.at(-1)?.body ?? "", /Terminated on b: i-4, i-5, i-6/);
    assert.deepEqual(w.aws.broken, []);
  });

  it("says after half an hour that the source is connected and its instances aren't back; copies stay", async () => {
    const w = world();
    await lose(w);
    await w.tick(3);
    w.aws.connect(false);
    await w.tick(32);
    assert.equal(w.aws.copies().length, 3);
    assert.deepEqual(subjects(w).slice(1), ["p: a is connected again, but not all its instances are back"]);
    w.aws.connect();
    await w.tick(5);
    assert.match(subjects(w)[2] ?? "", /a is back, instances on b are terminated/);
  });

  it("finds copies that a run left behind, whatever it had written down, and says so", async () => {
    for (const failback of ["notify", "terminate-relaunched"] as const) {
      const w = world([2, 1], failback);
      let launched = 0;
      w.aws.fate = (action) => Promise.resolve(action === "RunInstances" && ++launched === 3 ? "hangs" : "ok");
      clock.pass(60);
      w.aws.disconnect();
      void w.run(alarmEvent(w.aws));
      await new Promise(setImmediate);
      w.aws.fate = () => Promise.resolve("ok");
      w.aws.connect();
      await w.tick(8);
      assert.equal(w.aws.copies().length, failback === "notify" ? 2 : 0);
      assert.equal(subjects(w).filter((s) => s.startsWith("p: a is back")).length, 1);
    }
  });

  it("tells the end of an outage of which people may have been told, though that is not on record", async () => {
    const w = world([2, 1], "notify");
    await lose(w);
    w.aws.connect();
    await w.tick(2);
    let published = false;
    w.aws.fate = (action) => {
      const fails = published && action === "UpdateItem";
      published = action === "Publish";
      return Promise.resolve(fails ? "failed" : "ok");
    };
    clock.pass(60);
    w.aws.disconnect();
    await w.run(alarmEvent(w.aws)).catch(() => undefined);
    w.aws.fate = () => Promise.resolve("ok");
    clock.pass(60);
    w.aws.connect();
    await w.tick(3);
    assert.deepEqual(
      subjects(w).filter((s) => !s.includes("don't serve")),
      ["p: a is back", "p: a's instances are relaunched on b", "p: a is back"],
    );
  });

  it("carries on for other groups if one is gone, and fails so that somebody hears of it", async () => {
    const w = world([2], "terminate-relaunched", [TARGET_GROUP, "gone"]);
    w.aws.members.delete("gone");
    const send = w.aws.clients.loadBalancing.send as (command: unknown) => Promise<unknown>;
    const clients = {
      ...w.aws.clients,
      loadBalancing: {
        send: (command: { input: { TargetGroupArn: string } }) =>
          command.input.TargetGroupArn === "gone" ? Promise.reject(new Error("TargetGroupNotFound")) : send(command),
      },
    } as never;
    w.aws.disconnect();
    for (let i = 0; i < 4; i++) {
      clock.pass(60);
      w.aws.settle();
      await assert.rejects(reconcile({}, w.aws.settings, clients), /TargetGroupNotFound/);
    }
    assert.equal([...(w.aws.members.get(TARGET_GROUP) ?? [])].filter(([, s]) => s === "healthy").length, 2);
  });

  it("launches anew what EC2 has forgotten but for its client token, in the same outage and in another", async () => {
    for (const again of [false, true]) {
      const w = world([2]);
      await lose(w);
      await w.tick(3);
      // One copy runs on, so it is still the same episode.
      if (again) {
        w.aws.connect(false);
      } else {
        w.aws.room = 1;
      }
      const [copy] = w.aws.copies();
      assert.ok(copy);
      copy.state = "terminated";
      await w.tick(3);
      clock.pass(7200);
      w.aws.forget();
      w.aws.room = 100;
      await (again ? lose(w) : w.tick());
      assert.equal(w.aws.copies().length, 2, again ? "in another outage" : "in the same");
      assert.deepEqual(w.aws.broken, []);
    }
  });

  it("waits before it launches anew while a copy may be there that EC2 doesn't show", async () => {
    const w = world([2]);
    await lose(w);
    const [copy] = w.aws.copies();
    assert.ok(copy);
    copy.unseen = Infinity;
    w.aws.connect(false);
    clock.pass(60);
    w.aws.disconnect();
    await assert.rejects(w.run(alarmEvent(w.aws)), /a copy for app0\/0 was launched, and can't be seen yet/);
    for (let minute = 0; minute < 3; minute++) {
      clock.pass(60);
      await assert.rejects(w.run(), /can't be seen yet/);
      assert.equal(w.aws.copies().length, 2);
    }
    copy.state = "terminated";
    clock.pass(120);
    await w.run();
    assert.equal(w.aws.copies().length, 2);
    assert.deepEqual(w.aws.broken, []);
  });

  it("a second outage after a return is another one, however soon", async () => {
    const w = world();
    for (let outage = 0; outage < 3; outage++) {
      await lose(w);
      await w.tick(3);
      assert.equal(w.aws.copies().length, 3);
      clock.pass(60);
      w.aws.connect();
      await w.tick(4);
      assert.equal(w.aws.copies().length, 0);
    }
    assert.equal(subjects(w).length, 6);
  });
});
