import * as pulumi from "@pulumi/pulumi";

/** EventBridge event pattern of CloudWatch alarms that change to a state. AWS sends it for changes only. */
export function alarmStatePattern(alarmNames: pulumi.Input<string>[], value: "ALARM" | "OK") {
  return {
    source: ["aws.cloudwatch"],
    "detail-type": ["CloudWatch Alarm State Change"],
    detail: { alarmName: alarmNames, state: { value: [value] } },
  };
}
