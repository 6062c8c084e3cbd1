import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { EventCallback } from "../../../components/common/eventCallback";
import { record, Registered, settled } from "../recorded";

/** Runs a serialized function's text, as Lambda would. */
function load(text: string): Record<string, (event: unknown) => Promise<unknown>> {
  const exports = {};
  new Function("exports", "require", text)(exports, require);
  return exports;
}

describe("EventCallback", () => {
  let registered: Registered[];
  const of = (type: string) => registered.find((r) => r.type === type)?.inputs ?? {};

  before(async () => {
    registered = await record();
    new EventCallback("greet", {
      description: "Greets",
      settings: pulumi.output({ greeting: "hello" }),
      clients: () => ({ mark: "!" }),
      handler: (event: { name: string }, { greeting }, { mark }) => Promise.resolve(`${greeting} ${event.name}${mark}`),
      statements: [{ Effect: "Allow", Action: "sns:Publish", Resource: "arn:topic" }],
      kmsKeyArn: "arn:key",
      alarmTopicArn: "arn:topic",
      reservedConcurrency: 1,
    });
    await settled();
  });

  it("carries the function's text and nothing else", async () => {
    const archive = of("aws:lambda/function:Function")["code"] as pulumi.asset.AssetArchive;
    const assets = (await archive.assets) as Record<string, pulumi.asset.StringAsset>;
    assert.deepEqual(Object.keys(assets), ["index.js"]);
    const text = (await assets["index.js"]?.text) ?? "";
    const { handler } = load(text);
    assert.equal(await handler?.({ name: "world" }), "hello world!");
  });

  it("has an explicit runtime, architecture, timeout, memory, tracing and concurrency", () => {
    const { runtime, architectures, timeout, memorySize, tracingConfig, reservedConcurrentExecutions } =
      of("aws:lambda/function:Function");
    assert.deepEqual(
      { runtime, architectures, timeout, memorySize, tracingConfig, reservedConcurrentExecutions },
      {
        runtime: "nodejs22.x",
        architectures: ["arm64"],
        timeout: 30,
        memorySize: 256,
        tracingConfig: { mode: "Active" },
        reservedConcurrentExecutions: 1,
      },
    );
  });

  it("has a role with the statements given and its own logs, dead letters, key and traces; no managed policy", () => {
    const { Statement } = JSON.parse(String(of("aws:iam/rolePolicy:RolePolicy")["policy"])) as {
      Statement: { Action: string | string[] }[];
    };
    assert.deepEqual(
      Statement.map((s) => [s.Action].flat()[0]),
      ["sns:Publish", "logs:CreateLogStream", "sqs:SendMessage", "kms:Decrypt", "xray:PutTraceSegments"],
    );
    assert.ok(!registered.some((r) => r.type === "aws:iam/rolePolicyAttachment:RolePolicyAttachment"));
  });

  it("has an encrypted dead-letter queue with an alarm, and encrypted logs with a retention", () => {
    assert.equal(of("aws:sqs/queue:Queue")["kmsMasterKeyId"], "arn:key");
    assert.deepEqual(of("aws:cloudwatch/metricAlarm:MetricAlarm")["alarmActions"], ["arn:topic"]);
    const { retentionInDays, kmsKeyId } = of("aws:cloudwatch/logGroup:LogGroup");
    assert.deepEqual({ retentionInDays, kmsKeyId }, { retentionInDays: 30, kmsKeyId: "arn:key" });
  });
});
