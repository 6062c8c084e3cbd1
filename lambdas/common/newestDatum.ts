import { MetricDataResult } from "@aws-sdk/client-cloudwatch";

/** The newest value of a metric, in whatever order CloudWatch lists them; `undefined` if there is none. */
export function newestDatum({ Timestamps = [], Values = [] }: MetricDataResult = {}): number | undefined {
  const newest = Timestamps.reduce((best, at, i) => (at > (Timestamps[best] ?? at) ? i : best), 0);
  return Values[newest];
}
