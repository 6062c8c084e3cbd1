import { at } from "./mapping";
import { Call, Props, Read } from "./record";

/** Elastic Load Balancing's attributes by the paths of the properties that they are in Pulumi. */
export type Attributes = Readonly<Record<string, string>>;

const top = (path: string) => path.split(".")[0] as string;
const propertiesOf = (attributes: Attributes) => [...new Set(Object.keys(attributes).map(top))];

/** What makes a call set attributes; those that aren't given any more become what `without` says. */
export function setting(attributes: Attributes, without: Props): Pick<Call, "of" | "takes" | "with"> {
  const of = propertiesOf(attributes);
  return {
    of,
    takes: of,
    with: (p, _, olds) => ({
      Attributes: Object.entries(attributes).flatMap(([path, Key]) => {
        const value = at(p, path) ?? (at(olds, path) === undefined ? undefined : at(without, path));
        return value === undefined ? [] : [{ Key, Value: String(value) }];
      }),
    }),
  };
}

/** What makes a read find attributes again: those that the resource was given. */
export function reading(attributes: Attributes): Pick<Read, "of" | "also"> {
  return {
    of: [],
    also: (found: { Attributes?: { Key: string; Value: string }[] }, p) => {
      const values = new Map((found.Attributes ?? []).map(({ Key, Value }) => [Key, Value]));
      const now: Props = structuredClone(
        Object.fromEntries(propertiesOf(attributes).flatMap((name) => (name in p ? [[name, p[name]]] : []))),
      );
      for (const [path, key] of Object.entries(attributes).filter(([one]) => at(p, one) !== undefined)) {
        const holder = at(now, path.split(".").slice(0, -1).join("."));
        holder[path.split(".").pop() as string] = typed(values.get(key), at(p, path));
      }
      return now;
    },
  };
}

/** An attribute's text as the property was: a number, a truth value or a text. */
const typed = (text: string | undefined, was: unknown): unknown =>
  text === undefined
    ? undefined
    : typeof was === "number"
      ? Number(text)
      : typeof was === "boolean"
        ? text === "true"
        : text;
