import { conditionsHold } from "./conditions";
import { listOf, NamedPolicy, OneOrMany, PrincipalElement, Statement } from "./document";
import { matchesAction, matchesArn, substitute } from "./patterns";
import { AuthorizationRequest, Principal } from "./request";

/** A statement, by its policy and its place in it. */
export interface StatementReference {
  readonly policy: string;
  /** From 0 on. */
  readonly index: number;
  readonly statement: Statement;
}

/** What policies say to a request. */
export type Decision =
  | { readonly effect: "allowed"; readonly by: StatementReference }
  /** Explicitly by a statement, or because none allows it. */
  | { readonly effect: "denied"; readonly by: StatementReference | undefined }
  /** A statement that would decide can't be evaluated. Never to be taken for an allowance. */
  | { readonly effect: "undetermined"; readonly because: string; readonly by: StatementReference };

/**
 * Evaluates the policies of a principal, its inline and attached ones: an explicit Deny wins, then an Allow, and nothing
 * is a denial.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function evaluateIdentityPolicies(
  policies: readonly NamedPolicy[],
  request: Omit<AuthorizationRequest, "principal">,
): Decision {
  return evaluate(policies, { action: request.action, resource: request.resource, context: request.context });
}

/**
 * Evaluates the policy of a resource: what a function's, queue's, topic's or key's policy says to a principal. For a
 * service that is all there is, and for a KMS key too, whose policy decides alone unless it names the account.
 */
export function evaluateResourcePolicy(
  policy: NamedPolicy,
  request: AuthorizationRequest & { readonly principal: Principal },
): Decision {
  return evaluate([policy], request);
}

/**
 * Evaluates a request inside one account: the principal's policies or the resource's may allow it, and a Deny in either
 * wins.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-id-rdp.html
 */
export function evaluateWithinAccount(
  identityPolicies: readonly NamedPolicy[],
  resourcePolicy: NamedPolicy,
  request: AuthorizationRequest & { readonly principal: Principal },
): Decision {
  const decisions = [
    evaluateIdentityPolicies(identityPolicies, request),
    evaluateResourcePolicy(resourcePolicy, request),
  ];
  const doubtful = (effect: Statement["Effect"]) =>
    decisions.find((d) => d.effect === "undetermined" && d.by.statement.Effect === effect);
  return (
    decisions.find((d) => d.effect === "denied" && d.by !== undefined) ??
    doubtful("Deny") ??
    decisions.find((d) => d.effect === "allowed") ??
    doubtful("Allow") ?? { effect: "denied", by: undefined }
  );
}

function evaluate(policies: readonly NamedPolicy[], request: AuthorizationRequest): Decision {
  const found = policies.flatMap(({ name, document }) =>
    listOf(document.Statement).flatMap((statement, index) => {
      const applies = statementApplies(statement, document.Version, request);
      return applies === false ? [] : [{ applies, by: { policy: name, index, statement } }];
    }),
  );
  const certain = (effect: Statement["Effect"]) =>
    found.find((f) => f.by.statement.Effect === effect && f.applies === true)?.by;
  const doubtful = (effect: Statement["Effect"]): Decision | undefined => {
    const doubt = found.find((f) => f.by.statement.Effect === effect && f.applies !== true);
    return doubt && { effect: "undetermined", because: String(doubt.applies), by: doubt.by };
  };
  const denies = certain("Deny");
  if (denies !== undefined) {
    return { effect: "denied", by: denies };
  }
  const allows = certain("Allow");
  return (
    doubtful("Deny") ??
    (allows ? { effect: "allowed", by: allows } : doubtful("Allow")) ?? { effect: "denied", by: undefined }
  );
}

/** Whether a statement is about a request; a text says why that can't be determined. */
function statementApplies(
  statement: Statement,
  version: string | undefined,
  request: AuthorizationRequest,
): boolean | string {
  const { Action, NotAction, Resource, NotResource } = statement;
  const action = (pattern: string) => matchesAction(pattern, request.action);
  const resource = (pattern: string) => {
    const arn = substitute(pattern, version, request.context);
    return arn !== undefined && matchesArn(arn, request.resource);
  };
  // The policy of a resource may leave out the resource: it is the one that it belongs to.
  const isAbout =
    within(Action, NotAction, action) &&
    ((Resource ?? NotResource) === undefined || within(Resource, NotResource, resource)) &&
    isOfPrincipal(statement, request.principal);
  if (!isAbout) {
    return false;
  }
  const conditions = conditionsHold(statement, version, request.context);
  return "holds" in conditions ? conditions.holds : conditions.undetermined;
}

/** Whether an element names something, or its negation doesn't. */
function within(
  element: OneOrMany<string> | undefined,
  negation: OneOrMany<string> | undefined,
  matches: (pattern: string) => boolean,
): boolean {
  return element === undefined ? !listOf(negation).some(matches) : listOf(element).some(matches);
}

function isOfPrincipal({ Principal, NotPrincipal }: Statement, principal: Principal | undefined): boolean {
  if (principal === undefined) {
    // The principal's own policies name none.
    return true;
  }
  return NotPrincipal === undefined ? names(Principal, principal) : !names(NotPrincipal, principal);
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html */
function names(element: PrincipalElement | undefined, principal: Principal): boolean {
  if (element === undefined) {
    return false;
  }
  if (element === "*") {
    return true;
  }
  const written = listOf(element[principal.type]);
  if (principal.type === "Service") {
    return written.includes(principal.name);
  }
  const { account, arn } = principal;
  const partition = arn.split(":")[1] ?? "aws";
  return [arn, account, `arn:${partition}:iam::${account}:root`, "*"].some((name) => written.includes(name));
}
