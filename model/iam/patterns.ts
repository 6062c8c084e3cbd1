import { matchesWildcard } from "../wildcard";
import { contextValues, RequestContext } from "./request";

/** An action against an element of `Action`: wildcards, without case. */
export function matchesAction(pattern: string, action: string): boolean {
  return matchesWildcard(pattern.toLowerCase(), action.toLowerCase());
}

/** Segments of an ARN: `arn:partition:service:region:account:resource`, the last with colons of its own. */
const SEGMENTS = 6;

/**
 * An ARN against a pattern: segment by segment, so that a wildcard doesn't reach into the next one, but for a last `*`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
export function matchesArn(pattern: string, arn: string): boolean {
  if (pattern === "*") {
    return true;
  }
  const patterns = segments(pattern);
  if (patterns.length < SEGMENTS) {
    return pattern.endsWith("*") && matchesText(pattern, arn);
  }
  const parts = segments(arn);
  return parts.length === SEGMENTS && patterns.every((p, i) => matchesText(p, parts[i] ?? ""));
}

function segments(arn: string): string[] {
  const parts = arn.split(":");
  return parts.length <= SEGMENTS ? parts : [...parts.slice(0, SEGMENTS - 1), parts.slice(SEGMENTS - 1).join(":")];
}

/**
 * Replaces policy variables, of which only Version 2012-10-17 knows. A value that comes from the request, and `${*}`,
 * `${?}`, `${$}`, stand for themselves: where wildcards count, they are none.
 * @returns `undefined` if a variable has neither value nor default: the statement then doesn't apply.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export function substitute(text: string, version: string | undefined, context: RequestContext): string | undefined {
  if (version !== "2012-10-17") {
    return text;
  }
  let undetermined = false;
  const replaced = text.replace(/\$\{([^}]*)\}/g, (_, inner: string) => {
    if (["*", "?", "$"].includes(inner)) {
      return inner === "$" ? "$" : literal(inner);
    }
    const [, key = "", otherwise] = /^\s*([^,\s]+)\s*(?:,\s*'([^']*)'\s*)?$/.exec(inner) ?? [];
    const values = contextValues(context, key);
    const value = values?.length === 1 ? values[0] : otherwise;
    undetermined ||= value === undefined;
    return literal(value ?? "");
  });
  return undetermined ? undefined : replaced;
}

/** Characters of the private use area in place of wildcards that stand for themselves. */
const LITERALS: Readonly<Record<string, string>> = { "*": "\uE000", "?": "\uE001" };

const literal = (text: string) => text.replace(/[*?]/g, (c) => LITERALS[c] ?? c);

/** Undoes `literal`, where no wildcards are looked for. */
export const plain = (text: string) => text.replace(/\uE000/g, "*").replace(/\uE001/g, "?");

/** A text against a pattern that `substitute` has gone over. */
export const matchesText = (pattern: string, text: string) => matchesWildcard(pattern, literal(text));
