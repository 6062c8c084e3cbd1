/** The parts of an EventBridge event that the gateway's callback reads. Nothing in it is trusted to be there. */
export interface GatewayEvent {
  readonly "detail-type"?: string;
  /** When it happened, ISO 8601. */
  readonly time?: string;
  readonly detail?: {
    readonly EC2InstanceId?: string;
    readonly AutoScalingGroupName?: string;
    readonly LifecycleHookName?: string;
    readonly "instance-id"?: string;
    readonly state?: string | { readonly value?: string };
    readonly alarmName?: string;
    readonly eventName?: string;
    readonly errorCode?: string;
    readonly requestParameters?: { readonly networkInterfaceId?: string; readonly instanceId?: string } | null;
  } | null;
}

const TERMINATE_ACTION = "EC2 Instance-terminate Lifecycle Action";
const TERMINATE_SUCCESSFUL = "EC2 Instance Terminate Successful";
const STATE_CHANGE = "EC2 Instance State-change Notification";
const SCHEDULED = "Scheduled Event";

/**
 * The instances that events announce the end of. Only Auto Scaling's events say so for good: a `stopping` instance may
 * have been started again by the time its event arrives, and what EC2 says now is what counts.
 */
export function leavingInstances(events: readonly GatewayEvent[]): ReadonlySet<string> {
  const final = events.filter((e) => [TERMINATE_ACTION, TERMINATE_SUCCESSFUL].includes(e["detail-type"] ?? ""));
  return new Set(final.map((e) => e.detail?.EC2InstanceId).filter((id) => id !== undefined));
}

/** An instance that a terminating hook holds back until its action is completed. */
export interface HeldBack {
  readonly instanceId: string;
  readonly autoScalingGroupName: string;
  readonly hookName: string;
}

/** The instances that terminating hooks hold back, as events say. */
export function heldBackInstances(events: readonly GatewayEvent[]): HeldBack[] {
  return events.flatMap(({ "detail-type": type, detail }) => {
    const { EC2InstanceId: instanceId, AutoScalingGroupName, LifecycleHookName: hookName } = detail ?? {};
    return type === TERMINATE_ACTION && instanceId && AutoScalingGroupName && hookName
      ? [{ instanceId, autoScalingGroupName: AutoScalingGroupName, hookName }]
      : [];
  });
}

/**
 * Whether an event is a reason to look. One of an API call that failed is not: CloudTrail delivers those too. Nor is the
 * end of an instance that was no gateway's when it was last looked: EC2 tells of every instance of the account.
 * @param gateways ids of the instances that were gateways at the last look, if that is recent enough to go by.
 */
export function isReasonToLook(event: GatewayEvent, gateways: ReadonlySet<string> | undefined): boolean {
  if (event.detail?.errorCode !== undefined) {
    return false;
  }
  const instanceId = event.detail?.["instance-id"];
  const isForeign = instanceId !== undefined && gateways !== undefined && !gateways.has(instanceId);
  return event["detail-type"] !== STATE_CHANGE || !isForeign;
}

/** Of all events of a run, the one that people are told as the reason: anything that says more than the minute's tick. */
export function mainReason(events: readonly GatewayEvent[]): GatewayEvent {
  return events.find((e) => ![undefined, SCHEDULED].includes(e["detail-type"])) ?? events[0] ?? {};
}

/** What happened, for people: the "why" of a notification. */
export function describeEvent(event: GatewayEvent): string {
  const { detail } = event;
  const subject = detail?.EC2InstanceId ?? detail?.["instance-id"] ?? detail?.alarmName ?? detail?.eventName;
  const state = typeof detail?.state === "string" ? detail.state : detail?.state?.value;
  const what = [subject, state].filter((s) => s !== undefined).join(" ");
  return `${event["detail-type"] ?? "an event without a type"}${what === "" ? "" : ` (${what})`}`;
}

/** Seconds from the event to now, or `undefined` if it doesn't say when it happened. */
export function secondsSince(event: GatewayEvent, now: Date): number | undefined {
  const at = Date.parse(event.time ?? "");
  return Number.isNaN(at) ? undefined : Math.max(0, Math.round((now.getTime() - at) / 1000));
}
