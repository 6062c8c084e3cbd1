import { DynamoDBClient, paginateQuery } from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import { publishToTopic } from "./publish";
import { throwFirstError } from "./settled";
import { tellOnce } from "./tellOnce";

/** Where announcements are remembered and published. */
export interface AnnounceSettings {
  /** Name of the DynamoDB state table. */
  readonly stateTable: string;
  /** Partition of the state table: one for each deployed system, e.g. `gateway/main`. */
  readonly system: string;
  /** ARN of the SNS topic. */
  readonly topicArn: string;
}

/** The clients that announcing needs. */
export interface AnnounceClients {
  readonly dynamoDb: DynamoDBClient;
  readonly sns: SNSClient;
}

/** The last state of something that people were told, and since when it has held (ISO 8601). */
export interface Told {
  readonly state: string;
  readonly since: string;
}

/** Something that people are to know the state of. */
export interface Announcement {
  /** What it is about, e.g. a zone: sort key of the state table. */
  readonly subject: string;
  /** Its state now, e.g. the zone that carries its traffic. */
  readonly state: string;
  /** The state that needs no telling while nothing else has ever been told. */
  readonly initialState: string;
  /** Writes the message; `previous` is the last state told, if any. */
  readonly message: (previous: Told | undefined) => { readonly subject: string; readonly body: string };
}

/** What the state table knows of what people have been told, by subject. */
export interface Tellings {
  readonly told: Map<string, Told>;
  /** States that a run has begun to tell and hasn't recorded: it is at it, or has died, and people may know. */
  readonly begun: Map<string, string>;
}

/** What has been told so far, by subject. */
export async function readTold(settings: AnnounceSettings, clients: AnnounceClients): Promise<Map<string, Told>> {
  return (await readTellings(settings, clients)).told;
}

/** What has been told so far, and what has been begun. One call, as long as it fits on a page of a megabyte. */
export async function readTellings(settings: AnnounceSettings, clients: AnnounceClients): Promise<Tellings> {
  const told = new Map<string, Told>();
  const begun = new Map<string, string>();
  const pages = paginateQuery(
    { client: clients.dynamoDb },
    {
      TableName: settings.stateTable,
      ConsistentRead: true,
      KeyConditionExpression: "#system = :system",
      ExpressionAttributeNames: { "#system": "system" },
      ExpressionAttributeValues: { ":system": { S: settings.system } },
    },
  );
  for await (const { Items = [] } of pages) {
    for (const { subject, told: state, since, claimed } of Items) {
      if (state?.S !== undefined) {
        told.set(subject?.S ?? "", { state: state.S, since: since?.S ?? "" });
      }
      if (claimed?.S !== undefined) {
        begun.set(subject?.S ?? "", claimed.S);
      }
    }
  }
  return { told, begun };
}

/**
 * What a caller remembers of what people have been told, by subject, for while the state table doesn't answer: the state,
 * and whether the table knows.
 */
export type Remembered = Map<string, { readonly state: string; readonly recorded: boolean }>;

/**
 * Tells people each change of state once, however often and from however many runs it is called. A run that dies in
 * between leaves a claim that runs out, and the next run tells it.
 * @param remembered with it, people are told even while the table doesn't answer: once for each change by whoever
 *   remembers, so that they may hear it again from another. It is kept up to date.
 * @returns the subjects that were told by this call.
 * @throws the first error met; the other announcements are made all the same, and a repeated call makes up for it.
 */
export async function announce(
  announcements: readonly Announcement[],
  settings: AnnounceSettings,
  clients: AnnounceClients,
  now: Date,
  remembered?: Remembered,
): Promise<string[]> {
  const told = await readTold(settings, clients).catch((error: unknown) => {
    if (remembered === undefined) {
      throw error;
    }
    console.error(`telling from memory, since the state table doesn't answer: ${String(error)}`);
    return undefined;
  });
  told?.forEach(({ state }, subject) => {
    if (remembered?.get(subject)?.recorded !== false) {
      remembered?.set(subject, { state, recorded: true });
    }
  });
  const lastState = ({ subject, initialState }: Announcement) => {
    const memory = remembered?.get(subject);
    const record = told?.get(subject)?.state ?? (told && initialState);
    return (memory?.recorded === false ? memory.state : (record ?? memory?.state)) ?? initialState;
  };
  const due = announcements.filter((a) => a.state !== lastState(a));
  const outcomes = await Promise.allSettled(
    due.map(async (a) => {
      const { subject, state } = a;
      let tried = false;
      const publish = () => {
        tried = true;
        const message = a.message(told?.get(subject));
        return publishToTopic(settings.topicArn, message.subject, message.body, clients.sns);
      };
      try {
        if (told !== undefined) {
          const telling = await tellOnce(a, publish, settings, clients.dynamoDb, now);
          if (telling !== "being told") {
            remembered?.set(subject, { state, recorded: true });
          }
          return telling === "told" ? [subject] : [];
        }
      } catch (error) {
        if (tried || remembered === undefined) {
          throw error;
        }
        console.error(`telling without a claim, since the state table doesn't answer: ${String(error)}`);
      }
      await publish();
      remembered?.set(subject, { state, recorded: false });
      return [subject];
    }),
  );
  throwFirstError(outcomes);
  return outcomes.flatMap((o) => (o.status === "fulfilled" ? o.value : []));
}
