import { DynamoDBClient, paginateQuery, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { HostsSettings } from "./settings";

type Memory = Pick<HostsSettings, "stateTable" | "system">;

/** Sort key of what is known of a host. */
export const subjectOf = (instanceId: string): string => `host/${instanceId}`;

/** Days after which a host is forgotten: instances' ids never come again. */
const DAYS = 30;

/** Since when hosts have been seen without contact to ECS, by instance, in milliseconds. ECS itself doesn't say. */
export async function readSilences(
  { stateTable, system }: Memory,
  client: DynamoDBClient,
): Promise<Map<string, number>> {
  const silences = new Map<string, number>();
  const pages = paginateQuery(
    { client },
    {
      TableName: stateTable,
      ConsistentRead: true,
      KeyConditionExpression: "#system = :system",
      ExpressionAttributeNames: { "#system": "system" },
      ExpressionAttributeValues: { ":system": { S: system } },
    },
  );
  for await (const { Items = [] } of pages) {
    for (const { subject, silentSince } of Items) {
      if (silentSince?.S !== undefined) {
        silences.set(subject?.S?.replace(/^host\//, "") ?? "", Date.parse(silentSince.S));
      }
    }
  }
  return silences;
}

/** Notes that a host is silent, unless that has been noted. */
export async function noteSilence(
  instanceId: string,
  now: Date,
  memory: Memory,
  client: DynamoDBClient,
): Promise<void> {
  await update(instanceId, memory, client, {
    UpdateExpression: "SET silentSince = if_not_exists(silentSince, :now), expiresAt = :end",
    ExpressionAttributeValues: {
      ":now": { S: now.toISOString() },
      ":end": { N: String(Math.floor(now.getTime() / 1000) + DAYS * 24 * 3600) },
    },
  });
}

/** Forgets that a host has been silent. */
export async function forgetSilence(instanceId: string, memory: Memory, client: DynamoDBClient): Promise<void> {
  await update(instanceId, memory, client, { UpdateExpression: "REMOVE silentSince" });
}

async function update(
  instanceId: string,
  { stateTable, system }: Memory,
  client: DynamoDBClient,
  expression: Pick<UpdateItemCommand["input"], "UpdateExpression" | "ExpressionAttributeValues">,
): Promise<void> {
  const Key = { system: { S: system }, subject: { S: subjectOf(instanceId) } };
  await client.send(new UpdateItemCommand({ TableName: stateTable, Key, ...expression }));
}
