import { SQSClient } from "@aws-sdk/client-sqs";
import assert from "node:assert/strict";
import { handleBatch } from "../../../lambdas/common/queue";

describe("handleBatch", () => {
  const { error } = console;
  before(() => (console.error = () => undefined));
  after(() => (console.error = error));

  const batchOf = (...bodies: string[]) => ({
    Records: bodies.map((body, i) => ({ messageId: `m${i}`, receiptHandle: `r${i}`, body })),
  });
  const sent: unknown[] = [];
  const source = (send = (command: { input: unknown }) => Promise.resolve(sent.push(command.input))) => ({
    queueUrl: "https://queue",
    sqs: { send } as unknown as SQSClient,
  });
  beforeEach(() => sent.splice(0));

  it("hands over all events of a batch at once", async () => {
    const seen: unknown[] = [];
    await handleBatch(batchOf('{"a":1}', '{"b":2}'), (events) => Promise.resolve(seen.push(events)), source());
    assert.deepEqual(seen, [[{ a: 1 }, { b: 2 }]]);
    assert.deepEqual(sent, []);
  });

  for (const malformed of ["", "not JSON", "null", "7", '"text"', "[1]"]) {
    it(`takes ${JSON.stringify(malformed)} for an event that says nothing`, async () => {
      const seen: unknown[] = [];
      await handleBatch(batchOf(malformed, "{}"), (events) => Promise.resolve(seen.push(...events)), source());
      assert.deepEqual(seen, [{}, {}]);
    });
  }

  it("runs without records, as a test from the console may have it", () =>
    handleBatch({}, (events) => Promise.resolve(assert.deepEqual(events, [])), source()));

  it("fails with the handler, and has the batch back in seconds instead of after the visibility timeout", async () => {
    await assert.rejects(
      handleBatch(batchOf("{}", "{}"), () => Promise.reject(new Error("throttled")), source()),
      /throttled/,
    );
    assert.deepEqual(sent, [
      {
        QueueUrl: "https://queue",
        Entries: [
          { Id: "0", ReceiptHandle: "r0", VisibilityTimeout: 5 },
          { Id: "1", ReceiptHandle: "r1", VisibilityTimeout: 5 },
        ],
      },
    ]);
  });

  it("fails with the handler's error, whatever SQS says", async () => {
    const out = source(() => Promise.reject(new Error("SQS is out")));
    await assert.rejects(
      handleBatch(batchOf("{}"), () => Promise.reject(new Error("throttled")), out),
      /throttled/,
    );
  });
});
