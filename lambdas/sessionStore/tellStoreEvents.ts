import { AnnounceSettings } from "../common/announce";
import { publishToTopic } from "../common/publish";
import { throwFirstError } from "../common/settled";
import { tellOnce } from "../common/tellOnce";
import { StoreEventClients } from "./clients";
import { eventsOf, messageOf } from "./storeEvent";

/** What SNS hands to a function. */
export interface SnsEvent {
  readonly Records: readonly { readonly Sns: { readonly MessageId: string; readonly Message: string } }[];
}

/**
 * Tells people of ElastiCache's events, each once though SNS may deliver it again: ElastiCache publishes to unencrypted
 * topics alone, and reports every snapshot.
 * @throws the first error met, after all events have been tried: running it again is safe.
 */
export async function tellStoreEvents(
  { Records }: SnsEvent,
  settings: AnnounceSettings,
  { dynamoDb, sns }: StoreEventClients,
): Promise<void> {
  const telling = Records.flatMap(({ Sns: { Message, MessageId } }) =>
    eventsOf(Message).map(async (event) => {
      const message = messageOf(event);
      if (message !== undefined) {
        const what = { subject: `${event.source} ${event.name}`, state: MessageId };
        const publish = () => publishToTopic(settings.topicArn, message.subject, message.body, sns);
        const outcome = await tellOnce(what, publish, settings, dynamoDb, new Date());
        if (outcome === "being told") {
          throw new Error(`another run is telling of ${event.name} of ${event.source}, or has died at it`);
        }
      }
    }),
  );
  throwFirstError(await Promise.allSettled(telling));
}
