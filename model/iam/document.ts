/**
 * Policies as IAM's JSON has them, parsed:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export interface PolicyDocument {
  readonly Version?: string;
  readonly Id?: string;
  readonly Statement: OneOrMany<Statement>;
}

export type OneOrMany<T> = T | readonly T[];

export interface Statement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: PrincipalElement;
  readonly NotPrincipal?: PrincipalElement;
  readonly Action?: OneOrMany<string>;
  readonly NotAction?: OneOrMany<string>;
  readonly Resource?: OneOrMany<string>;
  readonly NotResource?: OneOrMany<string>;
  /** Operator → condition key → values, e.g. `{"StringEquals": {"aws:ResourceTag/team": "web"}}`. */
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMany<ConditionValue>>>>>;
}

export type ConditionValue = string | number | boolean;

/** Everybody, or principals by type. */
export type PrincipalElement =
  "*" | Readonly<Partial<Record<"AWS" | "Service" | "Federated" | "CanonicalUser", OneOrMany<string>>>>;

/** A policy of a principal or a resource, with the name by which an answer refers to it. */
export interface NamedPolicy {
  readonly name: string;
  readonly document: PolicyDocument;
}

/** A list, however the JSON had it. */
export function listOf<T>(value: OneOrMany<T> | undefined): readonly T[] {
  if (value === undefined) {
    return [];
  }
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}
