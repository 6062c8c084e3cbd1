import assert from "node:assert/strict";
import { FakeAws } from "./fakeAws";
import { attached, quietly, run, terminated, terminating } from "./runs";

describe("every order of two zones' failures and returns, with duplicates, up to length 5", () => {
  quietly();
  const STEPS = ["fail a", "fail b", "restore a", "restore b"] as const;
  type Step = (typeof STEPS)[number];
  const orders = (length: number): Step[][] =>
    length === 0 ? [[]] : orders(length - 1).flatMap((order) => STEPS.map((step) => [...order, step]));

  /** The first failure of a live gateway kills it; one of a dead gateway is a duplicate. Likewise for returns. */
  async function play(aws: FakeAws, step: Step, ends: Map<string, string>): Promise<void> {
    const [what, zone = ""] = step.split(" ");
    if (what === "fail") {
      ends.set(zone, aws.isAlive(zone) ? aws.kill(zone) : (ends.get(zone) ?? ""));
      await run(aws, terminated(zone, ends.get(zone) ?? ""));
    } else {
      if (!aws.isAlive(zone)) {
        aws.launch(zone);
      }
      await run(aws, attached(zone));
      // A late duplicate of the predecessor's end.
      await run(aws, terminating(zone, ends.get(zone) ?? "i-unknown"));
    }
  }

  for (const zones of [
    ["a", "b"],
    ["a", "b", "c"],
  ]) {
    for (let length = 1; length <= 5; length++) {
      it(`${zones.length} zones, ${4 ** length} orders of length ${length}: no route at a dead gateway while one lives`, async () => {
        for (const order of orders(length)) {
          const aws = new FakeAws(zones);
          const ends = new Map<string, string>();
          for (const step of order) {
            await play(aws, step, ends);
            const live = zones.filter((z) => aws.isAlive(z));
            for (const zone of zones) {
              const [through = ""] = aws.through(zone);
              assert.ok(
                live.length === 0 || live.includes(through),
                `${order.join(", ")}: ${zone} goes through ${through}`,
              );
              assert.ok(
                !live.includes(zone) || through === zone,
                `${order.join(", ")}: ${zone} is not on its own gateway`,
              );
            }
          }
          const told = aws.messages.map((m) => m.subject);
          assert.ok(
            told.every((t, i) => t !== told[i - 1]),
            `${order.join(", ")}: told twice in a row: ${told.join(" | ")}`,
          );
        }
      });
    }
  }
});
