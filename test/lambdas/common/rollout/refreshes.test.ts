import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import assert from "node:assert/strict";
import { RefreshesClients } from "../../../../lambdas/common/rollout/clients";
import { tellRefreshes } from "../../../../lambdas/common/rollout/refreshes";
import { RefreshesSettings } from "../../../../lambdas/common/rollout/settings";
import { FakeTable, TableRequest } from "../fakeTable";
import { FakeAutoScaling } from "./fakeAutoScaling";

const SETTINGS: RefreshesSettings = {
  ...{ of: "shop", runbook: "docs/runbooks/web.md", groupName: "shop-group", stateTable: "state" },
  ...{ system: "web/shop", topicArn: "arn:topic" },
};

describe("what people are told of refreshes", () => {
  let aws: FakeAutoScaling;
  let table: FakeTable;
  let told: { subject: string; body: string }[];
  /** How many messages SNS refuses. */
  let refused: number;
  beforeEach(() => {
    aws = new FakeAutoScaling();
    table = new FakeTable();
    told = [];
    refused = 0;
  });
  afterEach(() => aws.restore());

  const run = (event?: unknown): Promise<string[]> => {
    const send = async (command: { input: object }) => {
      await Promise.resolve();
      if (command instanceof PublishCommand) {
        if (refused-- > 0) {
          throw new Error("SNS is out");
        }
        const { Subject = "", Message = "" } = command.input;
        return told.push({ subject: Subject, body: Message });
      }
      const input = command.input as TableRequest;
      return command instanceof QueryCommand ? table.query(input) : table.update(input);
    };
    // A query's pages are read by a paginator, which insists on a client of its own kind.
    const dynamoDb = Object.assign(new DynamoDBClient({}), { send });
    const clients = { autoScaling: new AutoScalingClient({}), dynamoDb, sns: { send } as unknown as SNSClient };
    return tellRefreshes(event, SETTINGS, clients as unknown as RefreshesClients);
  };
  const becomes = (status: string, reason?: string) =>
    Object.assign(aws.refreshes[0] ?? {}, { Status: status, StatusReason: reason });

  it("is nothing while one is under way, and once how it ended, whatever event there was", async () => {
    aws.add("InProgress", "2");
    await run({ "detail-type": "EC2 Auto Scaling Instance Refresh Failed" });
    assert.equal(told.length, 0);
    becomes("Successful");
    for (const event of [undefined, {}, { detail: null }, "?"]) {
      await run(event);
    }
    assert.deepEqual(
      told.map((message) => message.subject),
      ["shop: version 2 is rolled out"],
    );
  });

  it("is that a version is bad, and then that it is taken back, with Auto Scaling's reason", async () => {
    aws.add("InProgress", "2");
    for (const status of ["RollbackInProgress", "RollbackSuccessful"]) {
      becomes(status, "the alarm shop-alarms-unhealthy went off");
      await run();
    }
    assert.deepEqual(
      told.map((message) => message.subject),
      ["shop: version 2 is bad: going back", "shop: version 2 was bad, and is taken back"],
    );
    assert.match(told[0]?.body ?? "", /Auto Scaling says: the alarm shop-alarms-unhealthy went off/);
  });

  it("is every ending, with the runbook where somebody has to look", async () => {
    for (const status of ["Failed", "Cancelled", "RollbackFailed"]) {
      aws.add(status, "2");
    }
    await run();
    assert.equal(told.length, 3);
    for (const message of told.filter((m) => /could not/.test(m.subject))) {
      assert.match(message.body, /docs\/runbooks\/web\.md/, message.subject);
    }
  });

  it("is told by the next run if SNS didn't take it", async () => {
    aws.add("RollbackFailed", "2");
    refused = 1;
    await assert.rejects(run(), /SNS is out/);
    await run();
    assert.equal(told.length, 1);
  });

  it("says of a refresh without a version that it brings the group's own", async () => {
    aws.add("Successful", "2");
    delete aws.refreshes[0]?.DesiredConfiguration;
    await run();
    assert.match(told[0]?.subject ?? "", /^shop: the group's own version is rolled out$/);
  });
});
