import { DynamoDBClient, GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import {
  DescribeInstancesCommand,
  DescribeInstanceStatusCommand,
  EC2Client,
  RebootInstancesCommand,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { DescribeExecutionCommand, SFNClient } from "@aws-sdk/client-sfn";
import { restart } from "../lambdas/recovery/restart";
import { groupSystemOf, RestartSettings } from "../lambdas/recovery/settings";
import { Clients } from "../local/endpoint/clients";
import { HANDLER_KEY } from "../local/emulators/emulators";
import { roundTrips } from "./roundTrips";
import { callsDuring, createState } from "./state";

const REGION = "us-east-1";
const EXECUTION = `arn:aws:states:${REGION}:123456789012:execution:bench:`;

/** Round trips in sequence until RebootInstances, by the handler and by one call after the other. */
export async function benchRestart(
  clients: Clients,
  members: number,
  latencyMs: number,
): Promise<{ own: number; plain: number }> {
  const settings = await buildGroup(clients, members);
  const make = <T>(Client: new (config: never) => T) => clients.make(Client as never, REGION, HANDLER_KEY) as T;
  const ec2 = make(EC2Client);
  const sfn = make(SFNClient);
  const dynamoDb = make(DynamoDBClient);
  const measure = async (run: () => Promise<unknown>) => {
    const calls = await callsDuring(clients, latencyMs, run);
    const reboot = calls.find((c) => c.action === "RebootInstances" && c.status === 200);
    if (reboot === undefined) {
      throw new Error("nothing was restarted");
    }
    // That it is then noted as confirmed delays nobody.
    return roundTrips(calls.filter((c) => c.start <= reboot.start));
  };
  const event = { target: "m0", outage: new Date().toISOString(), execution: `${EXECUTION}own`, waitedSeconds: 0 };
  const own = await measure(() => restart(event, settings, { ec2, rebootingEc2: ec2, sfn, dynamoDb }));
  const plain = await measure(async () => {
    // The plain way: look at the instance, the lock, and one member after the other; take the lock; restart.
    const ids = Object.values(settings.group?.members ?? {});
    const InstanceIds = ids.slice(0, 1);
    await ec2.send(new DescribeInstancesCommand({ InstanceIds }));
    const Key = { system: { S: "bench" }, subject: { S: "restart" } };
    await dynamoDb.send(new GetItemCommand({ TableName: settings.stateTable, Key }));
    for (const [i, id] of ids.slice(1).entries()) {
      await ec2.send(new DescribeInstanceStatusCommand({ InstanceIds: [id] }));
      await sfn.send(new DescribeExecutionCommand({ executionArn: `${EXECUTION}${i}` })).catch(() => undefined);
    }
    const UpdateExpression = "SET execution = :me";
    const values = { ":me": { S: "me" } };
    await dynamoDb.send(
      new UpdateItemCommand({
        TableName: settings.stateTable,
        Key,
        UpdateExpression,
        ExpressionAttributeValues: values,
      }),
    );
    await ec2.send(new RebootInstancesCommand({ InstanceIds }));
  });
  return { own, plain };
}

/** A group of running instances, each of which has been restarted before. */
async function buildGroup(clients: Clients, count: number): Promise<RestartSettings> {
  const ec2 = clients.make(EC2Client, REGION);
  const { Instances = [] } = await ec2.send(
    new RunInstancesCommand({ ImageId: "ami-12c6146b", MinCount: count, MaxCount: count }),
  );
  const members = Object.fromEntries(Instances.map((instance, i) => [`m${i}`, instance.InstanceId ?? ""]));
  const { name } = await createState(clients, REGION);
  const executions = Object.fromEntries(Object.keys(members).map((m, i) => [m, { S: `${EXECUTION}${i}` }]));
  await clients.make(DynamoDBClient, REGION).send(
    new UpdateItemCommand({
      TableName: name,
      Key: { system: { S: groupSystemOf(name) }, subject: { S: "restarting" } },
      UpdateExpression: "SET executions = :executions, version = :one",
      ExpressionAttributeValues: { ":executions": { M: executions }, ":one": { N: "1" } },
    }),
  );
  const target = { name: "m0", instanceId: members["m0"] ?? "", healthCheckId: "", url: "", urlTimeoutSeconds: 1 };
  return {
    targets: { m0: { ...target, ssh: { host: "", port: 22 }, group: name } },
    stateTable: name,
    cooldownMinutes: 60,
    maxWaitSeconds: 0,
    group: { name, members, minHealthyPercentage: 0 },
  };
}
