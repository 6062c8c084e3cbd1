import { momentOf } from "../common/moment";
import { tellOnce } from "../common/tellOnce";
import { TellClients } from "./clients";
import { ExecutionData, RecoveryMessage, recoveryMessage } from "./message";
import { Chat, Pager, RecoveryTarget, systemOf, TellSettings } from "./settings";
import { failure, field, targetOf, TRANSIENT } from "./task";

/** What became of telling. */
export interface TellResult {
  readonly outcome: "told" | "told before";
}

/** What is told, and about what. */
export interface OutageMessage {
  readonly message: RecoveryMessage;
  readonly target: RecoveryTarget;
  /** When the alarm went off, ISO 8601; the execution's ARN if it was started by hand. */
  readonly outage: string;
}

/**
 * Tells about an execution, once for each outage of an instance.
 * @param subject which channel: what is told by one may still have to be told by the other
 * @throws `UnknownTarget` or `MalformedInput`, and what `send` throws; running it again is safe.
 */
export async function tellOutage(
  subject: string,
  event: unknown,
  settings: TellSettings<Chat | Pager>,
  clients: TellClients,
  send: (telling: OutageMessage) => Promise<void>,
): Promise<TellResult> {
  const state = (field(event, "state") ?? {}) as ExecutionData;
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
