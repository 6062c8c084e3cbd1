import { CloudWatchClient, GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { momentOf } from "../common/moment";
import { newestDatum } from "../common/newestDatum";
import { CpuSettings } from "./settings";
import { CheckResult, failure, field, targetOf } from "./task";

/** Periods that are looked back upon: the newest datum may come some minutes late. */
const PERIODS = 10;

/**
 * Looks at the instance's newest CPUUtilization. With `since` in the input (ISO 8601) only data of periods that began
 * after it count: after a restart, an older one says nothing.
 * @throws `NoDatum` if there is none yet.
 */
export async function checkCpu(
  event: unknown,
  settings: CpuSettings,
  clients: { readonly cloudWatch: CloudWatchClient },
): Promise<CheckResult> {
  const { instanceId } = targetOf(event, settings);
  const period = settings.periodSeconds * 1000;
  const now = Math.ceil(Date.now() / period) * period;
  const since = momentOf(field(event, "since"));
  const start = since === undefined ? now - PERIODS * period : Math.ceil(Date.parse(since) / period) * period;
  const { MetricDataResults = [] } = await clients.cloudWatch.send(
    new GetMetricDataCommand({
      StartTime: new Date(start),
      EndTime: new Date(Math.max(now, start + period)),
      MetricDataQueries: [
        {
          Id: "cpu",
          MetricStat: {
            Metric: {
              Namespace: "AWS/EC2",
              MetricName: "CPUUtilization",
              Dimensions: [{ Name: "InstanceId", Value: instanceId }],
            },
            Period: settings.periodSeconds,
            Stat: "Average",
          },
        },
      ],
    }),
  );
  const value = newestDatum(MetricDataResults[0]);
  if (value === undefined) {
    throw failure(
      "NoDatum",
      `CloudWatch has no CPUUtilization of ${instanceId} since ${new Date(start).toISOString()}`,
    );
  }
  return { passed: value < settings.thresholdPercent, detail: `CPU at ${Number(value.toFixed(1))} %` };
}
