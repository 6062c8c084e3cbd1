import assert from "node:assert/strict";
import { GatewayEvent } from "../../../lambdas/gateway/events";
import { GatewayMemory } from "../../../lambdas/gateway/memory";
import { FakeAws } from "./fakeAws";
import { attached, quietly, run, terminated, terminating } from "./runs";

/** What is to be got through: how it begins, and what has to hold in the end. */
interface Story {
  readonly what: string;
  readonly begin: (aws: FakeAws) => Promise<GatewayEvent>;
  readonly through: string;
  readonly message: RegExp;
}

const STORIES: readonly Story[] = [
  {
    what: "a loss",
    begin: (aws) => Promise.resolve(terminated("a", aws.kill("a"))),
    through: "b",
    message: /a now goes out through b/,
  },
  {
    what: "a planned replacement",
    begin: (aws) => Promise.resolve(terminating("a", aws.gateway("a").instanceId)),
    through: "b",
    message: /a now goes out through b/,
  },
  {
    what: "a return",
    begin: async (aws) => {
      await run(aws, terminated("a", aws.kill("a")));
      aws.launch("a");
      return attached("a");
    },
    through: "a",
    message: /a is back on its own gateway/,
  },
];

describe("reconcile, each call failing in turn, run again until it succeeds", () => {
  quietly();

  for (const { what, begin, through, message } of STORIES) {
    for (const moment of ["pause", "afterwards"] as const) {
      for (const environment of ["the same", "a new"]) {
        const how = moment === "pause" ? "refused" : "executed and its answer lost";
        it(`${what}, every call ${how}, by ${environment} environment: all in place, told once or twice`, async () => {
          const undisturbed = new FakeAws(["a", "b"]);
          const first = await begin(undisturbed);
          const before = undisturbed.calls.length;
          await run(undisturbed, first);
          const calls = undisturbed.calls.length - before;
          assert.ok(calls > 15, `${calls} calls`);
          for (let k = 0; k < calls; k++) {
            const aws = new FakeAws(["a", "b"]);
            const event = await begin(aws);
            aws.messages.splice(0);
            let n = 0;
            aws[moment] = (action) => (n++ === k ? Promise.reject(new Error(`${action} fails`)) : Promise.resolve());
            await again(aws, event, environment);
            const told = aws.messages.filter((m) => message.test(m.subject)).length;
            assert.deepEqual(aws.through("a"), [through], `call ${k}`);
            assert.ok(told === 1 || told === 2, `call ${k}: told ${told} times`);
            assert.equal(aws.messages.length, told, `call ${k}`);
            const isHeldBack = what === "a planned replacement" && aws.gateway("a").lifecycle === "InService";
            assert.ok(!isHeldBack, `call ${k}: the instance is still held back`);
          }
        });
      }
    }
  }

  /** As the queue does: again until it succeeds; and once more, when claims have run out, as the minute's tick does. */
  async function again(aws: FakeAws, event: GatewayEvent, environment: string): Promise<void> {
    const next = (): GatewayMemory => (environment === "a new" ? { told: new Map() } : aws.memory);
    for (let attempt = 0; attempt < 3; attempt++) {
      aws.memory = next();
      if (await run(aws, event).then(() => true, () => false)) { break; } // prettier-ignore
    }
    aws.expireClaims();
    aws.memory = next();
    await run(aws, event);
  }
});
