import { ChangeMessageVisibilityBatchCommand, SQSClient } from "@aws-sdk/client-sqs";

/** A batch of SQS messages as Lambda hands it to a function: the parts that are read here. */
export interface QueueBatch {
  readonly Records?: readonly { readonly messageId: string; readonly receiptHandle: string; readonly body: string }[];
}

/** The queue that a batch comes from. */
export interface QueueSource {
  readonly queueUrl: string;
  readonly sqs: SQSClient;
}

/** Seconds after which a batch that failed is tried again. Until then the queue waits with all that came after it. */
const RETRY_SECONDS = 5;

/**
 * Hands the events of a batch to a handler, all at once. A message that is no JSON object counts as an event that says
 * nothing. If the handler fails, the batch is tried again soon: left alone, the messages would stay invisible, and so
 * hold up their group, until the queue's visibility timeout is over.
 * @throws what the handler throws, so that Lambda keeps the messages in the queue.
 */
export async function handleBatch<Event extends object>(
  batch: QueueBatch,
  handle: (events: readonly Event[]) => Promise<unknown>,
  source: QueueSource,
): Promise<void> {
  try {
    await handle((batch.Records ?? []).map(({ body }) => parse(body) as Event));
  } catch (error) {
    await retrySoon(batch, source);
    throw error;
  }
}

function parse(body: string): object {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? parsed : {};
  } catch {
    return {};
  }
}

/** At worst they come back when the visibility timeout is over. */
async function retrySoon({ Records = [] }: QueueBatch, { queueUrl, sqs }: QueueSource): Promise<void> {
  const Entries = Records.map(({ receiptHandle }, i) => ({
    Id: String(i),
    ReceiptHandle: receiptHandle,
    VisibilityTimeout: RETRY_SECONDS,
  }));
  try {
    await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }));
  } catch (error) {
    console.error(`the batch comes back after the visibility timeout: ${String(error)}`);
  }
}
