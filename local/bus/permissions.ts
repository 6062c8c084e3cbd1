import { Rule, Target } from "@aws-sdk/client-eventbridge";
import { GetRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { GetPolicyCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { rolePolicies } from "../endpoint/iam/roles";
import { Clients } from "../endpoint/clients";
import { PolicyDocument } from "../../model/iam/document";
import { Decision, evaluateIdentityPolicies, evaluateResourcePolicy } from "../../model/iam/evaluate";
import { Principal } from "../../model/iam/request";

const EVENT_BRIDGE: Principal = { type: "Service", name: "events.amazonaws.com" };

/**
 * What EventBridge may do for a rule:
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html. Functions and queues are asked for
 * their own policies, with the rule as `aws:SourceArn`; for state machines EventBridge assumes the target's role.
 */
export class TargetPermissions {
  private readonly lambda: LambdaClient;
  private readonly iam: IAMClient;

  constructor(region: string, clients: Clients) {
    this.lambda = clients.make(LambdaClient, region);
    this.iam = clients.make(IAMClient, region);
  }

  /** Why EventBridge may not invoke a target's function, if it may not. */
  async refusesFunction(rule: Rule, { Arn = "" }: Target): Promise<string | undefined> {
    const { Policy = "" } = await this.lambda.send(new GetPolicyCommand({ FunctionName: Arn })).catch(orNone);
    return refusal(Policy, "lambda:InvokeFunction", Arn, rule, "the function's policy doesn't permit this rule");
  }

  /** Why EventBridge may not start a target's state machine by the target's role, if it may not. */
  async refusesStateMachine(rule: Rule, { RoleArn = "", Arn = "" }: Target): Promise<string | undefined> {
    const RoleName = RoleArn.split("/").pop() ?? "";
    const { Role } = await this.iam.send(new GetRoleCommand({ RoleName })).catch(orNone);
    const trust = decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "");
    const untrusting = "EventBridge may not assume the target's role";
    const refused = refusal(trust, "sts:AssumeRole", RoleArn, rule, untrusting);
    if (refused !== undefined) {
      return refused;
    }
    const request = { action: "states:StartExecution", resource: Arn, context: contextOf(rule) };
    const decision = evaluateIdentityPolicies(await rolePolicies(this.iam, RoleName), request);
    return explain(decision, "the target's role doesn't permit it to start the state machine");
  }
}

/** Why a resource's policy doesn't let EventBridge do something for a rule, if it doesn't. */
export function refusal(
  policy: string,
  action: string,
  resource: string,
  rule: Rule,
  otherwise: string,
): string | undefined {
  if (policy === "") {
    return otherwise;
  }
  const document = JSON.parse(policy) as PolicyDocument;
  const request = { action, resource, principal: EVENT_BRIDGE, context: contextOf(rule) };
  return explain(evaluateResourcePolicy({ name: resource, document }, request), otherwise);
}

const contextOf = ({ Arn = "" }: Rule) => ({ "aws:SourceArn": [Arn], "aws:SourceAccount": [Arn.split(":")[4] ?? ""] });

function explain(decision: Decision, otherwise: string): string | undefined {
  switch (decision.effect) {
    case "allowed":
      return undefined;
    case "denied":
      return otherwise;
    case "undetermined":
      return `${otherwise}, as far as can be said: ${decision.because}`;
  }
}

/** What isn't there permits nothing. */
function orNone(error: unknown): { Policy?: undefined; Role?: undefined } {
  if (error instanceof Error && /NotFound|NoSuchEntity/.test(error.name)) {
    return {};
  }
  throw error;
}
