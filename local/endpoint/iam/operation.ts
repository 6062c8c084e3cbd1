import { RequestContext } from "../../../model/iam/request";
import { Request } from "../call";
import { Facts } from "./facts";

/** One question to IAM: may the caller do this to that. */
export interface Question {
  /** @default the operation's own action */
  readonly action?: string;
  /** ARN, or `*` where the action knows no resource types. */
  readonly resource: string;
  /** Condition keys beyond those that every request has. */
  readonly context?: RequestContext;
}

/** What an operation looks at in order to say what IAM is asked. */
export interface Asked {
  readonly request: Request;
  /** Input of a JSON protocol. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly facts: Facts;
  /** `arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE`, where the request is made. */
  readonly arn: (service: string, resource: string) => string;
}

/**
 * The questions that AWS asks IAM for an operation, all of which must be answered with yes. Actions, resource types and
 * condition keys are those of the Service Authorization Reference:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
export type Operation = (asked: Asked) => readonly Question[] | Promise<readonly Question[]>;

/** An action that knows no resource types: policies must say `*`. */
export const anything: Operation = () => [{ resource: "*" }];

/** The values of a Query protocol's list, e.g. `InstanceId.1=…&InstanceId.2=…`. */
export function listed(parameters: URLSearchParams, name: string): string[] {
  const member = new RegExp(`^${name}(\\.member)?\\.\\d+$`);
  return [...parameters].filter(([key]) => member.test(key)).map(([, value]) => value);
}

/** Condition keys of a resource's tags. */
export function tagContext(tags: Readonly<Record<string, string>>, ...prefixes: string[]): RequestContext {
  return Object.fromEntries(
    Object.entries(tags).flatMap(([key, value]) => prefixes.map((prefix) => [`${prefix}/${key}`, [value]])),
  );
}
