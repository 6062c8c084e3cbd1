import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import { clientConfig } from "../common/clientConfig";

/** The clients of the callback that tells of events, made once for each execution environment. */
export function storeEventClients() {
  return { dynamoDb: new DynamoDBClient(clientConfig()), sns: new SNSClient(clientConfig()) };
}

export type StoreEventClients = ReturnType<typeof storeEventClients>;
