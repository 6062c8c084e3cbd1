import { tellOnce } from "../common/tellOnce";
import { momentOf } from "../common/moment";
import { sendToChat } from "./chat";
import { TellClients } from "./clients";
import { RecoveryMessage, recoveryMessage, RecoveryState } from "./message";
import { sendPage } from "./pager";
import { Chat, Pager, RecoveryTarget, systemOf, TellSettings } from "./settings";
import { failure, field, targetOf, TRANSIENT } from "./task";

/** What became of telling. */
export interface TellResult {
  readonly outcome: "told" | "told before";
}

/**
 * Posts what came of an execution to the chat, once for each outage of an instance.
 * @throws `UnknownTarget` or `MalformedInput`, and what `sendToChat` throws; running it again is safe.
 */
export async function report(event: unknown, settings: TellSettings<Chat>, clients: TellClients): Promise<TellResult> {
  return tell("chat", event, settings, clients, ({ message }) => sendToChat(settings.channel, message, clients));
}

/**
 * Pages about an execution, once for each outage of an instance.
 * @throws `UnknownTarget` or `MalformedInput`, and what `sendPage` throws; running it again is safe.
 */
export async function page(event: unknown, settings: TellSettings<Pager>, clients: TellClients): Promise<TellResult> {
  return tell("page", event, settings, clients, ({ message, target, outage }) =>
    sendPage(
      settings.channel,
      { alias: `${target.instanceId}/${outage}`, instanceId: target.instanceId, message },
      clients,
    ),
  );
}

interface Telling {
  readonly message: RecoveryMessage;
  readonly target: RecoveryTarget;
  readonly outage: string;
}

async function tell(
  subject: string,
  event: unknown,
  settings: TellSettings<Chat | Pager>,
  clients: TellClients,
  send: (telling: Telling) => Promise<void>,
): Promise<TellResult> {
  const state = (field(event, "state") ?? {}) as RecoveryState;
  const target = targetOf(state, settings);
  const execution = field(event, "execution");
  if (typeof execution !== "string") {
    throw failure("MalformedInput", `expected execution (an ARN), not ${JSON.stringify(execution)}`);
  }
  const now = new Date();
  // An execution that was started by hand may know no outage: then it stands for itself.
  const outage = momentOf(state.outage) ?? execution;
  const message = recoveryMessage(state, target, { execution, region: settings.region, now });
  const outcome = await tellOnce(
    { subject, state: outage },
    () => send({ message, target, outage }),
    { stateTable: settings.stateTable, system: systemOf(target.name) },
    clients.dynamoDb,
    now,
    // A retry of the state machine takes up the claim of the attempt that died.
    execution,
  );
  if (outcome === "being told") {
    throw failure(TRANSIENT, "another run is telling this, or has died at it");
  }
  return { outcome };
}
