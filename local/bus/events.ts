import { randomUUID } from "node:crypto";
import { AwsEvent } from "./bus";

/** `EC2 Instance State-change Notification`: neither group nor zone in it. */
export function instanceState(instanceId: string, state: string, time?: string): AwsEvent {
  return {
    source: "aws.ec2",
    "detail-type": "EC2 Instance State-change Notification",
    detail: { "instance-id": instanceId, state },
    ...(time === undefined ? {} : { time }),
  };
}

/** `EC2 Instance-terminate Lifecycle Action`: the instance waits for the hook's completion. */
export function terminateAction(group: string, instanceId: string, hook: string, time?: string): AwsEvent {
  return {
    source: "aws.autoscaling",
    "detail-type": "EC2 Instance-terminate Lifecycle Action",
    detail: {
      AutoScalingGroupName: group,
      EC2InstanceId: instanceId,
      LifecycleHookName: hook,
      LifecycleActionToken: randomUUID(),
      LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
      Origin: "AutoScalingGroup",
      Destination: "EC2",
    },
    ...(time === undefined ? {} : { time }),
  };
}

/** `EC2 Instance Terminate Successful` or `EC2 Instance Launch Successful`. */
export function groupActivity(
  activity: "Terminate" | "Launch",
  group: string,
  instanceId: string,
  zone: string,
): AwsEvent {
  return {
    source: "aws.autoscaling",
    "detail-type": `EC2 Instance ${activity} Successful`,
    detail: {
      AutoScalingGroupName: group,
      EC2InstanceId: instanceId,
      StatusCode: "InProgress",
      Details: { "Availability Zone": zone },
      Origin: activity === "Launch" ? "EC2" : "AutoScalingGroup",
      Destination: activity === "Launch" ? "AutoScalingGroup" : "EC2",
    },
  };
}

/** CloudTrail's record of an `AttachNetworkInterface` call; failed ones arrive too. */
export function attachCall(networkInterfaceId: string, instanceId: string, errorCode?: string): AwsEvent {
  return {
    source: "aws.ec2",
    "detail-type": "AWS API Call via CloudTrail",
    detail: {
      eventSource: "ec2.amazonaws.com",
      eventName: "AttachNetworkInterface",
      requestParameters: { networkInterfaceId, instanceId, deviceIndex: 1 },
      ...(errorCode === undefined
        ? { responseElements: { attachmentId: "eni-attach-0" } }
        : { errorCode, errorMessage: "refused", responseElements: null }),
    },
  };
}

/** `CloudWatch Alarm State Change`: fires on changes only. */
export function alarmState(alarmName: string, value: "ALARM" | "OK", at = new Date().toISOString()): AwsEvent {
  return {
    source: "aws.cloudwatch",
    "detail-type": "CloudWatch Alarm State Change",
    detail: {
      alarmName,
      state: { value, timestamp: at, reason: "Threshold Crossed" },
      previousState: { value: value === "ALARM" ? "OK" : "ALARM" },
      configuration: { metrics: [] },
    },
  };
}
