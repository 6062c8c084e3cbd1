import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EC2Client } from "@aws-sdk/client-ec2";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { OutpostsClient } from "@aws-sdk/client-outposts";
import { SNSClient } from "@aws-sdk/client-sns";
import { clientConfig } from "../common/clientConfig";

/** The clients of the relaunch callbacks, made once for each execution environment. */
export function relaunchClients() {
  return {
    ec2: new EC2Client(clientConfig()),
    loadBalancing: new ElasticLoadBalancingV2Client(clientConfig()),
    outposts: new OutpostsClient(clientConfig()),
    cloudWatch: new CloudWatchClient(clientConfig()),
    dynamoDb: new DynamoDBClient(clientConfig()),
    sns: new SNSClient(clientConfig()),
  };
}

export type RelaunchClients = ReturnType<typeof relaunchClients>;
