import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { QueueCallback } from "../../../components/common/queueCallback";
import { record, Registered, settled } from "../recorded";

describe("QueueCallback", () => {
  let registered: Registered[];
  const all = (type: string) => registered.filter((r) => r.type === type);
  const named = (name: string) => registered.find((r) => r.name === name)?.inputs ?? {};

  before(async () => {
    registered = await record();
    new QueueCallback("greet", {
      description: "Greets",
      triggers: [
        { name: "knock", description: "Somebody knocks", eventPattern: { source: ["door"] } },
        { name: "hourly", description: "Every hour", scheduleExpression: "rate(1 hour)" },
      ],
      settings: pulumi.output({ greeting: "hello" }),
      clients: () => ({ mark: "!" }),
      handler: (events: readonly { name: string }[], { greeting }, { mark }) =>
        Promise.resolve(events.map(({ name }) => `${greeting} ${name}${mark}`)),
      statements: [{ Effect: "Allow", Action: "sns:Publish", Resource: "arn:topic" }],
      kmsKeyArn: "arn:key",
      alarmTopicArn: "arn:topic",
      timeoutSeconds: 20,
    });
    await settled();
  });

  it("has an encrypted FIFO queue that drops what is delivered twice and waits six timeouts for a run", () => {
    const { fifoQueue, contentBasedDeduplication, kmsMasterKeyId, visibilityTimeoutSeconds } = named("greet-queue");
    assert.deepEqual(
      { fifoQueue, contentBasedDeduplication, kmsMasterKeyId, visibilityTimeoutSeconds },
      { fifoQueue: true, contentBasedDeduplication: true, kmsMasterKeyId: "arn:key", visibilityTimeoutSeconds: 120 },
    );
  });

  it("leads what fails again and again to a FIFO queue, what isn't delivered to a standard one, as AWS demands", () => {
    assert.deepEqual(JSON.parse(String(named("greet-queue")["redrivePolicy"])), {
      deadLetterTargetArn: "arn:aws:::greet-dead-letters-queue",
      maxReceiveCount: 30,
    });
    assert.equal(named("greet-dead-letters-queue")["fifoQueue"], true);
    assert.equal(named("greet-undelivered-queue")["fifoQueue"], undefined);
    for (const { inputs } of all("aws:cloudwatch/eventTarget:EventTarget")) {
      assert.deepEqual(inputs["deadLetterConfig"], { arn: "arn:aws:::greet-undelivered-queue" });
    }
  });

  it("tells people of dead letters, of undelivered events and of a queue that stands still", () => {
    const alarms = all("aws:cloudwatch/metricAlarm:MetricAlarm");
    assert.deepEqual(alarms.map((a) => a.name).sort(), ["greet-dead-letters-alarm", "greet-standstill", "greet-undelivered-alarm"]); // prettier-ignore
    assert.ok(alarms.every((a) => (a.inputs["alarmActions"] as string[]).includes("arn:topic")));
  });

  it("lets exactly its rules send", () => {
    const { Statement } = JSON.parse(String(named("greet-queue-policy")["policy"])) as { Statement: unknown[] };
    assert.deepEqual(Statement, [
      {
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: "arn:aws:::greet-queue",
        Condition: { ArnEquals: { "aws:SourceArn": ["arn:aws:::knock-rule", "arn:aws:::hourly-rule"] } },
      },
    ]);
  });

  it("maps the queue to the function, ten messages at a time, and permits the function to read it", () => {
    const { eventSourceArn, functionName, batchSize } = named("greet-mapping");
    assert.deepEqual(
      { eventSourceArn, functionName, batchSize },
      { eventSourceArn: "arn:aws:::greet-queue", functionName: "arn:aws:::greet-function", batchSize: 10 },
    );
    assert.match(String(named("greet-policy")["policy"]), /sqs:ReceiveMessage[^}]*arn:aws:::greet-queue/);
  });
});
