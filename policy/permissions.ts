import { ResourceValidationPolicy } from "@pulumi/policy";
import { known, knownItems } from "./graph";

interface Statement {
  readonly Effect?: string;
  readonly Action?: string | readonly string[];
  readonly NotAction?: unknown;
}

/** What is wrong with an IAM policy document, or `undefined`. A document that isn't JSON is IAM's to refuse. */
export function wildcardIn(document: unknown): string | undefined {
  let parsed: { Statement?: Statement | readonly Statement[] };
  try {
    parsed = (typeof document === "string" ? JSON.parse(document) : document) as typeof parsed;
  } catch {
    return undefined;
  }
  const statements = [parsed?.Statement ?? []].flat() as Statement[];
  for (const statement of statements.filter((s) => s.Effect === "Allow")) {
    if (statement.NotAction !== undefined) {
      return "allows everything but what NotAction names: list the actions that are needed";
    }
    const actions = [statement.Action ?? []].flat();
    if (actions.some((action) => action === "*" || action === "*:*")) {
      return 'allows Action "*": list the actions that are needed';
    }
  }
  return undefined;
}

/** The managed policies that a resource attaches. */
const MANAGED = ["policyArn", "managedPolicyArns"];

/**
 * No managed policy `*FullAccess` (nor `AdministratorAccess`, `PowerUserAccess`), and no statement that allows
 * everything. A document with ARNs that a preview can't know is judged in the update, before anything is made of it.
 */
export const noWildcardPermissions: ResourceValidationPolicy = {
  name: "no-wildcard-permissions",
  description: 'Roles are allowed what they need: no *FullAccess managed policy and no Action "*".',
  validateResource: ({ type, props }, report) => {
    if (!type.startsWith("aws:iam/")) {
      return;
    }
    for (const property of MANAGED) {
      for (const arn of knownItems(() => props[property] as string | string[] | undefined)) {
        if (/(FullAccess|\/AdministratorAccess|\/PowerUserAccess)$/.test(arn)) {
          report(`${property} attaches ${arn}: attach a policy with the actions that are needed instead`);
        }
      }
    }
    const inline = knownItems(() => props["inlinePolicies"] as { policy?: string }[] | undefined);
    const documents = [known(() => props["policy"]), ...inline.map((p) => known(() => p.policy))];
    for (const document of documents) {
      const problem = document === undefined ? undefined : wildcardIn(document);
      if (problem !== undefined) {
        report(`the policy ${problem}`);
      }
    }
  },
};
