import { PolicyResource } from "@pulumi/policy";
import { evaluateResourcePolicy } from "../../model/iam/evaluate";
import { Statement } from "../../model/iam/document";
import { FUNCTION, Graph } from "../core/graph";
import { at, known, read, UNKNOWN } from "../core/unknown";
import { statementsOf } from "../permissions/document";
import { brokenFunction, missingPermissions } from "./functions";
import { arnOf } from "./iam";

const QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy";
const REDRIVE_POLICY = "aws:sqs/redrivePolicy:RedrivePolicy";
const MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping";

/** Why a queue doesn't take what a rule sends it. */
export function unwelcome(
  graph: Graph,
  queue: PolicyResource,
  target: PolicyResource,
  rule: PolicyResource,
): string | undefined {
  const fifo = known(() => queue.props["fifoQueue"] as boolean | undefined) === true;
  if (fifo && read(() => at(target.props, "sqsTarget.messageGroupId")) === undefined) {
    return `target ${target.name} names no message group of ${queue.name}: set sqsTarget.messageGroupId`;
  }
  const policies = graph.referrers(queue, QUEUE_POLICY, "queueUrl");
  const documents = [...policies, queue].map((p) => read(() => p.props["policy"]));
  const arn = arnOf(queue);
  const ruleArn = arnOf(rule);
  if (documents.includes(UNKNOWN) || arn === undefined || ruleArn === undefined) {
    return undefined;
  }
  const Statement = documents.flatMap((d) => {
    const statements = statementsOf(d);
    return typeof statements === "string" ? [] : (statements as Statement[]);
  });
  const account = arn.split(":")[4] ?? "";
  const decision = evaluateResourcePolicy(
    { name: queue.name, document: { Version: "2012-10-17", Statement } },
    {
      action: "sqs:SendMessage",
      resource: arn,
      principal: { type: "Service", name: "events.amazonaws.com" },
      context: { "aws:SourceArn": [ruleArn], "aws:SourceAccount": [account], "aws:SecureTransport": ["true"] },
    },
  );
  return decision.effect === "denied"
    ? `queue ${queue.name} takes nothing from rule ${rule.name}: allow events.amazonaws.com sqs:SendMessage in its policy`
    : undefined;
}

/** The functions that work off a queue. */
export function functionsBehind(
  graph: Graph,
  queue: PolicyResource,
): ({ readonly reached: PolicyResource } | { readonly problem: string })[] {
  const mappings = graph.referrers(queue, MAPPING, "eventSourceArn");
  if (mappings.length === 0) {
    return [{ problem: `nothing works off queue ${queue.name}: add an EventSourceMapping` }];
  }
  const redrive = read(() => queue.props["redrivePolicy"]);
  const redriven = graph.referrers(queue, REDRIVE_POLICY, "queueUrl").length > 0;
  if ((redrive === undefined || redrive === "") && !redriven) {
    return [{ problem: `queue ${queue.name} has no dead-letter queue: set redrivePolicy` }];
  }
  return mappings.flatMap((mapping) => {
    if (known(() => mapping.props["enabled"] as boolean | undefined) === false) {
      return [{ problem: `event source mapping ${mapping.name} is disabled: enable it` }];
    }
    return graph.referred(mapping, "functionName", FUNCTION).map((fn) => {
      const [missing] = missingPermissions(graph, fn, ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"].map((a) => ({ action: `sqs:${a}`, to: queue }))); // prettier-ignore
      const problem = missing ?? brokenFunction(graph, fn);
      return problem === undefined ? { reached: fn } : { problem };
    });
  });
}
