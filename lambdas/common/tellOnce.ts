import { AttributeValue, DynamoDBClient, UpdateItemCommand, UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import { randomUUID } from "crypto";

/** What is told: a subject's state. */
export interface Tellable {
  /** Sort key of the state table. */
  readonly subject: string;
  readonly state: string;
}

/** Where it is remembered that it was. */
export interface Memory {
  /** Name of the DynamoDB state table. */
  readonly stateTable: string;
  /** Partition of the state table. */
  readonly system: string;
}

/**
 * Seconds for which a run that is telling keeps others from telling the same: longer than claiming, publishing and
 * recording take with all attempts of the SDK, and no longer than the minute after which Lambda and the schedules run
 * a handler again, so that a claim whose run has died never outlasts the retries.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
const CLAIM_SECONDS = 55;

/** What became of telling something once. */
export type Telling = "told" | "told before" | "being told";

/**
 * Tells a change of state once: claims it by a conditional write, publishes it, and records it. The claim carries the
 * run's identity. So a write whose answer was lost, and which the SDK then repeats, recognises itself, and a run that
 * was overtaken by a newer state touches nothing of the newer one's. A failed publication gives the claim back, so that
 * the next attempt may tell at once. What AWS has published without answering is told again: nobody can know.
 * @param run who tells: the same for all attempts that may take up where an earlier one died, e.g. an execution's ARN.
 *   @default one that stands for this call alone
 * @returns `told` if this call did, `told before` if it was recorded, `being told` if another run holds the claim (or
 * has died with it).
 */
export async function tellOnce(
  { subject, state }: Tellable,
  publish: () => Promise<unknown>,
  { stateTable, system }: Memory,
  dynamoDb: DynamoDBClient,
  now: Date,
  run: string = randomUUID(),
): Promise<Telling> {
  const claim = { subject, state, stateTable, system, run, dynamoDb };
  const refused = await take(claim, now);
  if (refused !== undefined) {
    return refused;
  }
  try {
    await publish();
  } catch (error) {
    await giveBack(claim);
    throw error;
  }
  await record(claim, now);
  return "told";
}

interface Claim extends Tellable, Memory {
  readonly run: string;
  readonly dynamoDb: DynamoDBClient;
}

/** @returns why the claim could not be taken; `undefined` if it was. */
async function take(claim: Claim, now: Date): Promise<Exclude<Telling, "told"> | undefined> {
  const seconds = Math.floor(now.getTime() / 1000);
  const item = await update(claim, {
    UpdateExpression: "SET claimed = :state, claimedBy = :run, claimedUntil = :until",
    // Not told meanwhile by another run, nor being told by one right now.
    ConditionExpression:
      "(attribute_not_exists(told) OR told <> :state) AND " +
      "(attribute_not_exists(claimedUntil) OR claimedUntil < :now OR claimed <> :state OR claimedBy = :run)",
    ExpressionAttributeValues: {
      ":state": { S: claim.state },
      ":run": { S: claim.run },
      ":now": { N: String(seconds) },
      ":until": { N: String(seconds + CLAIM_SECONDS) },
    },
  });
  return item && (item["told"]?.S === claim.state ? "told before" : "being told");
}

/**
 * Only what is still this run's: somebody else may have taken it over. What was to be told stays on record: people may know
 * it, since a publication can fail on its way back.
 */
async function giveBack(claim: Claim): Promise<void> {
  await update(claim, {
    UpdateExpression: "REMOVE claimedBy, claimedUntil",
    ConditionExpression: "claimedBy = :run",
    ExpressionAttributeValues: { ":run": { S: claim.run } },
  });
}

/** Unless a newer state has been claimed or told since: that is what people know last. */
async function record(claim: Claim, now: Date): Promise<void> {
  await update(claim, {
    UpdateExpression: "SET told = :state, since = :since REMOVE claimed, claimedBy, claimedUntil",
    ConditionExpression: "claimedBy = :run",
    ExpressionAttributeValues: {
      ":run": { S: claim.run },
      ":state": { S: claim.state },
      ":since": { S: now.toISOString() },
    },
  });
}

/** @returns the item that did not meet the condition; `undefined` if it was written. */
async function update(
  { stateTable, system, subject, dynamoDb }: Claim,
  expressions: Pick<UpdateItemCommandInput, "UpdateExpression" | "ConditionExpression" | "ExpressionAttributeValues">,
): Promise<Record<string, AttributeValue> | undefined> {
  try {
    await dynamoDb.send(
      new UpdateItemCommand({
        TableName: stateTable,
        Key: { system: { S: system }, subject: { S: subject } },
        ...expressions,
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    );
    return undefined;
  } catch (error) {
    if (error instanceof Error && error.name === "ConditionalCheckFailedException") {
      return (error as { Item?: Record<string, AttributeValue> }).Item ?? {};
    }
    throw error;
  }
}
