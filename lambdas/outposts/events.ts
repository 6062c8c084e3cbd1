import { momentOf } from "../common/moment";

/** The parts of an alarm's event that the relaunch callbacks read. Nothing in it is trusted to be there. */
export interface AlarmEvent {
  readonly "detail-type"?: string;
  readonly time?: string;
  readonly detail?: {
    readonly alarmName?: string;
    readonly state?: { readonly value?: string; readonly timestamp?: string };
  };
}

/** Identity of the outage that an event reports: when the alarm went off. `undefined`: it reports none. */
export function outageOf(event: AlarmEvent): string | undefined {
  if (event.detail?.state?.value !== "ALARM") {
    return undefined;
  }
  return momentOf(event.detail.state.timestamp ?? event.time);
}
