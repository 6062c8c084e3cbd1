import { cidrContains } from "../cidr";
import { ConditionValue, listOf, Statement } from "./document";
import { matchesArn, matchesText, plain, substitute } from "./patterns";
import { contextValues, RequestContext } from "./request";

/** Whether a statement's conditions hold, or why that can't be said. */
export type Holds = { readonly holds: boolean } | { readonly undetermined: string };

/**
 * Compares a value of the request with one of the policy; `undefined` if the policy's is none of the operator's type.
 * Of a negated operator it is the positive one.
 */
type Comparison = (policy: string, request: string) => boolean | undefined;

const numeric =
  (compare: (a: number, b: number) => boolean): Comparison =>
  (policy, request) => {
    const limit = Number(policy);
    return policy.trim() === "" || Number.isNaN(limit) ? undefined : compare(Number(request), limit);
  };

const date =
  (compare: (a: number, b: number) => boolean): Comparison =>
  (policy, request) => {
    const limit = momentOf(policy);
    return Number.isNaN(limit) ? undefined : compare(momentOf(request), limit);
  };

/** ISO 8601, or seconds since 1970. */
const momentOf = (text: string) => (/^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text));

const equals = (a: unknown, b: unknown) => a === b;
const text = (compare: (a: string, b: string) => boolean): Comparison => {
  return (policy, request) => compare(request, plain(policy));
};
const arn: Comparison = (policy, request) => matchesArn(policy, request);
const bool: Comparison = (policy, request) =>
  /^(true|false)$/i.test(policy) ? policy.toLowerCase() === request.toLowerCase() : undefined;

/**
 * The condition operators, each with what its negation negates:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
const OPERATORS: Readonly<Record<string, Comparison | { readonly not: Comparison }>> = {
  StringEquals: text(equals),
  StringNotEquals: { not: text(equals) },
  StringEqualsIgnoreCase: text((a, b) => a.toLowerCase() === b.toLowerCase()),
  StringNotEqualsIgnoreCase: { not: text((a, b) => a.toLowerCase() === b.toLowerCase()) },
  StringLike: matchesText,
  StringNotLike: { not: matchesText },
  NumericEquals: numeric(equals),
  NumericNotEquals: { not: numeric(equals) },
  NumericLessThan: numeric((a, b) => a < b),
  NumericLessThanEquals: numeric((a, b) => a <= b),
  NumericGreaterThan: numeric((a, b) => a > b),
  NumericGreaterThanEquals: numeric((a, b) => a >= b),
  DateEquals: date(equals),
  DateNotEquals: { not: date(equals) },
  DateLessThan: date((a, b) => a < b),
  DateLessThanEquals: date((a, b) => a <= b),
  DateGreaterThan: date((a, b) => a > b),
  DateGreaterThanEquals: date((a, b) => a >= b),
  Bool: bool,
  BinaryEquals: text(equals),
  IpAddress: cidrContains,
  NotIpAddress: { not: cidrContains },
  // IAM treats the two alike: both take wildcards.
  ArnEquals: arn,
  ArnLike: arn,
  ArnNotEquals: { not: arn },
  ArnNotLike: { not: arn },
};

/** All conditions of a statement must hold. One that can't be determined counts only if the others do. */
export function conditionsHold(statement: Statement, version: string | undefined, context: RequestContext): Holds {
  let undetermined: Holds | undefined;
  for (const [operator, keys] of Object.entries(statement.Condition ?? {})) {
    for (const [key, values] of Object.entries(keys)) {
      const one = conditionHolds(operator, key, listOf<ConditionValue>(values).map(String), version, context);
      if ("undetermined" in one) {
        undetermined = one;
      } else if (!one.holds) {
        return one;
      }
    }
  }
  return undetermined ?? { holds: true };
}

function conditionHolds(
  operator: string,
  key: string,
  written: readonly string[],
  version: string | undefined,
  context: RequestContext,
): Holds {
  const requested = contextValues(context, key);
  const substituted = written.map((value) => substitute(value, version, context));
  if (substituted.includes(undefined)) {
    return { holds: false };
  }
  const values = substituted.flatMap((value) => value ?? []);
  if (operator === "Null") {
    const absent = requested === undefined || requested.length === 0;
    return { holds: values.some((value) => (value.toLowerCase() === "true") === absent) };
  }
  const [, set, name = "", ifExists] = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(operator) ?? [];
  const comparison = OPERATORS[name];
  if (comparison === undefined) {
    return { undetermined: `the condition operator ${operator} is not known` };
  }
  if (requested === undefined || requested.length === 0) {
    const negated = typeof comparison === "object";
    return { holds: ifExists !== undefined || (set === undefined ? negated : set === "ForAllValues") };
  }
  if (set === undefined && requested.length > 1) {
    return { undetermined: `${key} has several values: ${operator} needs ForAllValues or ForAnyValue` };
  }
  const outcomes = requested.map((value) => compare(comparison, values, value));
  if (outcomes.includes(undefined)) {
    return { undetermined: `${operator} can't compare ${key} with ${values.join(", ")}` };
  }
  return { holds: set === "ForAllValues" ? !outcomes.includes(false) : outcomes.includes(true) };
}

/** Any of the policy's values will do; of a negated operator none may. */
function compare(
  comparison: Comparison | { readonly not: Comparison },
  values: readonly string[],
  requested: string,
): boolean | undefined {
  const positive = typeof comparison === "object" ? comparison.not : comparison;
  const outcomes = values.map((value) => positive(value, requested));
  if (outcomes.includes(undefined)) {
    return undefined;
  }
  return outcomes.includes(true) !== (typeof comparison === "object");
}
