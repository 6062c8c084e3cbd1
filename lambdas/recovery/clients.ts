import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EC2Client } from "@aws-sdk/client-ec2";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SNSClient } from "@aws-sdk/client-sns";
import { clientConfig } from "../common/clientConfig";

/** The clients of the restart callback, made once for each execution environment. */
export function restartClients() {
  return {
    ec2: new EC2Client(clientConfig()),
    // One attempt: a restart whose answer is lost must not be asked for again.
    rebootingEc2: new EC2Client({ ...clientConfig(), maxAttempts: 1 }),
    sfn: new SFNClient(clientConfig()),
    dynamoDb: new DynamoDBClient(clientConfig()),
  };
}

/** The clients of the report and page callbacks. */
export function tellClients() {
  return {
    secrets: new SecretsManagerClient(clientConfig()),
    dynamoDb: new DynamoDBClient(clientConfig()),
    sns: new SNSClient(clientConfig()),
  };
}

export type RestartClients = ReturnType<typeof restartClients>;
export type TellClients = ReturnType<typeof tellClients>;
