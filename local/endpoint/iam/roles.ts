import {
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
} from "@aws-sdk/client-iam";
import { NamedPolicy, PolicyDocument } from "../../../model/iam/document";

/** A role's policies as they are deployed, inline and attached. A role that isn't there has none. */
export async function rolePolicies(iam: IAMClient, RoleName: string): Promise<NamedPolicy[]> {
  try {
    const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
    const { AttachedPolicies = [] } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
    const inline = PolicyNames.map(async (PolicyName) => {
      const { PolicyDocument: text } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
      return { name: PolicyName, document: parse(text) };
    });
    const attached = AttachedPolicies.map(async ({ PolicyArn, PolicyName = "" }) => {
      const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn }));
      const VersionId = Policy?.DefaultVersionId;
      const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId }));
      return { name: PolicyName, document: parse(PolicyVersion?.Document) };
    });
    return await Promise.all([...inline, ...attached]);
  } catch (error) {
    if (error instanceof Error && error.name.startsWith("NoSuchEntity")) {
      return [];
    }
    throw error;
  }
}

const parse = (text = "{}") => JSON.parse(decodeURIComponent(text)) as PolicyDocument;
