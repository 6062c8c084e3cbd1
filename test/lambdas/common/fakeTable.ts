/** An attribute, a string or a number. */
interface Value {
  readonly S?: string;
  readonly N?: string;
}
type Item = Record<string, Value>;

/** What DynamoDB is asked. */
export interface TableRequest {
  readonly Key?: Item;
  readonly UpdateExpression?: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Item;
  readonly ReturnValues?: "ALL_NEW" | "ALL_OLD";
}

/** A DynamoDB table in memory: as much of its expressions as handlers use, and an error for anything else. */
export class FakeTable {
  private readonly items = new Map<string, Item>();

  /** The items of one partition, or one of them. */
  query({ ExpressionAttributeValues: values = {} }: TableRequest): { Items: Item[] } {
    const [system, subject] = [values[":system"]?.S, values[":subject"]?.S];
    const matches = (i: Item) => i["system"]?.S === system && (subject === undefined || i["subject"]?.S === subject);
    return { Items: [...this.items.values()].filter(matches) };
  }

  update({ Key = {}, UpdateExpression = "", ConditionExpression, ReturnValues, ...names }: TableRequest): {
    Attributes: Item | undefined;
  } {
    const key = JSON.stringify(Key);
    const old = this.items.get(key);
    const item = new Map(Object.entries({ ...Key, ...old }));
    const { ExpressionAttributeNames: aliases = {}, ExpressionAttributeValues: values = {} } = names;
    const nameOf = (word: string) => aliases[word] ?? word;
    const valueOf = (word: string) => (word.startsWith(":") ? values[word] : old?.[nameOf(word)]);
    if (ConditionExpression !== undefined && !holds(ConditionExpression, valueOf)) {
      const error = new Error("The conditional request failed");
      throw Object.assign(error, { name: "ConditionalCheckFailedException", $metadata: META, Item: old });
    }
    for (const [, verb, list = ""] of UpdateExpression.matchAll(/(SET|REMOVE) (.*?)(?= SET | REMOVE |$)/g)) {
      for (const clause of list.split(/,\s*(?![^(]*\))/)) {
        const [, name = "", otherwise, value = ""] =
          /^\s*([#\w]+)(?:\s*=\s*(?:if_not_exists\(([#\w]+),\s*)?([:#\w]+)\)?)?\s*$/.exec(clause) ?? [];
        if (name === "") {
          throw new Error(`the fake doesn't understand ${clause}`);
        }
        const given = (otherwise === undefined ? undefined : valueOf(otherwise)) ?? valueOf(value);
        if (verb === "REMOVE" || given === undefined) {
          item.delete(nameOf(name));
        } else {
          item.set(nameOf(name), given);
        }
      }
    }
    const written = Object.fromEntries(item);
    this.items.set(key, written);
    return { Attributes: ReturnValues === "ALL_OLD" ? old : written };
  }
}

const META = { httpStatusCode: 400 };

/** Evaluates a condition: comparisons, attribute_exists and attribute_not_exists, AND, OR and parentheses. */
function holds(condition: string, valueOf: (word: string) => Value | undefined): boolean {
  const tokens = condition.match(/[:#]?\w+|<>|<=|>=|[()=<]/g) ?? [];
  let at = 0;
  const result = either();
  if (at !== tokens.length) {
    throw new Error(`the fake doesn't understand ${condition}`);
  }
  return result;

  function either(): boolean {
    let value = both();
    while (tokens[at] === "OR") {
      at++;
      value = both() || value;
    }
    return value;
  }
  function both(): boolean {
    let value = one();
    while (tokens[at] === "AND") {
      at++;
      value = one() && value;
    }
    return value;
  }
  function one(): boolean {
    if (tokens[at] === "(") {
      at++;
      const value = either();
      at++;
      return value;
    }
    const word = tokens[at++] ?? "";
    if (word === "attribute_not_exists" || word === "attribute_exists") {
      const exists = valueOf(tokens[at + 1] ?? "") !== undefined;
      at += 3;
      return exists === (word === "attribute_exists");
    }
    const operator = tokens[at++];
    const [left, right] = [valueOf(word), valueOf(tokens[at++] ?? "")];
    if (left === undefined || right === undefined) {
      // As in DynamoDB: what is not there equals nothing, and differs from everything.
      return operator === "<>";
    }
    const [a, b] = [left, right].map((v) => (v.N === undefined ? (v.S ?? "") : Number(v.N))) as [string, string];
    switch (operator) {
      case "=":
        return a === b;
      case "<>":
        return a !== b;
      case "<":
        return a < b;
      default:
        throw new Error(`the fake doesn't know ${operator}`);
    }
  }
}
