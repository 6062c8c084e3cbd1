import { AutoScalingClient, paginateDescribeAutoScalingGroups } from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient, paginateGetMetricData } from "@aws-sdk/client-cloudwatch";
import {
  EC2Client,
  paginateDescribeInstanceStatus,
  paginateDescribeRouteTables,
  Route,
  RouteTable,
} from "@aws-sdk/client-ec2";
import { describeInstances } from "../common/instances";
import { newestDatum } from "../common/newestDatum";
import { within } from "../common/within";
import { Evidence, InstanceEvidence } from "./judge";
import { FORWARDING_METRIC, METRIC_NAMESPACE, metricDimensions } from "./metrics";
import { RouteTableState, RouteTarget } from "./plan";
import { DEFAULT_ROUTE, GatewaySettings } from "./settings";

/** The clients that reading needs. */
export interface ObserveClients {
  readonly ec2: EC2Client;
  readonly autoScaling: AutoScalingClient;
  readonly cloudWatch: CloudWatchClient;
}

/** What was read in one parallel round. */
export interface Observation {
  readonly evidence: Evidence;
  /** The route tables that exist. One that was deleted serves nobody, and keeps nobody from being served. */
  readonly tables: readonly RouteTableState[];
  /** The reads that failed and could be done without; empty when all was read. */
  readonly missing: readonly string[];
}

/** What an SDK client is told beside a command. */
interface SendOptions {
  readonly abortSignal?: AbortSignal;
}

/**
 * Reads everything a decision needs in one round trip: all calls are made in parallel, none needs another's answer.
 * Instances and routes are indispensable. Status checks, lifecycle states and the instances' own word refine the picture;
 * an API that throttles or hangs must not keep a route on a dead gateway, so their failure is reported, not thrown.
 * @param patienceMs how long to wait for what can be done without. @default as long as the SDK does
 * @throws what EC2 throws when instances or route tables can't be read.
 */
export async function observe(
  settings: GatewaySettings,
  clients: ObserveClients,
  now: Date,
  patienceMs?: number,
): Promise<Observation> {
  const missing: string[] = [];
  const optional = async <T>(what: string, read: (options: SendOptions) => Promise<T>): Promise<T | undefined> => {
    try {
      return await within(patienceMs, read);
    } catch (error) {
      missing.push(`${what}: ${String(error)}`);
      return undefined;
    }
  };
  const [running, tables, failingChecks, lifecycleStates, forwarding] = await Promise.all([
    readRunningInstances(settings, clients.ec2),
    readRouteTables(settings, clients.ec2),
    optional("status checks", (options) => readFailingChecks(settings, clients.ec2, options)),
    optional("lifecycle states", (options) => readLifecycleStates(settings, clients.autoScaling, options)),
    optional("forwarding", (options) => readForwarding(settings, clients.cloudWatch, now, options)),
  ]);
  return { evidence: { running, failingChecks, lifecycleStates, forwarding }, tables, missing };
}

async function readRunningInstances(settings: GatewaySettings, ec2: EC2Client): Promise<InstanceEvidence[]> {
  const instances = await describeInstances(ec2, [
    { Name: "subnet-id", Values: [...settings.subnetIds] },
    { Name: "instance-state-name", Values: ["running"] },
  ]);
  return instances.map((instance) => ({
    instanceId: instance.InstanceId ?? "",
    attachedNetworkInterfaceIds: (instance.NetworkInterfaces ?? [])
      .filter((n) => n.Attachment?.Status === "attached")
      .map((n) => n.NetworkInterfaceId ?? ""),
  }));
}

/**
 * The instances of the gateway's zones whose checks are not all ok. Asking for the exceptions keeps the answer small
 * however many instances the zones hold; filters are joined by "and", hence one call for each kind of check.
 */
async function readFailingChecks(
  settings: GatewaySettings,
  client: EC2Client,
  options: SendOptions,
): Promise<Map<string, "impaired" | "no verdict">> {
  const zones = { Name: "availability-zone", Values: settings.zones.map((z) => z.availabilityZone) };
  const ask = async (check: string) => {
    const notOk = { Name: `${check}.status`, Values: ["impaired", "initializing", "insufficient-data"] };
    const found = [];
    for await (const page of paginateDescribeInstanceStatus({ client }, { Filters: [zones, notOk] }, options)) {
      found.push(...(page.InstanceStatuses ?? []));
    }
    return found;
  };
  const answers = await Promise.all([ask("instance-status"), ask("system-status"), ask("attached-ebs-status")]);
  return new Map(
    answers.flat().map((s) => {
      const statuses = [s.InstanceStatus?.Status, s.SystemStatus?.Status, s.AttachedEbsStatus?.Status];
      return [s.InstanceId ?? "", statuses.includes("impaired") ? "impaired" : "no verdict"];
    }),
  );
}

