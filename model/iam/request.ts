/**
 * What IAM knows of a request when it evaluates policies:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-reqcontext.html
 */
export interface AuthorizationRequest {
  /** E.g. `ec2:ReplaceRoute`. */
  readonly action: string;
  /** The ARN of the resource, `*` where the operation has no resource type. */
  readonly resource: string;
  /** Who asks; only policies of resources ask for it. */
  readonly principal?: Principal;
  /** Values of the condition keys that the request has. A key that isn't there is not in the request. */
  readonly context: RequestContext;
}

/** Values by condition key, e.g. `{"aws:SourceArn": ["arn:…"]}`. Names of keys are compared without case. */
export type RequestContext = Readonly<Record<string, readonly string[]>>;

export type Principal =
  | { readonly type: "Service"; readonly name: string }
  | { readonly type: "AWS"; readonly arn: string; readonly account: string };

/** A condition key's values, or `undefined` if the request doesn't have it. */
export function contextValues(context: RequestContext, key: string): readonly string[] | undefined {
  const name = key.toLowerCase();
  return Object.entries(context).find(([k]) => k.toLowerCase() === name)?.[1];
}
