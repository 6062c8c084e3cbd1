import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { Clients } from "../local/clients";

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
