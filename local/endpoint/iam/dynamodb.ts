import { Asked, Operation, Question } from "./operation";

type AttributeValue = Readonly<Record<string, string>>;
type Item = Readonly<Record<string, AttributeValue>>;

/** The parts of requests that name items. */
interface Input {
  readonly TableName?: string;
  readonly Key?: Item;
  readonly Item?: Item;
  readonly KeyConditionExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Item;
}

const text = (value: AttributeValue | undefined) => Object.values(value ?? {})[0];

/** One table, and the partition keys of the items that are asked for. A scan has none, and so no condition key either. */
async function table({ facts, arn }: Asked, input: Input, action?: string): Promise<Question> {
  // A table may be named by its ARN.
  const name = input.TableName?.split("/").pop() ?? "";
  const key = await facts.partitionKey(name);
  const leading = text((input.Key ?? input.Item)?.[key]) ?? queried(input, key);
  return {
    resource: arn("dynamodb", `table/${name}`),
    ...(action === undefined ? {} : { action }),
    ...(leading === undefined ? {} : { context: { "dynamodb:LeadingKeys": [leading] } }),
  };
}

/** The value that a query wants of the partition key: `KEY = :value`, `#name = :value`. */
function queried(input: Input, key: string): string | undefined {
  const { KeyConditionExpression = "", ExpressionAttributeNames = {}, ExpressionAttributeValues = {} } = input;
  const equalities = [...KeyConditionExpression.matchAll(/([#\w.-]+)\s*=\s*(:\w+)/g)];
  const [, , value = ""] = equalities.find(([, name = ""]) => (ExpressionAttributeNames[name] ?? name) === key) ?? [];
  return text(ExpressionAttributeValues[value]);
}

const single: Operation = async (asked) => [await table(asked, asked.input as Input)];

/** A transaction asks for each of its items. */
const transaction: Operation = (asked) => {
  const { TransactItems = [] } = asked.input as { TransactItems?: readonly Readonly<Record<string, Input>>[] };
  return Promise.all(
    TransactItems.flatMap((item) =>
      Object.entries(item).map(([kind, input]) => {
        const action = kind === "ConditionCheck" ? "ConditionCheckItem" : `${kind}Item`;
        return table(asked, input, `dynamodb:${action}`);
      }),
    ),
  );
};

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html */
export const DYNAMODB: Readonly<Record<string, Operation>> = {
  DeleteItem: single,
  GetItem: single,
  PutItem: single,
  Query: single,
  Scan: single,
  TransactGetItems: transaction,
  TransactWriteItems: transaction,
  UpdateItem: single,
};
