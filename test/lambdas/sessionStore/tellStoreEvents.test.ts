import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import assert from "node:assert/strict";
import { eventsOf, messageOf } from "../../../lambdas/sessionStore/storeEvent";
import { tellStoreEvents } from "../../../lambdas/sessionStore/tellStoreEvents";
import { FakeTable, TableRequest } from "../common/fakeTable";

const SETTINGS = { stateTable: "state", system: "sessionStore", topicArn: "arn:topic" };
const FAILOVER = JSON.stringify({ "ElastiCache:FailoverComplete": "sessions-001" });

/** People's topic and a state table, of which the first calls fail. */
function world({ publishFails = 0 } = {}) {
  const table = new FakeTable();
  const told: { TopicArn: string; Subject: string; Message: string }[] = [];
  const dynamoDb = { send: ({ input }: { input: TableRequest }) => Promise.resolve().then(() => table.update(input)) };
  const sns = {
    send: ({ input }: { input: (typeof told)[number] }) => {
      if (publishFails-- > 0) {
        return Promise.reject(new Error("InternalError"));
      }
      told.push(input);
      return Promise.resolve();
    },
  };
  const clients = { dynamoDb: dynamoDb as unknown as DynamoDBClient, sns: sns as unknown as SNSClient };
  return {
    told,
    deliver: (...messages: [id: string, message: string][]) =>
      tellStoreEvents(
        { Records: messages.map(([MessageId, Message]) => ({ Sns: { MessageId, Message } })) },
        SETTINGS,
        clients,
      ),
  };
}

describe("what ElastiCache reports of session stores", () => {
  it("is told: a failover once, though SNS delivers it twice, and the next one again", async () => {
    const { told, deliver } = world();
    await deliver(["m-1", FAILOVER]);
    await deliver(["m-1", FAILOVER]);
    assert.deepEqual(
      told.map((t) => [t.TopicArn, t.Subject]),
      [["arn:topic", "Session store sessions-001: failover complete"]],
    );
    assert.match(told[0]?.Message ?? "", /A replica has taken over .*docs\/runbooks\/session-store\.md/s);
    await deliver(["m-2", FAILOVER]);
    assert.equal(told.length, 2);
  });
  it("is told by the repeated run if the first could not", async () => {
    const { told, deliver } = world({ publishFails: 1 });
    await assert.rejects(deliver(["m-1", FAILOVER]));
    await deliver(["m-1", FAILOVER]);
    assert.equal(told.length, 1);
  });
  it("is told of all records, though one fails", async () => {
    const { told, deliver } = world({ publishFails: 1 });
    const other = JSON.stringify({ "ElastiCache:CacheNodeReplaceStarted": "sessions-002" });
    await assert.rejects(deliver(["m-1", FAILOVER], ["m-2", other]));
    assert.equal(told.length, 1);
  });
  it("is not told of everyday work", async () => {
    const { told, deliver } = world();
    await deliver(["m-1", JSON.stringify({ "ElastiCache:SnapshotComplete": "sessions-002" })]);
    assert.deepEqual(told, []);
  });
  it("is told though nobody here knows the event, or can read it", () => {
    const subjects = ["ElastiCache:NodeIsTired : sessions-001", "all is lost\nbut hope", "7", "null", '{"a": 1}'].map(
      (message) => eventsOf(message).map((event) => messageOf(event)?.subject),
    );
    assert.deepEqual(subjects, [
      ["Session store sessions-001: node is tired"],
      ["Session store all is lost but hope: unknown event"],
      ["Session store 7: unknown event"],
      ["Session store null: unknown event"],
      ['Session store {"a": 1}: unknown event'],
    ]);
  });
});