async function readLifecycleStates(
  settings: GatewaySettings,
  client: AutoScalingClient,
  options: SendOptions,
): Promise<Map<string, string>> {
  const states = new Map<string, string>();
  const input = { AutoScalingGroupNames: settings.zones.map((z) => z.autoScalingGroupName) };
  for await (const page of paginateDescribeAutoScalingGroups({ client }, input, options)) {
    for (const instance of (page.AutoScalingGroups ?? []).flatMap((g) => g.Instances ?? [])) {
      states.set(instance.InstanceId ?? "", instance.LifecycleState ?? "");
    }
  }
  return states;
}

/** How old an instance's word may be, in minutes: it gives it every minute, and CloudWatch takes up to two to show it. */
const FORWARDING_MINUTES = 3;

/** By zone, the newest word of its instance on whether it forwards; of two in a minute, the worse. */
async function readForwarding(
  settings: GatewaySettings,
  client: CloudWatchClient,
  now: Date,
  options: SendOptions,
): Promise<Map<string, boolean>> {
  const forwarding = new Map<string, boolean>();
  const input = {
    StartTime: new Date(now.getTime() - FORWARDING_MINUTES * 60_000),
    EndTime: now,
    MetricDataQueries: settings.zones.map(({ availabilityZone }, i) => ({
      Id: `zone${i}`,
      MetricStat: {
        Metric: {
          Namespace: METRIC_NAMESPACE,
          MetricName: FORWARDING_METRIC,
          Dimensions: metricDimensions(settings.id, availabilityZone),
        },
        Period: 60,
        Stat: "Minimum",
      },
    })),
  };
  for await (const page of paginateGetMetricData({ client }, input, options)) {
    for (const result of page.MetricDataResults ?? []) {
      const zone = settings.zones[Number(result.Id?.replace("zone", ""))];
      const newest = newestDatum(result);
      if (zone !== undefined && newest !== undefined) {
        forwarding.set(zone.availabilityZone, newest >= 1);
      }
    }
  }
  return forwarding;
}

/** Reads the tables by a filter: asked for by id, one that has been deleted would fail the call for all of them. */
async function readRouteTables(settings: GatewaySettings, client: EC2Client): Promise<RouteTableState[]> {
  const ids = settings.zones.flatMap((z) => [...z.routeTableIds]);
  const found = new Map<string, RouteTable>();
  for await (const page of paginateDescribeRouteTables(
    { client },
    { Filters: [{ Name: "route-table-id", Values: ids }] },
  )) {
    (page.RouteTables ?? []).forEach((table) => found.set(table.RouteTableId ?? "", table));
  }
  return settings.zones.flatMap((zone) =>
    zone.routeTableIds
      .filter((routeTableId) => found.has(routeTableId))
      .map((routeTableId) => {
        const route = found.get(routeTableId)?.Routes?.find((r) => r.DestinationCidrBlock === DEFAULT_ROUTE);
        return { routeTableId, availabilityZone: zone.availabilityZone, target: routeTarget(settings, route) };
      }),
  );
}

/** What a route says beside where it leads. All else names a target, also one that EC2 learns of after this was written. */
const NOT_TARGETS: readonly string[] = [
  "DestinationCidrBlock",
  "DestinationIpv6CidrBlock",
  "DestinationPrefixListId",
  "InstanceOwnerId",
  "IpAddress",
  "Origin",
  "State",
];

/**
 * Names the target of a default route. One that leads to a network interface that no longer exists leads nowhere; any
 * other target that is not this gateway's is somebody's who put it there, even while it doesn't answer.
 */
export function routeTarget(settings: GatewaySettings, route: Route | undefined): RouteTarget {
  if (route === undefined) {
    return { kind: "none", routeExists: false };
  }
  const own = settings.zones.find((z) => z.networkInterfaceId === route.NetworkInterfaceId);
  if (own !== undefined) {
    return { kind: "gateway", availabilityZone: own.availabilityZone };
  }
  const targets = Object.entries(route).filter(([key, value]) => value !== undefined && !NOT_TARGETS.includes(key));
  const onlyInterface = targets.every(([key]) => key === "NetworkInterfaceId" || key === "InstanceId");
  if (onlyInterface && (targets.length === 0 || route.State === "blackhole")) {
    return { kind: "none", routeExists: true };
  }
  // An instance's route names its interface too, which says more.
  return { kind: "foreign", target: route.NetworkInterfaceId ?? String(targets[0]?.[1]) };
}
