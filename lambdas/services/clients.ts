import { ApplicationAutoScalingClient } from "@aws-sdk/client-application-auto-scaling";
import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ECSClient } from "@aws-sdk/client-ecs";
import { SNSClient } from "@aws-sdk/client-sns";
import { clientConfig } from "../common/clientConfig";

/** The clients of the care of hosts, made once for each execution environment. */
export function hostsClients() {
  return {
    autoScaling: new AutoScalingClient(clientConfig()),
    dynamoDb: new DynamoDBClient(clientConfig()),
    ecs: new ECSClient(clientConfig()),
    sns: new SNSClient(clientConfig()),
    now: () => new Date(),
  };
}

/** The clients of the care of deployments. */
export function deploymentsClients() {
  return {
    dynamoDb: new DynamoDBClient(clientConfig()),
    ecs: new ECSClient(clientConfig()),
    sns: new SNSClient(clientConfig()),
    now: () => new Date(),
  };
}

/** The clients of what lights a pilot light. */
export function lightClients() {
  return {
    applicationAutoScaling: new ApplicationAutoScalingClient(clientConfig()),
    ecs: new ECSClient(clientConfig()),
  };
}

export type HostsClients = ReturnType<typeof hostsClients>;
export type DeploymentsClients = ReturnType<typeof deploymentsClients>;
export type LightClients = ReturnType<typeof lightClients>;
