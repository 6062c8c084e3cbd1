import { GatewayEvent } from "../../../lambdas/gateway/events";
import { reconcile } from "../../../lambdas/gateway/reconcile";
import { FakeAws } from "./fakeAws";

/** Events as they arrive. */
export const tick: GatewayEvent = { "detail-type": "Scheduled Event" };
export const terminated = (zone: string, EC2InstanceId: string): GatewayEvent => ({
  "detail-type": "EC2 Instance Terminate Successful",
  time: new Date().toISOString(),
  detail: { EC2InstanceId, AutoScalingGroupName: `group-${zone}` },
});
export const terminating = (zone: string, EC2InstanceId: string): GatewayEvent => ({
  "detail-type": "EC2 Instance-terminate Lifecycle Action",
  detail: {
    EC2InstanceId,
    AutoScalingGroupName: `group-${zone}`,
    LifecycleHookName: "hook",
  },
});
export const attached = (zone: string, errorCode?: string): GatewayEvent => ({
  "detail-type": "AWS API Call via CloudTrail",
  detail: {
    eventName: "AttachNetworkInterface",
    requestParameters: { networkInterfaceId: `eni-${zone}` },
    ...(errorCode ? { errorCode } : {}),
  },
});

export const stopped = (instanceId: string): GatewayEvent => ({
  "detail-type": "EC2 Instance State-change Notification",
  detail: { "instance-id": instanceId, state: "stopped" },
});

/** One run on one batch of events. */
export const run = (aws: FakeAws, ...events: GatewayEvent[]) =>
  reconcile(events, aws.settings, aws.clients, aws.memory);

/** Silences the handlers' log lines. */
export function quietly() {
  const { log, error } = console;
  before(() => {
    console.log = () => undefined;
    console.error = () => undefined;
  });
  after(() => Object.assign(console, { log, error }));
}
