/** The parts of an EventBridge event that the gateway's callbacks read. Nothing in it is trusted to be there. */
export interface GatewayEvent {
  readonly "detail-type"?: string;
  /** When it happened, ISO 8601. */
  readonly time?: string;
  readonly detail?: {
    readonly EC2InstanceId?: string;
    readonly AutoScalingGroupName?: string;
    readonly LifecycleActionToken?: string;
    readonly LifecycleHookName?: string;
    readonly "instance-id"?: string;
    readonly state?: string | { readonly value?: string };
    readonly alarmName?: string;
    readonly eventName?: string;
    readonly errorCode?: string;
    readonly requestParameters?: { readonly networkInterfaceId?: string; readonly instanceId?: string } | null;
  };
}

/** A lifecycle action that waits to be completed. */
export interface LifecycleAction {
  readonly AutoScalingGroupName: string;
  readonly LifecycleHookName: string;
  readonly LifecycleActionToken: string | undefined;
  readonly InstanceId: string | undefined;
}

const TERMINATE_ACTION = "EC2 Instance-terminate Lifecycle Action";
const TERMINATE_SUCCESSFUL = "EC2 Instance Terminate Successful";

/**
 * The instance that an event announces the end of. Only Auto Scaling's events say so for good: a `stopping` instance may
 * have been started again by the time its event arrives, and what EC2 says now is what counts.
 */
export function leavingInstance(event: GatewayEvent): string | undefined {
  const final = event["detail-type"] === TERMINATE_ACTION || event["detail-type"] === TERMINATE_SUCCESSFUL;
  return final ? event.detail?.EC2InstanceId : undefined;
}

/** The terminating hook's action that has to be completed for an event, if it is one. */
export function lifecycleAction(event: GatewayEvent): LifecycleAction | undefined {
  const { detail } = event;
  if (event["detail-type"] !== TERMINATE_ACTION || !detail?.AutoScalingGroupName || !detail.LifecycleHookName) {
    return undefined;
  }
  return {
    AutoScalingGroupName: detail.AutoScalingGroupName,
    LifecycleHookName: detail.LifecycleHookName,
    LifecycleActionToken: detail.LifecycleActionToken,
    InstanceId: detail.EC2InstanceId,
  };
}

/** Whether an event reports an API call that failed; CloudTrail delivers those too. */
export function isFailedCall(event: GatewayEvent): boolean {
  return event.detail?.errorCode !== undefined;
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
