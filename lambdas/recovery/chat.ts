import { publishToTopic } from "../common/publish";
import { TellClients } from "./clients";
import { postJson } from "./http";
import { RecoveryMessage } from "./message";
import { readSecret } from "./secret";
import { Chat } from "./settings";
import { failure, TRANSIENT } from "./task";

/** Errors that Slack reports with status 200 and that pass. */
const SLACK_TRANSIENT = ["ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable"];

/**
 * Posts a message to the chat.
 * @throws `TransientError`, `Refused` or `NoSecret`, and the errors of the AWS calls.
 */
export async function sendToChat(chat: Chat, message: RecoveryMessage, clients: TellClients): Promise<void> {
  switch (chat.type) {
    case "slack":
      return sendToSlack(chat.channel, await readSecret(chat.secretArn, clients.secrets), message);
    case "webhook": {
      const { title, text, severity } = message;
      await postJson("the webhook", await readSecret(chat.secretArn, clients.secrets), { title, text, severity });
      return;
    }
    case "sns":
      await publishToTopic(chat.topicArn, message.title, message.text, clients.sns);
  }
}

async function sendToSlack(channel: string, token: string, { title, text }: RecoveryMessage): Promise<void> {
  const body = await postJson(
    "Slack",
    "https://slack.com/api/chat.postMessage",
    { channel, text: `*${escapeText(title)}*\n${escapeText(text)}`, unfurl_links: false },
    { authorization: `Bearer ${token}` },
  );
  const { ok, error = "nothing that can be understood" } = parse(body);
  if (!ok) {
    throw failure(SLACK_TRANSIENT.includes(error) ? TRANSIENT : "Refused", `Slack says ${error}`);
  }
}

/** The characters that mean something in Slack's messages. Not called `escape`, which Lambda has a function of its own for. */
const escapeText = (text: string) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

function parse(body: string): { ok?: boolean; error?: string } {
  try {
    return JSON.parse(body) as { ok?: boolean; error?: string };
  } catch {
    return {};
  }
}
