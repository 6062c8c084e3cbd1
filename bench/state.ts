import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { Clients } from "../local/endpoint/clients";
import { HANDLER_KEY } from "../local/emulators/emulators";
import { Call } from "../local/endpoint/call";

/** A state table and a topic of one bench's own, of the same name. */
export async function createState(clients: Clients, region: string): Promise<{ name: string; topicArn: string }> {
  const name = `bench-${Date.now()}`;
  await clients.make(DynamoDBClient, region).send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: ["system", "subject"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      KeySchema: [
        { AttributeName: "system", KeyType: "HASH" },
        { AttributeName: "subject", KeyType: "RANGE" },
      ],
    }),
  );
  const { TopicArn = "" } = await clients.make(SNSClient, region).send(new CreateTopicCommand({ Name: name }));
  return { name, topicArn: TopicArn };
}

/** The calls that something makes under the deployed code's key, while each takes at least so long. */
export async function callsDuring(clients: Clients, latencyMs: number, run: () => Promise<unknown>): Promise<Call[]> {
  await clients.endpoint.set({ latency: { ms: latencyMs, caller: HANDLER_KEY } });
  await run();
  const calls = (await clients.endpoint.calls()).filter((c) => c.caller === HANDLER_KEY);
  await clients.endpoint.set({});
  return calls;
}
