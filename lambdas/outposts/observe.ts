import { DescribeAlarmsCommand, GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { DescribeInstanceStatusCommand } from "@aws-sdk/client-ec2";
import { GetOutpostInstanceTypesCommand } from "@aws-sdk/client-outposts";
import { describeInstances } from "../common/instances";
import { newestDatum } from "../common/newestDatum";
import { RelaunchClients } from "./clients";
import { InstanceState } from "./plan";
import { RelaunchSettings } from "./settings";

/** Minutes of the destination's `ConnectedStatus` that are looked at; the metric comes every minute, somewhat late. */
const METRIC_MINUTES = 5;

/** All instances in the pair's subnets but those that are gone. */
export async function readInstances(settings: RelaunchSettings, { ec2 }: RelaunchClients): Promise<InstanceState[]> {
  const instances = await describeInstances(ec2, [
    { Name: "subnet-id", Values: [...settings.source.subnetIds, ...settings.destination.subnetIds] },
    { Name: "instance-state-name", Values: ["pending", "running", "stopping", "stopped"] },
  ]);
  return instances.map((i) => ({
    instanceId: i.InstanceId ?? "",
    subnetId: i.SubnetId ?? "",
    instanceType: i.InstanceType ?? "",
    tags: Object.fromEntries((i.Tags ?? []).map((t) => [t.Key ?? "", t.Value ?? ""])),
  }));
}

/** Of these instances, those that run and pass all their status checks. */
export async function readPassing(instanceIds: readonly string[], { ec2 }: RelaunchClients): Promise<Set<string>> {
  if (instanceIds.length === 0) {
    return new Set();
  }
  const { InstanceStatuses = [] } = await ec2.send(
    new DescribeInstanceStatusCommand({ InstanceIds: [...instanceIds], IncludeAllInstances: true }),
  );
  const passing = InstanceStatuses.filter(
    (s) => s.InstanceState?.Name === "running" && s.InstanceStatus?.Status === "ok" && s.SystemStatus?.Status === "ok",
  );
  return new Set(passing.map((s) => s.InstanceId ?? ""));
}

/**
 * Whether the destination is known to be disconnected: its newest `ConnectedStatus` is below 1. No datum at all proves
 * nothing (it may be late, or not shared across accounts), and then trying is better than not.
 */
export async function isDisconnected(
  settings: RelaunchSettings,
  clients: RelaunchClients,
  now: Date,
): Promise<boolean> {
  // On the minute, as the metric is.
  const end = Math.ceil(now.getTime() / 60_000) * 60_000;
  const { MetricDataResults = [] } = await clients.cloudWatch.send(
    new GetMetricDataCommand({
      StartTime: new Date(end - METRIC_MINUTES * 60_000),
      EndTime: new Date(end),
      MetricDataQueries: [
        {
          Id: "connected",
          AccountId: settings.ownerAccountId,
          MetricStat: {
            Metric: {
              Namespace: "AWS/Outposts",
              MetricName: "ConnectedStatus",
              Dimensions: [{ Name: "OutpostId", Value: settings.destination.outpostId }],
            },
            Period: 60,
            Stat: "Average",
          },
        },
      ],
    }),
  );
  return (newestDatum(MetricDataResults[0]) ?? 1) < 1;
}

/** The instance types that the destination offers, or `undefined` if the Outposts API doesn't say. */
export async function readOffered(
  settings: RelaunchSettings,
  { outposts }: RelaunchClients,
): Promise<Set<string> | undefined> {
  try {
    const { InstanceTypes = [] } = await outposts.send(
      new GetOutpostInstanceTypesCommand({ OutpostId: settings.destination.outpostId }),
    );
    return new Set(InstanceTypes.map((t) => t.InstanceType ?? ""));
  } catch (error) {
    console.log(JSON.stringify({ message: "instance types unknown", error: String(error) }));
    return undefined;
  }
}

/** State of the alarm on the source's connection now: `OK`, `ALARM` or `INSUFFICIENT_DATA`. */
export async function readSourceAlarm(settings: RelaunchSettings, { cloudWatch }: RelaunchClients): Promise<string> {
  const { MetricAlarms = [] } = await cloudWatch.send(
    new DescribeAlarmsCommand({ AlarmNames: [settings.sourceAlarm] }),
  );
  return MetricAlarms[0]?.StateValue ?? "INSUFFICIENT_DATA";
}
