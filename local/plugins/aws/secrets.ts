import { Props } from "./record";

/** How the engine marks a secret on its way to a provider that says it knows secrets, as the SDK's provider server does. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

const isObject = (value: unknown): value is Props => typeof value === "object" && value !== null;
const isSecret = (value: unknown): value is Props => isObject(value) && value[SIGNATURE] === SECRET;

/** Properties with their secrets as AWS needs them. */
export function reveal<T>(value: T): T {
  if (isSecret(value)) {
    return reveal(value["value"]);
  }
  if (Array.isArray(value)) {
    return value.map(reveal) as T;
  }
  return isPlain(value)
    ? (Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, reveal(inner)])) as T)
    : value;
}

/** What came from JSON, and no asset or archive, which is an object of a class. */
const isPlain = (value: unknown): value is Props =>
  isObject(value) && Object.getPrototypeOf(value) === Object.prototype;

const holdsSecret = (value: unknown): boolean =>
  isSecret(value) || (isObject(value) && Object.values(value).some(holdsSecret));

/** What is put out, with those properties marked that were given with a secret: the engine encrypts them in the state. */
export function hide(outs: Props, given: Props): Props {
  return Object.fromEntries(
    Object.entries(outs).map(([key, value]) => [key, holdsSecret(given[key]) ? { [SIGNATURE]: SECRET, value } : value]),
  );
}
