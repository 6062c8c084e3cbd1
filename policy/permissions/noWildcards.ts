import { PolicyResource } from "@pulumi/policy";
import { make, ref } from "../core/example";
import { Finding } from "../core/finding";
import { Graph, IAM_ROLE } from "../core/graph";
import { Rule } from "../core/rule";
import { items, known, read, UNKNOWN } from "../core/unknown";
import { statementsOf, tooMuch } from "./document";

const ROLE = make(IAM_ROLE, "app", { assumeRolePolicy: "{}" });
const policy = (...Action: string[]) =>
  make("aws:iam/rolePolicy:RolePolicy", "app", {
    role: ref("app"),
    policy: JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource: "*" }] }),
  });

/** AWS's managed policies that allow everything of a service or an account. */
const TOO_BROAD = /(FullAccess(_v\d+)?|\/AdministratorAccess(-[\w-]+)?|\/PowerUserAccess|\/IAMFullAccess)$/;
const MANAGED = ["policyArn", "managedPolicyArns", "policyArns"];
/** Attachments that take a policy away from whatever else has it. */
const EXCLUSIVE = [
  "aws:iam/policyAttachment:PolicyAttachment",
  "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
];

/** Roles are allowed what they need, not everything of a service. */
export const noWildcards: Rule = {
  name: "no-wildcard-permissions",
  what: 'Roles are allowed what they need: no `*FullAccess` managed policy, and no `Action` "*" or "service:*".',
  why: "A role that may do everything of a service turns one broken function into a lost account; a recovery role that may delete is itself a risk to what it recovers.",
  mend: "List the actions that are needed, for the resources that they are needed for.",
  pages: ["https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html"],
  eachResource: true,
  examples: { fails: [ROLE, policy("ec2:*")], passes: [ROLE, policy("ec2:DescribeInstances")] },
  find: (graph: Graph) => graph.resources.filter((r) => r.type.startsWith("aws:iam/")).flatMap(tooBroad),
};

function tooBroad(resource: PolicyResource): Finding[] {
  return [...broadAttachments(resource), ...exclusive(resource), ...broadDocuments(resource)];
}

function broadAttachments({ name, props, urn }: PolicyResource): Finding[] {
  return MANAGED.flatMap((property) => {
    const arns = items(() => props[property] as string | string[] | undefined);
    return (arns === UNKNOWN ? [] : arns).flatMap((arn) =>
      typeof arn === "string" && TOO_BROAD.test(arn)
        ? [{ message: `${property} of ${name} attaches ${arn}: attach a policy with the actions that are needed`, urn }]
        : [],
    );
  });
}

function exclusive({ type, name, urn }: PolicyResource): Finding[] {
  return EXCLUSIVE.includes(type)
    ? [{ message: `${name} takes its policy away from all other roles: use aws.iam.RolePolicyAttachment`, urn }]
    : [];
}

function broadDocuments({ type, name, props, urn }: PolicyResource): Finding[] {
  const inline = items(() => props["inlinePolicies"] as { policy?: string }[] | undefined);
  const documents = [
    ...(type === IAM_ROLE ? [] : [read(() => props["policy"])]),
    ...(inline === UNKNOWN
      ? [UNKNOWN]
      : inline.map((p) => (p === UNKNOWN ? UNKNOWN : (known(() => p.policy) ?? UNKNOWN)))),
  ];
  return documents.flatMap((document): Finding[] => {
    if (document === UNKNOWN) {
      // It holds ARNs that this update makes. The engine asks again in the update, before the policy is made.
      return [];
    }
    const statements = statementsOf(document);
    return typeof statements === "string"
      ? [{ message: `the policy ${name} is no IAM policy: ${statements}`, urn }]
      : statements.flatMap(tooMuch).map((problem) => ({ message: `the policy ${name} ${problem}`, urn }));
  });
}
