import { PolicyResource } from "@pulumi/policy";
import { EventPattern, Json, matchesEventPattern } from "../../model/eventPattern";
import { matchesArn } from "../../model/iam/patterns";
import { EVENT_RULE, EVENT_TARGET, FUNCTION, Graph, IAM_ROLE, PERMISSION, QUEUE, STATE_MACHINE } from "../core/graph";
import { at, known, read, UNKNOWN } from "../core/unknown";
import { brokenFunction } from "./functions";
import { AwsEvent } from "./event";
import { arnOf, mayDo } from "./iam";
import { functionsBehind, unwelcome } from "./queues";

/** Where an event gets to, and why it doesn't get further. */
export interface Outcome {
  /** The functions and state machines that are run by it. */
  readonly reached: readonly PolicyResource[];
  /** What keeps it from reaching others that are meant. */
  readonly problems: readonly string[];
}

/**
 * Follows an event through the stack as AWS would lead it: the rules of the default bus that match it, their targets,
 * permissions, dead-letter queues and retries, to functions (behind a queue or not) and state machines that can run.
 * @param about what the event is about: in a preview, a pattern that isn't known yet is taken to be meant for it
 */
export function deliver(graph: Graph, event: AwsEvent, about?: PolicyResource): Outcome {
  const matching = graph.ofType(EVENT_RULE).map((rule) => ({ rule, matched: gets(graph, rule, event, about) }));
  return outcomeOf(
    matching.flatMap(({ rule, matched }) => {
      if (typeof matched === "string") {
        return [{ problem: matched }];
      }
      return matched ? followRule(graph, rule) : [];
    }),
  );
}

/** What schedules run, each rule's by itself. */
export function scheduled(graph: Graph): { readonly rule: PolicyResource; readonly outcome: Outcome }[] {
  return graph
    .ofType(EVENT_RULE)
    .filter((rule) => known(() => rule.props["scheduleExpression"] as string | undefined))
    .map((rule) => ({ rule, outcome: outcomeOf(followRule(graph, rule)) }));
}

type Step = { readonly reached: PolicyResource } | { readonly problem: string };

function outcomeOf(steps: readonly Step[]): Outcome {
  return {
    reached: [...new Set(steps.flatMap((s) => ("reached" in s ? [s.reached] : [])))],
    problems: steps.flatMap((s) => ("problem" in s ? [s.problem] : [])),
  };
}

/** Whether a rule gets an event; a text says what is wrong with its pattern. */
export function gets(graph: Graph, rule: PolicyResource, event: AwsEvent, about?: PolicyResource): boolean | string {
  const bus = read(() => rule.props["eventBusName"] as string | undefined);
  // AWS's own events are on the account's default bus only.
  if (
    bus === UNKNOWN ||
    (bus !== undefined && bus !== null && bus !== "default" && !bus.endsWith("event-bus/default"))
  ) {
    return false;
  }
  const text = read(() => rule.props["eventPattern"] as string | undefined);
  if (text === UNKNOWN) {
    return about !== undefined && graph.dependencies(rule, "eventPattern", about.type).includes(about);
  }
  if (text === undefined || text === null || text === "") {
    return false;
  }
  try {
    const full: Json = { version: "0", account: "123456789012", region: "us-east-1", resources: [], ...event };
    return matchesEventPattern(parsed(text), full);
  } catch (error) {
    return `the pattern of rule ${rule.name} is not valid: ${error instanceof Error ? error.message : String(error)}`;
  }
}

const patterns = new Map<string, EventPattern>();

/** Each pattern is asked about many events. */
function parsed(text: string): EventPattern {
  const pattern = patterns.get(text) ?? (JSON.parse(text) as EventPattern);
  patterns.set(text, pattern);
  return pattern;
}

function followRule(graph: Graph, rule: PolicyResource): Step[] {
  const state = known(() => rule.props["state"] as string | undefined);
  if (state === "DISABLED" || known(() => rule.props["isEnabled"] as boolean) === false) {
    return [{ problem: `rule ${rule.name} is disabled: enable it` }];
  }
  const targets = graph.referrers(rule, EVENT_TARGET, "rule");
  return targets.length === 0
    ? [{ problem: `rule ${rule.name} has no target: add one` }]
    : targets.flatMap((target) => followTarget(graph, rule, target));
}

function followTarget(graph: Graph, rule: PolicyResource, target: PolicyResource): Step[] {
  const lossy = dropsEvents(graph, target);
  if (lossy !== undefined) {
    return [{ problem: lossy }];
  }
  const [receiver] = graph.referred(target, "arn", FUNCTION, QUEUE, STATE_MACHINE);
  switch (receiver?.type) {
    case FUNCTION:
      return [stepTo(receiver, forbidden(graph, rule, receiver) ?? brokenFunction(graph, receiver))];
    case QUEUE: {
      const problem = unwelcome(graph, receiver, target, rule);
      return problem === undefined ? functionsBehind(graph, receiver) : [{ problem }];
    }
    case STATE_MACHINE:
      return [stepTo(receiver, mayNotStart(graph, target, receiver))];
    default:
      return [];
  }
}

const stepTo = (reached: PolicyResource, problem: string | undefined): Step =>
  problem === undefined ? { reached } : { problem };

/** What EventBridge can't deliver must not be lost. */
function dropsEvents(graph: Graph, target: PolicyResource): string | undefined {
  const queue = read(() => at(target.props, "deadLetterConfig.arn"));
  if (graph.referred(target, "deadLetterConfig", QUEUE).length === 0 && (queue === undefined || queue === null)) {
    return `target ${target.name} has no dead-letter queue: set deadLetterConfig`;
  }
  return known(() => at(target.props, "retryPolicy.maximumRetryAttempts")) === 0
    ? `target ${target.name} never tries again: set retryPolicy.maximumRetryAttempts to 1 or more`
    : undefined;
}

/** Why a rule may not invoke a function. */
function forbidden(graph: Graph, rule: PolicyResource, fn: PolicyResource): string | undefined {
  const permitted = graph.referrers(fn, PERMISSION, "function").some((p) => {
    const text = (key: string) => known(() => p.props[key] as string | undefined);
    const source = read(() => p.props["sourceArn"] as string | undefined);
    const arn = arnOf(rule);
    const fromRule =
      graph.dependencies(p, "sourceArn", EVENT_RULE).includes(rule) ||
      (typeof source === "string" && arn !== undefined && matchesArn(source, arn)) ||
      source === undefined;
    return (
      fromRule &&
      text("principal") === "events.amazonaws.com" &&
      ["lambda:InvokeFunction", "lambda:*"].includes(text("action") ?? "")
    );
  });
  return permitted
    ? undefined
    : `rule ${rule.name} may not invoke ${fn.name}: add a Permission of lambda:InvokeFunction for events.amazonaws.com with the rule's ARN`;
}

/** Why a target may not start the state machine that it leads to. */
export function mayNotStart(graph: Graph, target: PolicyResource, machine: PolicyResource): string | undefined {
  const [role] = graph.referred(target, "roleArn", IAM_ROLE);
  const arn = arnOf(machine);
  if (role === undefined) {
    return read(() => target.props["roleArn"]) === undefined
      ? `target ${target.name} has no role to start ${machine.name} with: set roleArn`
      : undefined;
  }
  return arn !== undefined && mayDo(graph, role, "states:StartExecution", arn) === false
    ? `role ${role.name} of target ${target.name} may not start ${machine.name}: allow states:StartExecution on it`
    : undefined;
}
