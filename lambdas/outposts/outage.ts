import { DynamoDBClient, QueryCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { RelaunchSettings } from "./settings";

/** What is being done about an outage of the source. */
export interface Outage {
  /** The moment at which the source's alarm went off, ISO 8601: two outages never share it, duplicates always do. */
  readonly id: string;
  /** `relaunching`: a run is at it, or has died at it; `relaunched`: done, and told; `over`: the source is back. */
  readonly phase: "relaunching" | "relaunched" | "over";
  /** Until when a run that is at it keeps others away, seconds since 1970. */
  readonly leaseUntil: number;
}

/** Seconds after which a run that no longer renews its lease is taken for dead. */
const LEASE_SECONDS = 60;
const SUBJECT = "outage";

const key = (settings: RelaunchSettings) => ({ system: { S: settings.system }, subject: { S: SUBJECT } });
const seconds = (at: Date) => Math.floor(at.getTime() / 1000);

/** The last outage that was acted upon, if any. */
export async function readOutage(settings: RelaunchSettings, dynamoDb: DynamoDBClient): Promise<Outage | undefined> {
  const { Items = [] } = await dynamoDb.send(
    new QueryCommand({
      TableName: settings.stateTable,
      ConsistentRead: true,
      KeyConditionExpression: "#system = :system AND #subject = :subject",
      ExpressionAttributeNames: { "#system": "system", "#subject": "subject" },
      ExpressionAttributeValues: { ":system": { S: settings.system }, ":subject": { S: SUBJECT } },
    }),
  );
  const [item] = Items;
  return (
    item && {
      id: item["outage"]?.S ?? "",
      phase: (item["phase"]?.S ?? "over") as Outage["phase"],
      leaseUntil: Number(item["leaseUntil"]?.N ?? 0),
    }
  );
}

/**
 * Takes the lock for an outage: it must be newer than the last one, or the last one and left unfinished by a run that
 * has died. So a duplicate or late event gets nothing, and a second outage always does.
 */
export async function claimOutage(
  id: string,
  settings: RelaunchSettings,
  dynamoDb: DynamoDBClient,
  now: Date,
): Promise<boolean> {
  try {
    await dynamoDb.send(
      new UpdateItemCommand({
        TableName: settings.stateTable,
        Key: key(settings),
        UpdateExpression: "SET outage = :id, phase = :relaunching, leaseUntil = :until",
        ConditionExpression:
          "attribute_not_exists(outage) OR outage < :id OR " +
          "(outage = :id AND phase = :relaunching AND leaseUntil < :now)",
        ExpressionAttributeValues: {
          ":id": { S: id },
          ":relaunching": { S: "relaunching" },
          ":now": { N: String(seconds(now)) },
          ":until": { N: String(seconds(now) + LEASE_SECONDS) },
        },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === "ConditionalCheckFailedException") {
      return false;
    }
    throw error;
  }
}

/** Renews the lease of the run that is at it. */
export function renewLease(settings: RelaunchSettings, dynamoDb: DynamoDBClient): Promise<unknown> {
  return setLease(settings, dynamoDb, seconds(new Date()) + LEASE_SECONDS);
}

/** Gives the lock up unfinished, so that the next run can take it at once. */
export function releaseLease(settings: RelaunchSettings, dynamoDb: DynamoDBClient): Promise<unknown> {
  return setLease(settings, dynamoDb, 0);
}

function setLease(settings: RelaunchSettings, dynamoDb: DynamoDBClient, until: number): Promise<unknown> {
  return dynamoDb.send(
    new UpdateItemCommand({
      TableName: settings.stateTable,
      Key: key(settings),
      UpdateExpression: "SET leaseUntil = :until",
      ExpressionAttributeValues: { ":until": { N: String(until) } },
    }),
  );
}

/** Notes how far things are with an outage, unless a newer one has begun meanwhile. */
export async function setPhase(
  id: string,
  phase: Outage["phase"],
  settings: RelaunchSettings,
  dynamoDb: DynamoDBClient,
): Promise<void> {
  await dynamoDb.send(
    new UpdateItemCommand({
      TableName: settings.stateTable,
      Key: key(settings),
      UpdateExpression: "SET phase = :phase, leaseUntil = :none",
      ConditionExpression: "outage = :id",
      ExpressionAttributeValues: { ":id": { S: id }, ":phase": { S: phase }, ":none": { N: "0" } },
    }),
  );
}
