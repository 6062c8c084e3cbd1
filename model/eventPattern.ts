import { cidrContains } from "./cidr";
import { matchesWildcard } from "./wildcard";

/** A value in an event, parsed from JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/**
 * An event pattern, parsed from JSON: fields of the event with lists of what their values may be, or patterns of their
 * own; `$or` with a list of patterns.
 */
export interface EventPattern {
  readonly [field: string]: EventPattern | readonly Json[];
}

/** A pattern that EventBridge refuses. */
export class InvalidEventPattern extends Error {
  override readonly name = "InvalidEventPattern";
}

/**
 * Whether EventBridge's rule with this pattern gets the event. Numbers are compared as numbers; EventBridge compares
 * them as they are written, so that to it 300 and 3.0e2 differ.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 * @throws {@link InvalidEventPattern} for what is no pattern, whether or not the event gets that far.
 */
export function matchesEventPattern(pattern: EventPattern, event: Json): boolean {
  validate(pattern, "the pattern");
  return matchesFields(pattern, event);
}

function matchesFields(pattern: EventPattern, event: Json | undefined): boolean {
  return Object.entries(pattern).every(([field, sub]) => {
    if (isOr(field, sub)) {
      return sub.some((alternative) => matchesFields(alternative, event));
    }
    const value = isObject(event) && Object.hasOwn(event, field) ? event[field] : undefined;
    if (isList(sub)) {
      return matchesValue(sub, value);
    }
    // Of a list of objects one must match as a whole.
    return isList(value) ? value.some((element) => matchesFields(sub, element)) : matchesFields(sub, value);
  });
}

/** One of the matchers must match: of a list, one of its elements. */
function matchesValue(matchers: readonly Json[], value: Json | undefined): boolean {
  const values = isList(value) ? flatten(value) : [value];
  return matchers.some((matcher) => {
    if (isObject(matcher) && "exists" in matcher) {
      // Only leaves exist: an object in their place is none.
      return (value !== undefined && !isObject(value)) === matcher["exists"];
    }
    return values.some((one) => one !== undefined && !isObject(one) && matches(matcher, one));
  });
}

const flatten = (list: readonly Json[]): Json[] => list.flatMap((one) => (isList(one) ? flatten(one) : [one]));

/** What a matcher's operator makes of its argument and a value that is there. */
type Operator = (argument: Json, value: Json) => boolean;

/** A comparison of texts; where EventBridge allows it, of any of a list, or without case. */
const text =
  (compare: (value: string, argument: string) => boolean): Operator =>
  (argument, value) => {
    if (typeof value !== "string") {
      return false;
    }
    if (isObject(argument)) {
      return compare(value.toLowerCase(), String(argument["equals-ignore-case"]).toLowerCase());
    }
    return alternatives(argument).some((one) => compare(value, String(one)));
  };

const OPERATORS: Readonly<Record<string, Operator>> = {
  prefix: text((value, argument) => value.startsWith(argument)),
  suffix: text((value, argument) => value.endsWith(argument)),
  "equals-ignore-case": text((value, argument) => value.toLowerCase() === argument.toLowerCase()),
  wildcard: text((value, argument) => matchesWildcard(argument, value, { oneCharacter: false })),
  cidr: (argument, value) => typeof value === "string" && cidrContains(String(argument), value) === true,
  numeric: (argument, value) => typeof value === "number" && limits(argument).every(([is, to]) => is(value, to)),
  "anything-but": (argument, value) =>
    isObject(argument) ? !matches(argument, value) : !alternatives(argument).includes(value),
};

function matches(matcher: Json, value: Json): boolean {
  if (!isObject(matcher)) {
    return matcher === value;
  }
  const [[operator, argument] = ["", null]] = Object.entries(matcher);
  return OPERATORS[operator]?.(argument, value) ?? false;
}

const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  "=": (a, b) => a === b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

/** `[">", 0, "<=", 5]` as pairs. */
function limits(argument: Json): [(a: number, b: number) => boolean, number][] {
  const list = alternatives(argument);
  return Array.from({ length: Math.ceil(list.length / 2) }, (_, i) => {
    const [name, limit] = list.slice(2 * i);
    const compare = COMPARISONS[String(name)];
    if (compare === undefined || typeof limit !== "number" || list.length > 4) {
      throw new InvalidEventPattern(`numeric takes one or two of =, <, <=, >, >= with a number, not ${show(argument)}`);
    }
    return [compare, limit];
  });
}

function validate(pattern: Json, where: string): void {
  if (!isObject(pattern) || Object.keys(pattern).length === 0) {
    throw new InvalidEventPattern(`${where} must be an object with a field, not ${show(pattern)}`);
  }
  for (const [field, sub] of Object.entries(pattern)) {
    if (isOr(field, sub)) {
      sub.forEach((alternative) => validate(alternative, `an alternative in ${where}`));
    } else if (!isList(sub)) {
      validate(sub, field);
    } else if (sub.length === 0) {
      throw new InvalidEventPattern(`${field} matches nothing: its list is empty`);
    } else {
      sub.forEach((matcher) => validateMatcher(matcher, field));
    }
  }
}

function validateMatcher(matcher: Json, field: string): void {
  if (isList(matcher)) {
    throw new InvalidEventPattern(`${field} has a list in its list`);
  }
  if (!isObject(matcher)) {
    return;
  }
  const [[operator, argument] = ["", null], ...others] = Object.entries(matcher);
  if (others.length > 0 || (OPERATORS[operator] === undefined && operator !== "exists")) {
    throw new InvalidEventPattern(`${field}: ${show(matcher)} is no matcher`);
  }
  if (operator === "exists" && typeof argument !== "boolean") {
    throw new InvalidEventPattern(`${field}: exists takes true or false`);
  }
  if (operator === "numeric" && limits(argument).length === 0) {
    throw new InvalidEventPattern(`${field}: numeric compares with nothing`);
  }
  if (operator === "cidr" && cidrContains(String(argument), "") === undefined) {
    throw new InvalidEventPattern(`${field}: ${show(argument)} is no block of addresses`);
  }
  if (operator === "anything-but" && isObject(argument)) {
    const [inner = ""] = Object.keys(argument);
    if (!["prefix", "suffix", "equals-ignore-case", "wildcard"].includes(inner)) {
      throw new InvalidEventPattern(`${field}: anything-but doesn't take ${inner || "an empty object"}`);
    }
  }
}

const isObject = (value: Json | undefined): value is Readonly<Record<string, Json>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isList = (value: Json | EventPattern | undefined): value is readonly Json[] => Array.isArray(value);

/** `$or` is a field like any other unless it holds a list of patterns. */
const isOr = (field: string, sub: EventPattern | Json): sub is readonly EventPattern[] =>
  field === "$or" && isList(sub) && sub.length > 1 && sub.every(isObject);

const alternatives = (argument: Json): readonly Json[] => (isList(argument) ? argument : [argument]);

const show = (value: Json) => JSON.stringify(value);
