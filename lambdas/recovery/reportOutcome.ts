import { sendToChat } from "./chat";
import { TellClients } from "./clients";
import { Chat, TellSettings } from "./settings";
import { tellOutage, TellResult } from "./tellOutage";

/**
 * Posts what came of an execution to the chat, once for each outage of an instance.
 * @throws `UnknownTarget` or `MalformedInput`, and what `sendToChat` throws; running it again is safe.
 */
export function reportOutcome(event: unknown, settings: TellSettings<Chat>, clients: TellClients): Promise<TellResult> {
  return tellOutage("chat", event, settings, clients, ({ message }) => sendToChat(settings.channel, message, clients));
}
