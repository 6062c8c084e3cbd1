import { SNSClient, ListTopicsCommand, SubscribeCommand, UnsubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteQueueCommand,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { Clients } from "../endpoint/clients";

/** A message that people were sent. */
export interface Message {
  readonly subject: string;
  readonly body: string;
}

/** Reads along on a stack's topics: what people would have been e-mailed since it was opened. */
export class Inbox {
  private constructor(
    private readonly sns: SNSClient,
    private readonly sqs: SQSClient,
    private readonly queueUrl: string,
    private readonly subscriptions: readonly string[],
  ) {}

  static async open(region: string, clients: Clients): Promise<Inbox> {
    const sns = clients.make(SNSClient, region);
    const sqs = clients.make(SQSClient, region);
    const name = `drill-inbox-${Date.now()}`;
    const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
    const { Topics = [] } = await sns.send(new ListTopicsCommand({}));
    const subscriptions = await Promise.all(
      Topics.map(async ({ TopicArn }) => {
        const Endpoint = `arn:aws:sqs:${region}:123456789012:${name}`;
        const answer = await sns.send(
          new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint, ReturnSubscriptionArn: true }),
        );
        return answer.SubscriptionArn ?? "";
      }),
    );
    return new Inbox(sns, sqs, QueueUrl, subscriptions);
  }

  /** The messages since the last call. */
  async read(): Promise<Message[]> {
    const messages: Message[] = [];
    for (;;) {
      const { Messages = [] } = await this.sqs.send(
        new ReceiveMessageCommand({ QueueUrl: this.queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }),
      );
      if (Messages.length === 0) {
        return messages;
      }
      const Entries = Messages.map(({ ReceiptHandle }, n) => ({ Id: String(n), ReceiptHandle }));
      await this.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: this.queueUrl, Entries }));
      for (const { Body = "{}" } of Messages) {
        const envelope = JSON.parse(Body) as { Subject?: string; Message?: string };
        messages.push({ subject: envelope.Subject ?? "", body: envelope.Message ?? "" });
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all(
      this.subscriptions.map((SubscriptionArn) => this.sns.send(new UnsubscribeCommand({ SubscriptionArn }))),
    );
    await this.sqs.send(new DeleteQueueCommand({ QueueUrl: this.queueUrl }));
  }
}
