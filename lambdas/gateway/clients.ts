import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EC2Client } from "@aws-sdk/client-ec2";
import { SNSClient } from "@aws-sdk/client-sns";
import { clientConfig } from "../common/clientConfig";
import { GatewayClients } from "./reconcile";

/** The clients of the gateway's callbacks, made once for each execution environment. */
export function gatewayClients(): GatewayClients {
  return {
    ec2: new EC2Client(clientConfig()),
    autoScaling: new AutoScalingClient(clientConfig()),
    dynamoDb: new DynamoDBClient(clientConfig()),
    sns: new SNSClient(clientConfig()),
    cloudWatch: new CloudWatchClient(clientConfig()),
  };
}
