import { PolicyResource } from "@pulumi/policy";
import { NamedPolicy, PolicyDocument, Statement } from "../../model/iam/document";
import { evaluateIdentityPolicies } from "../../model/iam/evaluate";
import { Graph } from "../core/graph";
import { items, known, read, UNKNOWN } from "../core/unknown";
import { statementsOf } from "../permissions/document";

const ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy";
const ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment";
const POLICY = "aws:iam/policy:Policy";

/**
 * Whether a role may do something to a resource: `undefined` if a policy of it isn't this stack's, or not known before
 * the update. Conditions of what is allowed are taken to hold: what they compare with is known to AWS alone.
 * @param arn ARN of the resource, or `*` where the action knows none
 */
export function mayDo(graph: Graph, role: PolicyResource, action: string, arn: string): boolean | undefined {
  const documents = policiesOf(graph, role);
  const certain = documents.flatMap((d) => (d === UNKNOWN ? [] : [d]));
  const allowed = evaluateIdentityPolicies(certain.map(unconditional), { action, resource: arn, context: {} });
  if (allowed.effect === "allowed") {
    return true;
  }
  return documents.includes(UNKNOWN) && !(allowed.effect === "denied" && allowed.by !== undefined) ? undefined : false;
}

/** The resources that a role's known policies name: with those that aren't this stack's, and with their wildcards. */
export function namedResources(graph: Graph, role: PolicyResource): string[] {
  return policiesOf(graph, role).flatMap((policy) =>
    policy === UNKNOWN ? [] : [policy.document.Statement].flat().flatMap(({ Resource = [] }) => Resource),
  );
}

/** The policies of a role: its own, and those attached to it. */
function policiesOf(graph: Graph, role: PolicyResource): (NamedPolicy | typeof UNKNOWN)[] {
  const of = (type: string) => graph.referrers(role, type, "role");
  const inline = items(() => role.props["inlinePolicies"] as { policy?: string }[] | undefined);
  const managed = items(() => role.props["managedPolicyArns"] as string[] | undefined);
  return [
    ...of(ROLE_POLICY).map((p) =>
      named(
        p.name,
        read(() => p.props["policy"]),
      ),
    ),
    ...(inline === UNKNOWN
      ? [UNKNOWN as typeof UNKNOWN]
      : inline.map((p, i) => named(`${role.name}/${i}`, p === UNKNOWN ? UNKNOWN : read(() => p.policy)))),
    ...(managed === UNKNOWN ? [UNKNOWN as typeof UNKNOWN] : managed.map((): typeof UNKNOWN => UNKNOWN)),
    ...of(ATTACHMENT).map((a) => {
      const [policy] = graph.referred(a, "policyArn", POLICY);
      return policy === undefined
        ? UNKNOWN
        : named(
            policy.name,
            read(() => policy.props["policy"]),
          );
    }),
  ];
}

function named(name: string, document: unknown): NamedPolicy | typeof UNKNOWN {
  const statements = document === UNKNOWN ? "unknown" : statementsOf(document);
  return typeof statements === "string"
    ? UNKNOWN
    : { name, document: { Version: "2012-10-17", Statement: statements as Statement[] } };
}

/** Without the conditions of what it allows, and without what it denies under conditions. */
function unconditional({ name, document }: NamedPolicy): NamedPolicy {
  const statements = [document.Statement].flat() as Statement[];
  const Statement = statements
    .filter((s) => s.Effect === "Allow" || s.Condition === undefined)
    .map(({ Condition: _condition, ...statement }) => statement);
  return { name, document: { ...document, Statement } satisfies PolicyDocument };
}

/** The ARN of a resource, if it is known. */
export const arnOf = (resource: PolicyResource) => known(() => resource.props["arn"] as string | undefined);
