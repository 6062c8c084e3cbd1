import { DescribeAlarmsCommand, GetMetricDataCommand, MetricDataResult } from "@aws-sdk/client-cloudwatch";
import { DescribeInstanceStatusCommand, Instance } from "@aws-sdk/client-ec2";
import { paginateGetOutpostInstanceTypes } from "@aws-sdk/client-outposts";
import { readTellings } from "../common/announce";
import { describeInstances } from "../common/instances";
import { AlarmNow, alarmNow } from "./alarm";
import { RelaunchClients } from "./clients";
import { InstanceState } from "./instances";
import { readMemory } from "./memory";
import { RELAUNCHED_BY, RelaunchSettings } from "./settings";

/** Minutes of `ConnectedStatus` that are looked at beyond what the alarm goes by; the metric comes somewhat late. */
const LATE_MINUTES = 5;
/** How many data of the destination have to say that it is disconnected: one may be a hiccup, and trying costs little. */
const PROOF = 2;

/** What every run looks at, in one round trip. */
export async function look(settings: RelaunchSettings, clients: RelaunchClients) {
  const [alarm, instances, memory, { told, begun }] = await Promise.all([
    readSourceAlarm(settings, clients),
    readInstances(settings, clients),
    readMemory(settings, clients.dynamoDb),
    readTellings(settings, clients),
  ]);
  return { alarm, instances, memory, told, begun };
}

/** Everything that takes up a place on either server, and every copy, ended ones too: those have no subnet any more. */
async function readInstances(settings: RelaunchSettings, { ec2 }: RelaunchClients): Promise<InstanceState[]> {
  const { source, destination, system } = settings;
  const [alive, copies] = await Promise.all([
    describeInstances(ec2, [
      { Name: "subnet-id", Values: [...source.subnetIds, ...destination.subnetIds] },
      { Name: "instance-state-name", Values: ["pending", "running", "stopping", "stopped"] },
    ]),
    describeInstances(ec2, [{ Name: `tag:${RELAUNCHED_BY}`, Values: [system] }]),
  ]);
  return [...new Map([...alive, ...copies].map((i) => [i.InstanceId, stateOf(i)])).values()];
}

/** What matters of an instance. */
export function stateOf(instance: Instance): InstanceState {
  return {
    instanceId: instance.InstanceId ?? "",
    subnetId: instance.SubnetId ?? "",
    instanceType: instance.InstanceType ?? "",
    state: instance.State?.Name ?? "",
    launchedAt: instance.LaunchTime?.getTime() ?? 0,
    stateReason: instance.StateReason?.Message,
    tags: Object.fromEntries((instance.Tags ?? []).map((t) => [t.Key ?? "", t.Value ?? ""])),
  };
}

/** State of the alarm on the source's connection. One that isn't there knows nothing. */
async function readSourceAlarm({ sourceAlarm }: RelaunchSettings, { cloudWatch }: RelaunchClients): Promise<AlarmNow> {
  const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [sourceAlarm.name] }));
  const { StateValue, StateTransitionedTimestamp, StateUpdatedTimestamp } = MetricAlarms[0] ?? {};
  return (
    alarmNow(StateValue, StateTransitionedTimestamp ?? StateUpdatedTimestamp) ?? {
      state: "INSUFFICIENT_DATA",
      since: new Date().toISOString(),
    }
  );
}

/** What decides whether anything may be launched. */
export interface Evidence {
  /** Whether the source's newest datum is below 1. Without any it isn't known to be disconnected: a gap is no outage. */
  readonly sourceDown: boolean;
  /** Whether the destination's newest data are. Without them, trying is better than not. */
  readonly destinationDown: boolean;
  /** The instance types that the destination offers, or `undefined` if the Outposts API doesn't say. */
  readonly offered: ReadonlySet<string> | undefined;
}

/** Asks for everything that decides about launching, in one round trip. */
export async function readEvidence(settings: RelaunchSettings, clients: RelaunchClients): Promise<Evidence> {
  const [links, offered] = await Promise.all([readLinks(settings, clients), readOffered(settings, clients)]);
  return { ...links, offered };
}

async function readLinks(settings: RelaunchSettings, { cloudWatch }: RelaunchClients) {
  const { source, destination, sourceAlarm, ownerAccountId } = settings;
  const { periodSeconds, evaluationPeriods } = sourceAlarm;
  // On the minute, as the metric is.
  const end = Math.ceil(Date.now() / 60_000) * 60_000;
  const query = (Id: string, outpostId: string, Period: number) => ({
    Id,
    AccountId: ownerAccountId,
    MetricStat: {
      Metric: {
        Namespace: "AWS/Outposts",
        MetricName: "ConnectedStatus",
        Dimensions: [{ Name: "OutpostId", Value: outpostId }],
      },
      Period,
      Stat: "Average",
    },
  });
  const { MetricDataResults = [] } = await cloudWatch.send(
    new GetMetricDataCommand({
      StartTime: new Date(end - periodSeconds * evaluationPeriods * 1000 - LATE_MINUTES * 60_000),
      EndTime: new Date(end),
      MetricDataQueries: [
        query("source", source.outpostId, periodSeconds),
        query("destination", destination.outpostId, 60),
      ],
    }),
  );
  const newest = (id: string, count: number) => newestData(MetricDataResults.find((r) => r.Id === id)).slice(0, count);
  const proof = newest("destination", PROOF);
  return {
    sourceDown: newest("source", 1).some((value) => value < 1),
    destinationDown: proof.length === PROOF && proof.every((value) => value < 1),
  };
}

/** The values of a metric, the newest first, in whatever order CloudWatch lists them. */
function newestData({ Timestamps = [], Values = [] }: MetricDataResult = {}): number[] {
  return Timestamps.map((at, i) => ({ at: at.getTime(), value: Values[i] ?? 1 }))
    .sort((a, b) => b.at - a.at)
    .map(({ value }) => value);
}

async function readOffered(
  { destination }: RelaunchSettings,
  { outposts }: RelaunchClients,
): Promise<Set<string> | undefined> {
  try {
    const types = new Set<string>();
    for await (const page of paginateGetOutpostInstanceTypes(
      { client: outposts },
      { OutpostId: destination.outpost },
    )) {
      (page.InstanceTypes ?? []).forEach((t) => types.add(t.InstanceType ?? ""));
    }
    return types;
  } catch (error) {
    console.log(JSON.stringify({ message: "instance types unknown", error: String(error) }));
    return undefined;
  }
}

/** Of these instances, those that run and pass all their status checks. One that EC2 doesn't know yet doesn't. */
export async function readPassing(instanceIds: readonly string[], clients: RelaunchClients): Promise<Set<string>> {
  if (instanceIds.length === 0) {
    return new Set();
  }
  try {
    const { InstanceStatuses = [] } = await clients.ec2.send(
      new DescribeInstanceStatusCommand({ InstanceIds: [...instanceIds], IncludeAllInstances: true }),
    );
    const passing = InstanceStatuses.filter(
      (s) =>
        s.InstanceState?.Name === "running" && s.InstanceStatus?.Status === "ok" && s.SystemStatus?.Status === "ok",
    );
    return new Set(passing.map((s) => s.InstanceId ?? ""));
  } catch (error) {
    if (!(error instanceof Error) || !error.name.startsWith("InvalidInstanceID")) {
      throw error;
    }
    // One that has just been launched, or has gone, makes EC2 refuse the whole question: each by itself, then.
    const each = instanceIds.length > 1 ? await Promise.all(instanceIds.map((id) => readPassing([id], clients))) : [];
    return new Set(each.flatMap((passing) => [...passing]));
  }
}
