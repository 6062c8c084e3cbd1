import { Json } from "../../model/eventPattern";

/** An event as AWS puts it on the default bus. */
export interface AwsEvent {
  readonly source: string;
  readonly "detail-type": string;
  readonly detail: Readonly<Record<string, Json>>;
}

/** Stands in events for ids of instances, of which no program knows. */
const AN_INSTANCE = "i-0123456789abcdef0";

/** `EC2 Instance-terminate Lifecycle Action`, to which a terminating hook leads. */
export const aboutToTerminate = (group: string): AwsEvent => ofGroup("EC2 Instance-terminate Lifecycle Action", group);
export const terminated = (group: string): AwsEvent => ofGroup("EC2 Instance Terminate Successful", group);
export const launched = (group: string): AwsEvent => ofGroup("EC2 Instance Launch Successful", group);

function ofGroup(detailType: string, group: string): AwsEvent {
  const detail = {
    AutoScalingGroupName: group,
    EC2InstanceId: AN_INSTANCE,
    Origin: "AutoScalingGroup",
    Destination: "EC2",
  };
  return { source: "aws.autoscaling", "detail-type": detailType, detail };
}

/** `EC2 Instance State-change Notification`: neither group nor zone in it. */
export const stopped = (state: "stopping" | "terminated"): AwsEvent => ({
  source: "aws.ec2",
  "detail-type": "EC2 Instance State-change Notification",
  detail: { "instance-id": AN_INSTANCE, state },
});

/** CloudTrail's record of an attachment that succeeded. */
export const attached = (networkInterfaceId: string): AwsEvent => ({
  source: "aws.ec2",
  "detail-type": "AWS API Call via CloudTrail",
  detail: {
    eventSource: "ec2.amazonaws.com",
    eventName: "AttachNetworkInterface",
    requestParameters: { networkInterfaceId, instanceId: AN_INSTANCE, deviceIndex: 1 },
    responseElements: { attachmentId: "eni-attach-0" },
  },
});

/** `CloudWatch Alarm State Change`. */
export const alarmState = (alarmName: string, value: "ALARM" | "OK"): AwsEvent => ({
  source: "aws.cloudwatch",
  "detail-type": "CloudWatch Alarm State Change",
  detail: {
    alarmName,
    state: { value, timestamp: "2026-01-01T00:00:00.000+0000", reason: "Threshold Crossed" },
    previousState: { value: value === "ALARM" ? "OK" : "ALARM" },
  },
});
