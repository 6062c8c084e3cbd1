import {
  AttributeValue,
  DynamoDBClient,
  GetItemCommand,
  TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { groupSystemOf, RestartSettings, systemOf } from "./settings";

/** The last restart of an instance: sort key `restart` in its partition of the state table. */
export interface RestartLock {
  readonly outage: string;
  readonly execution: string;
  /** When EC2 was asked, ISO 8601. */
  readonly at: string;
  /** Whether EC2 has confirmed it: until then nobody knows whether it was restarted. */
  readonly confirmed: boolean;
}

/** Who restarts whom in a group: sort key `restarting` in its partition of the state table. */
export interface GroupLock {
  /** Execution that has restarted a member last, by the member's name. */
  readonly executions: Readonly<Record<string, string>>;
  /** Counts the writes, so that two that decide at once don't both get their way. */
  readonly version: number;
}

/** Seconds that a lock is kept after the cooldown: as long as EventBridge may keep an event, so that a late one is known. */
const KEPT_SECONDS = 24 * 3600;

const lockKey = (target: string) => ({ system: { S: systemOf(target) }, subject: { S: "restart" } });
const groupKey = (group: string) => ({ system: { S: groupSystemOf(group) }, subject: { S: "restarting" } });

/** The last restart of an instance, if any is remembered. */
export async function readLock(
  target: string,
  settings: RestartSettings,
  dynamoDb: DynamoDBClient,
): Promise<RestartLock | undefined> {
  const item = await readItem(settings.stateTable, lockKey(target), dynamoDb);
  const [outage, execution, at] = [item?.["outage"]?.S, item?.["execution"]?.S, item?.["restartedAt"]?.S];
  const confirmed = item?.["confirmed"]?.BOOL === true;
  return outage === undefined || execution === undefined || at === undefined
    ? undefined
    : { outage, execution, at, confirmed };
}

/** Who restarts whom in the instance's group. */
export async function readGroupLock(settings: RestartSettings, dynamoDb: DynamoDBClient): Promise<GroupLock> {
  const item = settings.group && (await readItem(settings.stateTable, groupKey(settings.group.name), dynamoDb));
  return {
    executions: Object.fromEntries(Object.entries(item?.["executions"]?.M ?? {}).map(([name, e]) => [name, e.S ?? ""])),
    version: Number(item?.["version"]?.N ?? 0),
  };
}

async function readItem(
  TableName: string,
  Key: Record<string, AttributeValue>,
  dynamoDb: DynamoDBClient,
): Promise<Record<string, AttributeValue> | undefined> {
  return (await dynamoDb.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))).Item;
}

/**
 * Takes the instance's lock and its place in the group, both or neither, if they are still as they were read.
 * @returns whether it did.
 */
export async function takeLocks(
  target: string,
  taken: RestartLock,
  seen: { readonly lock: RestartLock | undefined; readonly group: GroupLock },
  settings: RestartSettings,
  dynamoDb: DynamoDBClient,
): Promise<boolean> {
  const writes = [
    lockWrite(target, taken, seen.lock, settings),
    ...(settings.group ? [groupWrite(target, settings.group.name, taken.execution, seen.group, settings)] : []),
  ];
  try {
    await dynamoDb.send(new TransactWriteItemsCommand({ TransactItems: writes }));
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === "TransactionCanceledException") {
      return false;
    }
    throw error;
  }
}

function lockWrite(
  target: string,
  taken: RestartLock,
  seen: RestartLock | undefined,
  settings: RestartSettings,
): TransactWriteItem {
  const seconds = Math.floor(Date.parse(taken.at) / 1000) + settings.cooldownMinutes * 60 + KEPT_SECONDS;
  return {
    Update: {
      TableName: settings.stateTable,
      Key: lockKey(target),
      UpdateExpression:
        "SET outage = :outage, execution = :execution, restartedAt = :at, confirmed = :confirmed, expiresAt = :expires",
      ConditionExpression: seen === undefined ? "attribute_not_exists(execution)" : "execution = :seen",
      ExpressionAttributeValues: {
        ...lockValues(taken),
        ":expires": { N: String(seconds) },
        ...(seen === undefined ? {} : { ":seen": { S: seen.execution } }),
      },
    },
  };
}

const lockValues = ({ outage, execution, at, confirmed }: RestartLock) => ({
  ":confirmed": { BOOL: confirmed },
  ":outage": { S: outage },
  ":execution": { S: execution },
  ":at": { S: at },
});

function groupWrite(
  target: string,
  group: string,
  execution: string,
  seen: GroupLock,
  settings: RestartSettings,
): TransactWriteItem {
  const executions = Object.entries({ ...seen.executions, [target]: execution });
  return {
    Update: {
      TableName: settings.stateTable,
      Key: groupKey(group),
      UpdateExpression: "SET executions = :executions, version = :next",
      ConditionExpression: "attribute_not_exists(version) OR version = :seen",
      ExpressionAttributeValues: {
        ":executions": { M: Object.fromEntries(executions.map(([name, S]) => [name, { S }])) },
        ":next": { N: String(seen.version + 1) },
        ":seen": { N: String(seen.version) },
      },
    },
  };
}

/** Notes that EC2 has confirmed the restart. */
export async function confirm(
  target: string,
  taken: RestartLock,
  settings: RestartSettings,
  dynamoDb: DynamoDBClient,
): Promise<void> {
  await updateOwn(target, taken, "SET confirmed = :yes", { ":yes": { BOOL: true } }, settings, dynamoDb);
}

/** Gives the instance's lock back after EC2 has refused the restart: what was there before is there again. */
export async function giveBack(
  target: string,
  taken: RestartLock,
  before: RestartLock | undefined,
  settings: RestartSettings,
  dynamoDb: DynamoDBClient,
): Promise<void> {
  const [expression, values] =
    before === undefined
      ? (["REMOVE outage, execution, restartedAt, confirmed, expiresAt", {}] as const)
      : ([
          "SET outage = :outage, execution = :execution, restartedAt = :at, confirmed = :confirmed",
          lockValues(before),
        ] as const);
  await updateOwn(target, taken, expression, values, settings, dynamoDb);
}

/** Changes the lock if it is still this execution's; else an attempt whose answer was lost has, and all is done. */
async function updateOwn(
  target: string,
  taken: RestartLock,
  UpdateExpression: string,
  values: Record<string, AttributeValue>,
  settings: RestartSettings,
  dynamoDb: DynamoDBClient,
): Promise<void> {
  try {
    await dynamoDb.send(
      new UpdateItemCommand({
        TableName: settings.stateTable,
        Key: lockKey(target),
        UpdateExpression,
        ConditionExpression: "execution = :taken",
        ExpressionAttributeValues: { ":taken": { S: taken.execution }, ...values },
      }),
    );
  } catch (error) {
    if (!(error instanceof Error && error.name === "ConditionalCheckFailedException")) {
      throw error;
    }
  }
}
