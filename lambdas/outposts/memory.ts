import { DynamoDBClient, QueryCommand, UpdateItemCommand, UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import { RelaunchSettings } from "./settings";

/** What a direction remembers between runs, besides what people have been told. */
export interface Memory {
  /** What the client tokens of launches are made of, besides the instance's place. */
  readonly episode: string | undefined;
  /** When a run last began that may have launched something; milliseconds since 1970, 0 for never. */
  readonly launchedAt: number;
}

/**
 * Seconds for which a run has the lock: longer than Lambda lets it live (`RUN_SECONDS`), so that a run whose lock has run
 * out is dead, no two ever act at once, and nothing has to be renewed.
 */
const LOCK_SECONDS = 120;
/** Seconds after which Lambda ends a run. */
export const RUN_SECONDS = 90;
const SUBJECT = "run";

type Table = Pick<RelaunchSettings, "stateTable" | "system">;

/** What is remembered. */
export async function readMemory({ stateTable, system }: Table, dynamoDb: DynamoDBClient): Promise<Memory> {
  const { Items = [] } = await dynamoDb.send(
    new QueryCommand({
      TableName: stateTable,
      ConsistentRead: true,
      KeyConditionExpression: "#system = :system AND #subject = :subject",
      ExpressionAttributeNames: { "#system": "system", "#subject": "subject" },
      ExpressionAttributeValues: { ":system": { S: system }, ":subject": { S: SUBJECT } },
    }),
  );
  return memoryOf(Items[0]);
}

/**
 * Takes the lock for a run that is going to act; a run that has it already gets it again, so a repeated write recognises
 * itself. A run that may launch notes that beforehand, with the episode: the one that is going on, or else this outage.
 * @returns the episode, and when a run before this one may have launched something; `undefined` if another has the lock.
 */
export async function takeLock(
  run: string,
  outage: string | undefined,
  table: Table,
  dynamoDb: DynamoDBClient,
  now: Date,
): Promise<Memory | undefined> {
  const launching = outage === undefined ? "" : ", launchedAt = :at, episode = if_not_exists(episode, :outage)";
  try {
    const { Attributes } = await update(table, dynamoDb, {
      UpdateExpression: `SET claimedBy = :run, claimedUntil = :until${launching}`,
      ConditionExpression: "attribute_not_exists(claimedUntil) OR claimedUntil < :now OR claimedBy = :run",
      ExpressionAttributeValues: {
        ":run": { S: run },
        ":now": { N: seconds(now) },
        ":until": { N: seconds(now, LOCK_SECONDS) },
        ...(outage === undefined ? {} : { ":at": { N: String(now.getTime()) }, ":outage": { S: outage } }),
      },
      ReturnValues: "ALL_OLD",
    });
    const { episode = outage, launchedAt } = memoryOf(Attributes);
    return { episode, launchedAt };
  } catch (error) {
    if (isConditionFailed(error)) {
      return undefined;
    }
    throw error;
  }
}

/** Ends an episode: the client tokens of launches to come are others. Only for the run with the lock. */
export async function forgetEpisode(run: string, table: Table, dynamoDb: DynamoDBClient): Promise<void> {
  await update(table, dynamoDb, {
    UpdateExpression: "REMOVE episode",
    ConditionExpression: "claimedBy = :run",
    ExpressionAttributeValues: { ":run": { S: run } },
  });
}

/** Takes back that this run may have launched something: EC2 has said that it didn't. Only for the run with the lock. */
export async function changeLaunchedAt(
  launchedAt: number,
  run: string,
  table: Table,
  dynamoDb: DynamoDBClient,
): Promise<void> {
  await update(table, dynamoDb, {
    UpdateExpression: "SET launchedAt = :at",
    ConditionExpression: "claimedBy = :run",
    ExpressionAttributeValues: { ":run": { S: run }, ":at": { N: String(launchedAt) } },
  });
}

/** Gives the lock back, unless it is another run's by now. */
export async function releaseLock(run: string, table: Table, dynamoDb: DynamoDBClient): Promise<void> {
  try {
    await update(table, dynamoDb, {
      UpdateExpression: "REMOVE claimedBy, claimedUntil",
      ConditionExpression: "claimedBy = :run",
      ExpressionAttributeValues: { ":run": { S: run } },
    });
  } catch (error) {
    if (!isConditionFailed(error)) {
      throw error;
    }
  }
}

function update({ stateTable, system }: Table, dynamoDb: DynamoDBClient, input: Partial<UpdateItemCommandInput>) {
  const Key = { system: { S: system }, subject: { S: SUBJECT } };
  return dynamoDb.send(new UpdateItemCommand({ TableName: stateTable, Key, ...input }));
}

function memoryOf(item: Record<string, { S?: string; N?: string }> = {}): Memory {
  return { episode: item["episode"]?.S, launchedAt: Number(item["launchedAt"]?.N ?? 0) };
}

const seconds = (at: Date, later = 0) => String(Math.floor(at.getTime() / 1000) + later);

function isConditionFailed(error: unknown): boolean {
  return error instanceof Error && error.name === "ConditionalCheckFailedException";
}
