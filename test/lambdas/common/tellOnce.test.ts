import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import * as fc from "fast-check";
import assert from "node:assert/strict";
import { tellOnce } from "../../../lambdas/common/tellOnce";
import { FakeTable, TableRequest } from "./fakeTable";

/** How a call goes: well; AWS fails before it has done it; or it does it, and the answer is lost. */
type Course = "ok" | "error" | "lost";

const MEMORY = { stateTable: "state", system: "gateway/main" };
const AT = new Date("2026-11-21T10:00:00Z");
const later = (seconds: number) => new Date(AT.getTime() + seconds * 1000);

/** A table whose calls, and those of the SDK's repetitions, take given courses; well once these are used up. */
class World {
  readonly table = new FakeTable();
  readonly told: string[] = [];

  constructor(
    private readonly courses: Course[] = [],
    private readonly attempts = 3,
  ) {}

  readonly dynamoDb = {
    send: ({ input }: { input: TableRequest }) => this.call(() => this.table.update(input)),
  } as unknown as DynamoDBClient;

  readonly publish = (text: string) => () => this.call(() => this.told.push(text));

  /** As the SDK: repeats what fails by AWS's or the network's fault. */
  private async call<Answer>(act: () => Answer): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      const course = this.courses.shift() ?? "ok";
      await Promise.resolve();
      const answer = course === "error" ? undefined : act();
      if (course === "ok") {
        return answer as Answer;
      }
      if (attempt === this.attempts) {
        throw Object.assign(new Error(course), { name: "TimeoutError", $metadata: { attempts: attempt } });
      }
    }
  }

  tell(state: string, run?: string, now = AT) {
    return tellOnce({ subject: "zone-a", state }, this.publish(state), MEMORY, this.dynamoDb, now, run);
  }
}

describe("tellOnce", () => {
  it("tells a state once, and another state again", async () => {
    const world = new World();
    assert.equal(await world.tell("b"), "told");
    assert.equal(await world.tell("b"), "told before");
    assert.equal(await world.tell("a"), "told");
    assert.deepEqual(world.told, ["b", "a"]);
  });

  it("recognises its own claim when the answer to it was lost", async () => {
    const world = new World(["lost"]);
    assert.equal(await world.tell("b"), "told");
    assert.deepEqual(world.told, ["b"]);
  });

  it("recognises its own record when the answer to it was lost", async () => {
    const world = new World(["ok", "ok", "lost"]);
    assert.equal(await world.tell("b"), "told");
    assert.equal(await world.tell("b"), "told before");
    assert.deepEqual(world.told, ["b"]);
  });

  it("takes up the claim of an earlier attempt of the same run at once, and of another run when it has run out", async () => {
    // The claim's answer is lost for good: the run dies with the claim.
    const world = new World(["lost"], 1);
    await assert.rejects(world.tell("b", "execution-1"));
    assert.equal(await world.tell("b", "execution-2", later(30)), "being told");
    assert.equal(await world.tell("b", "execution-1", later(30)), "told");

    const other = new World(["lost"], 1);
    await assert.rejects(other.tell("b", "execution-1"));
    assert.equal(await other.tell("b", "execution-2", later(60)), "told", "no later than Lambda's first retry");
  });

  it("gives a claim back when publishing fails, so that another run tells at once", async () => {
    const world = new World(["ok", "error"], 1);
    await assert.rejects(world.tell("b", "run-1"));
    assert.equal(await world.tell("b", "run-2"), "told");
    assert.deepEqual(world.told, ["b"]);
  });

  it("doesn't give back, nor record over, what another run has taken over", async () => {
    const world = new World();
    let during: () => Promise<unknown> = () => Promise.resolve();
    const slow = tellOnce({ subject: "zone-a", state: "b" }, async () => during(), MEMORY, world.dynamoDb, AT, "slow");
    during = () => world.tell("a", "quick");
    assert.equal(await slow, "told");
    assert.equal(await world.tell("a"), "told before", "what was told last is what is remembered");
  });

  it("loses no message and tells none three times, however one call goes and whatever runs are at it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.constantFrom<Course>("error", "lost"), { maxLength: 1 }),
        fc.nat({ max: 11 }),
        fc.integer({ min: 1, max: 4 }),
        async (scheduler, failing, position, runs) => {
          const courses = [...Array<Course>(position).fill("ok"), ...failing];
          const world = new World(courses, 1);
          const turn = scheduler.scheduleFunction(() => Promise.resolve());
          const interleaved = {
            send: async (command: never) => {
              await turn();
              return (world.dynamoDb as unknown as { send: (c: never) => Promise<unknown> }).send(command);
            },
          } as unknown as DynamoDBClient;
          const all = Array.from({ length: runs }, () =>
            tellOnce({ subject: "zone-a", state: "b" }, world.publish("b"), MEMORY, interleaved, AT).catch(
              () => "failed",
            ),
          );
          await scheduler.waitFor(Promise.all(all));
          // The minute's ticks, when claims have run out.
          for (const minute of [1, 2, 3]) {
            await world.tell("b", undefined, later(60 * minute)).catch(() => "failed");
          }
          assert.ok(world.told.length >= 1, "lost");
          assert.ok(world.told.length <= 1 + failing.length, `told ${world.told.length} times`);
        },
      ),
    );
  });
});
