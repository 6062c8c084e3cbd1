import * as pulumi from "@pulumi/pulumi";

/** EventBridge event pattern of CloudWatch alarms that change to one of these states. AWS sends it for changes only. */
export function alarmStatePattern(alarmNames: pulumi.Input<string>[], ...values: ("ALARM" | "OK")[]) {
  return {
    source: ["aws.cloudwatch"],
    "detail-type": ["CloudWatch Alarm State Change"],
    detail: { alarmName: alarmNames, state: { value: values } },
  };
}
