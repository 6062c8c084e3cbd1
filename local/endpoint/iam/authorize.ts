import { IAMClient } from "@aws-sdk/client-iam";
import { NamedPolicy } from "../../../model/iam/document";
import { evaluateIdentityPolicies } from "../../../model/iam/evaluate";
import { RequestContext } from "../../../model/iam/request";
import { Request } from "../call";
import { AwsError, awsError } from "../errors";
import { Identity, identityOf } from "../identity";
import { ACCOUNT, Facts } from "./facts";
import { rolePolicies } from "./roles";
import { SERVICES } from "./services";

/** A statement of a role that allowed a call. */
export interface AllowedBy {
  readonly role: string;
  readonly policy: string;
  /** The statement's place in the policy, from 0 on. */
  readonly index: number;
}

/** What IAM says to a call. */
export type Authorization = { readonly allowedBy: readonly AllowedBy[] } | { readonly refusal: AwsError };

/** Plays IAM for deployed code: asks the deployed policies of its role about every call. */
export class Iam {
  private readonly client: IAMClient;
  private readonly facts = new Map<string, Facts>();
  private readonly policies = new Map<string, Promise<NamedPolicy[]>>();

  constructor(
    private readonly moto: string,
    private readonly ministack: string,
  ) {
    const credentials = { accessKeyId: "ENDPOINT", secretAccessKey: "local" };
    this.client = new IAMClient({ region: "us-east-1", endpoint: moto, credentials });
  }

  /** Roles may have changed: they are read again. */
  forget(): void {
    this.policies.clear();
  }

  /** What the caller's role says to a call; callers that are no deployed code may do everything. */
  async authorize(request: Request): Promise<Authorization> {
    const identity = identityOf(request.caller);
    if (identity === undefined) {
      return { allowedBy: [] };
    }
    const service = SERVICES[request.service];
    const operation = service?.operations[request.action];
    if (service === undefined || operation === undefined) {
      const what = `${request.service}:${request.action}`;
      return refuse(501, "NotPlayed", `what IAM asks for ${what} is not known here: add it in local/endpoint/iam/`);
    }
    const arn = (of: string, resource: string) => `arn:aws:${of}:${request.region}:${ACCOUNT}:${resource}`;
    const questions = await operation({ request, input: inputOf(request), facts: this.factsOf(request.region), arn });
    const policies = await this.policiesOf(identity.role);
    const allowedBy: AllowedBy[] = [];
    for (const { action = `${service.prefix}:${request.action}`, resource, context } of questions) {
      const all = { ...commonContext(identity, request), ...context };
      const decision = evaluateIdentityPolicies(policies, { action, resource, context: all });
      if (decision.effect === "undetermined") {
        return refuse(501, "NotPlayed", `${action} on ${resource}: ${decision.because}: add it in model/iam/`);
      }
      if (decision.effect === "denied") {
        return { refusal: denial(identity, request.service, action, resource, decision.by !== undefined) };
      }
      allowedBy.push({ role: identity.role, policy: decision.by.policy, index: decision.by.index });
    }
    return { allowedBy };
  }

  private factsOf(region: string): Facts {
    const facts = this.facts.get(region) ?? new Facts(region, this.moto, this.ministack);
    this.facts.set(region, facts);
    return facts;
  }

  private policiesOf(role: string): Promise<NamedPolicy[]> {
    const policies = this.policies.get(role) ?? rolePolicies(this.client, role);
    this.policies.set(role, policies);
    policies.catch(() => this.policies.delete(role));
    return policies;
  }
}

function inputOf({ body, parameters }: Request): Record<string, unknown> {
  return body.startsWith("{") && parameters.size === 0 ? (JSON.parse(body) as Record<string, unknown>) : {};
}

const sessionArn = ({ role, session }: Identity) => `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${session}`;

/**
 * Keys that every request has, and those of Lambda's and EC2's sessions:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html,
 * https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
 */
function commonContext(identity: Identity, { region }: Request): RequestContext {
  const { type, role, session } = identity;
  return {
    "aws:PrincipalAccount": [ACCOUNT],
    "aws:PrincipalArn": [`arn:aws:iam::${ACCOUNT}:role/${role}`],
    "aws:RequestedRegion": [region],
    "aws:SecureTransport": ["true"],
    "aws:CurrentTime": [new Date().toISOString()],
    "aws:ViaAWSService": ["false"],
    ...(type === "function"
      ? { "lambda:SourceFunctionArn": [`arn:aws:lambda:${region}:${ACCOUNT}:function:${session}`] }
      : { "ec2:SourceInstanceARN": [`arn:aws:ec2:${region}:${ACCOUNT}:instance/${session}`] }),
  };
}

const refuse = (status: number, code: string, message: string): Authorization => {
  console.error(message);
  return { refusal: { status, code, message } };
};

/**
 * As AWS words it: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html. EC2 adds a message
 * that only `sts:DecodeAuthorizationMessage` can read.
 */
function denial(identity: Identity, service: string, action: string, resource: string, explicitly: boolean): AwsError {
  const why = explicitly
    ? "with an explicit deny in an identity-based policy"
    : `because no identity-based policy allows the ${action} action`;
  const sentence = `User: ${sessionArn(identity)} is not authorized to perform: ${action} on resource: ${resource} ${why}`;
  const encoded = Buffer.from(JSON.stringify({ allowed: false, explicitDeny: explicitly })).toString("base64url");
  const message =
    service === "ec2"
      ? `You are not authorized to perform this operation. ${sentence}. Encoded authorization failure message: ${encoded}`
      : sentence;
  return awsError(service, "denied", message);
}
