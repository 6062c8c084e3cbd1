import { CloudWatchClient, MetricAlarm, paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";

/** A Region's metric alarms, of which CloudWatch tells a hundred at once. */
export async function describeAlarms(client: CloudWatchClient, AlarmNamePrefix?: string): Promise<MetricAlarm[]> {
  const found: MetricAlarm[] = [];
  for await (const { MetricAlarms = [] } of paginateDescribeAlarms({ client }, { AlarmNamePrefix })) {
    found.push(...MetricAlarms);
  }
  return found;
}
