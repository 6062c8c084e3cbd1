import { momentOf } from "../common/moment";

/** The parts of an alarm's event that are read. Nothing in it is trusted to be there. */
export interface AlarmEvent {
  readonly detail?: {
    readonly state?: { readonly value?: string; readonly timestamp?: string };
  };
}

/** What the source's alarm says. */
export interface AlarmNow {
  readonly state: "OK" | "ALARM" | "INSUFFICIENT_DATA";
  /** Since when, ISO 8601 to the second. While it is in ALARM, that is the outage's identity. */
  readonly since: string;
}

/** What an event says of the alarm, if it says it as CloudWatch does. */
export function reported(event: AlarmEvent | null): AlarmNow | undefined {
  const { value, timestamp } = event?.detail?.state ?? {};
  return alarmNow(value, timestamp);
}

/** `undefined` if it is no alarm's state, or no moment. */
export function alarmNow(state: string | undefined, since: string | Date | undefined): AlarmNow | undefined {
  const moment = momentOf(since instanceof Date ? since.toISOString() : since);
  return moment !== undefined && (state === "OK" || state === "ALARM" || state === "INSUFFICIENT_DATA")
    ? { state, since: toTheSecond(moment) }
    : undefined;
}

/**
 * The newer of what CloudWatch answers and what an event has said: an answer may lag behind the event, and a late or
 * repeated event changes nothing.
 */
export function newerOf(answered: AlarmNow, event: AlarmNow | undefined): AlarmNow {
  return event !== undefined && event.since > answered.since ? event : answered;
}

/** Events carry milliseconds; that answers carry the same ones is not documented. */
function toTheSecond(moment: string): string {
  return `${moment.slice(0, 19)}Z`;
}
