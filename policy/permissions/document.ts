/** A statement of an IAM policy, as far as the rules look at it. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect?: string;
  readonly Action?: string | readonly string[];
  readonly NotAction?: unknown;
  readonly Principal?: unknown;
  readonly Resource?: string | readonly string[];
}

/** The statements of a policy document, or what is wrong with it as one. */
export function statementsOf(document: unknown): Statement[] | string {
  if (document === undefined || document === null || document === "") {
    return [];
  }
  let parsed: unknown = document;
  if (typeof document === "string") {
    try {
      parsed = JSON.parse(document);
    } catch {
      return "it is not JSON";
    }
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    return `it is ${JSON.stringify(parsed)}, not an object with a Statement`;
  }
  const statements = [(parsed as { Statement?: unknown }).Statement ?? []].flat() as unknown[];
  const wrong = statements.find((s) => typeof s !== "object" || s === null || Array.isArray(s));
  return wrong === undefined ? (statements as Statement[]) : `${JSON.stringify(wrong)} is not a statement`;
}

/** What a statement allows that is more than any one job needs. */
export function tooMuch(statement: Statement): string[] {
  if (statement.Effect !== "Allow") {
    return [];
  }
  if (statement.NotAction !== undefined) {
    return ["allows everything but what NotAction names: list the actions that are needed"];
  }
  const actions = [statement.Action ?? []].flat().map(String);
  return actions
    .filter((action) => /^(\*|\w[\w-]*:\*+|\*:.*)$/.test(action))
    .map((action) => `allows Action "${action}": list the actions that are needed`);
}
