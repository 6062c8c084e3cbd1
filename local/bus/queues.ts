import { Rule, Target } from "@aws-sdk/client-eventbridge";
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  QueueAttributeName,
  SendMessageBatchCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { setTimeout as sleep } from "node:timers/promises";
import { Clients } from "../endpoint/clients";
import { refusal } from "./permissions";

/** Milliseconds after which the wait for an empty queue is given up: no measure of anything, but an end. */
const TIMEOUT_MS = 600_000;
/** Milliseconds between two looks at a queue. */
const POLL_MS = 25;
/** The most that SQS takes in one call. */
const SEND_AT_ONCE = 10;

/** Puts events into deployed queues, as EventBridge would, and waits for what the deployed mapping makes of them. */
export class Queues {
  private readonly sqs: SQSClient;
  /** Addresses by ARN: a queue keeps its own. */
  private readonly urls = new Map<string, string>();

  constructor(region: string, clients: Clients) {
    this.sqs = clients.make(SQSClient, region);
  }

  /**
   * Sends events to a target's queue, as far as the rule may, and waits until it is empty and no run is under way.
   * @returns what went wrong: why they didn't get there, that they were given up, or that they are never taken.
   */
  async deliver(rule: Rule, target: Target, inputs: readonly string[]): Promise<string | undefined> {
    const queueUrl = await this.urlOf(target.Arn ?? "");
    if (queueUrl === undefined) {
      return "there is no such queue";
    }
    const { Policy = "", RedrivePolicy = "{}" } = await this.attributes(queueUrl, "Policy", "RedrivePolicy");
    const refused =
      refusal(Policy, "sqs:SendMessage", target.Arn ?? "", rule, "the queue's policy refuses this rule") ??
      ungrouped(queueUrl, target);
    if (refused !== undefined) {
      return refused;
    }
    const { deadLetterTargetArn = "" } = JSON.parse(RedrivePolicy) as { deadLetterTargetArn?: string };
    const deadLetters = await this.urlOf(deadLetterTargetArn);
    const before = await this.messagesIn(deadLetters);
    const failure = (await this.send(queueUrl, target, inputs)) ?? (await this.empties(queueUrl));
    if (failure !== undefined) {
      return failure;
    }
    const givenUp = (await this.messagesIn(deadLetters)) - before;
    return givenUp > 0 ? `${givenUp} event(s) end in the dead-letter queue` : undefined;
  }

  /** @returns why the queue didn't take an event, if it didn't. */
  private async send(queueUrl: string, target: Target, inputs: readonly string[]): Promise<string | undefined> {
    const groupId = target.SqsParameters?.MessageGroupId;
    for (let i = 0; i < inputs.length; i += SEND_AT_ONCE) {
      const Entries = inputs
        .slice(i, i + SEND_AT_ONCE)
        .map((MessageBody, n) => ({ Id: String(n), MessageBody, MessageGroupId: groupId }));
      const { Failed = [] } = await this.sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
      if (Failed.length > 0) {
        return `the queue refuses the event: ${Failed[0]?.Message}`;
      }
    }
    return undefined;
  }

  /** @returns that the queue is never emptied, if it isn't. */
  private async empties(queueUrl: string): Promise<string | undefined> {
    const deadline = Date.now() + TIMEOUT_MS;
    do {
      if (Date.now() > deadline) {
        return `the queue isn't emptied within ${TIMEOUT_MS / 1000} s`;
      }
      await sleep(POLL_MS);
    } while (!(await this.isEmpty(queueUrl)));
    return undefined;
  }

  private async isEmpty(queueUrl: string): Promise<boolean> {
    const counts = await this.attributes(
      queueUrl,
      "ApproximateNumberOfMessages",
      "ApproximateNumberOfMessagesNotVisible",
    );
    return Object.values(counts).every((count) => count === "0");
  }

  private async messagesIn(queueUrl: string | undefined): Promise<number> {
    const { ApproximateNumberOfMessages = 0 } =
      queueUrl === undefined ? {} : await this.attributes(queueUrl, "ApproximateNumberOfMessages");
    return Number(ApproximateNumberOfMessages);
  }

  private async attributes(QueueUrl: string, ...AttributeNames: QueueAttributeName[]) {
    const { Attributes = {} } = await this.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
    return Attributes;
  }

  private async urlOf(arn: string): Promise<string | undefined> {
    const known = this.urls.get(arn);
    if (known !== undefined || arn === "") {
      return known;
    }
    try {
      const { QueueUrl = "" } = await this.sqs.send(new GetQueueUrlCommand({ QueueName: arn.split(":").pop() }));
      this.urls.set(arn, QueueUrl);
      return QueueUrl;
    } catch {
      return undefined;
    }
  }
}

function ungrouped(queueUrl: string, { SqsParameters }: Target): string | undefined {
  return queueUrl.endsWith(".fifo") && SqsParameters?.MessageGroupId === undefined
    ? "the target gives no message group, without which a FIFO queue takes nothing"
    : undefined;
}
