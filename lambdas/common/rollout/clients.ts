import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import { clientConfig } from "../clientConfig";

/** The clients of the rollout, made once for each execution environment. */
export function rolloutClients() {
  return {
    autoScaling: new AutoScalingClient(clientConfig()),
    cloudWatch: new CloudWatchClient(clientConfig()),
    pause: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
  };
}

/** The clients of what tells people of refreshes. */
export function refreshesClients() {
  return {
    autoScaling: new AutoScalingClient(clientConfig()),
    dynamoDb: new DynamoDBClient(clientConfig()),
    sns: new SNSClient(clientConfig()),
  };
}

export type RolloutClients = ReturnType<typeof rolloutClients>;
export type RefreshesClients = ReturnType<typeof refreshesClients>;
