import { Policies } from "@pulumi/policy";

/** Has the SDK ask stack policies about resources, as the engine does, and counts how often it deserializes one. */
export function analyzeStack(
  policies: Policies,
  resources: readonly { readonly type: string; readonly name: string; readonly props: object }[],
): Promise<{ readonly deserialized: number; readonly messages: readonly string[] }>;
