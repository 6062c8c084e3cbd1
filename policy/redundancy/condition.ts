import { at, read, UNKNOWN } from "../core/unknown";
import { Condition } from "./record";

/** Whether a condition holds: `undefined` if the property can't be known before the update. */
export function holds(props: Readonly<Record<string, unknown>>, condition: Condition): boolean | undefined {
  const value = valueOf(props, condition);
  if (condition.given !== undefined) {
    return (value !== undefined) === condition.given;
  }
  if (value === UNKNOWN) {
    return undefined;
  }
  const { is, not, oneOf, matches, atLeast } = condition;
  return (
    (is === undefined || value === is) &&
    (not === undefined || value !== not) &&
    (oneOf === undefined || oneOf.includes(value)) &&
    (matches === undefined || new RegExp(`^(?:${matches})`).test(String(value))) &&
    (atLeast === undefined || (typeof value === "number" && value >= atLeast))
  );
}

/** Whether all hold: `undefined` if none fails, but one can't be known. */
export function allHold(
  props: Readonly<Record<string, unknown>>,
  conditions: readonly Condition[] = [],
): boolean | undefined {
  const results = conditions.map((condition) => holds(props, condition));
  return results.includes(false) ? false : results.includes(undefined) ? undefined : true;
}

/** The value that counts: the property's, or what is taken in its place; an empty list or text is as good as none. */
export function valueOf(props: Readonly<Record<string, unknown>>, { property, otherwise }: Condition): unknown {
  const value = read(() => at(props, property));
  return value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0)
    ? otherwise
    : value;
}
