import { DescribeInstanceStatusCommand, DescribeRouteTablesCommand, EC2Client, Route } from "@aws-sdk/client-ec2";
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import { describeInstances } from "../common/instances";
import { Evidence, InstanceEvidence, RouteTableState, RouteTarget } from "./plan";
import { DEFAULT_ROUTE, GatewaySettings } from "./settings";

/** The clients that reading needs. */
export interface ObserveClients {
  readonly ec2: EC2Client;
  readonly autoScaling: AutoScalingClient;
}

/** What was read in one parallel round. */
export interface Observation {
  readonly evidence: Evidence;
  readonly tables: readonly RouteTableState[];
  /** The reads that failed and could be done without; empty when all was read. */
  readonly missing: readonly string[];
}

/**
 * Reads everything a decision needs in one round trip: all calls are made in parallel, none needs another's answer.
 * Instances and routes are indispensable. Status checks and lifecycle states refine the picture; a throttled
 * Auto Scaling API must not keep a route on a dead gateway, so their failure is reported instead of thrown.
 * @throws what EC2 throws when instances or route tables can't be read.
 */
export async function observe(settings: GatewaySettings, clients: ObserveClients): Promise<Observation> {
  const missing: string[] = [];
  const optional = async <T>(what: string, read: Promise<T>): Promise<T | undefined> => {
    try {
      return await read;
    } catch (error) {
      missing.push(`${what}: ${String(error)}`);
      return undefined;
    }
  };
  const [running, tables, failingChecks, lifecycleStates] = await Promise.all([
    readRunningInstances(settings, clients.ec2),
    readRouteTables(settings, clients.ec2),
    optional("status checks", readFailingChecks(settings, clients.ec2)),
    optional("lifecycle states", readLifecycleStates(settings, clients.autoScaling)),
  ]);
  return { evidence: { running, failingChecks, lifecycleStates }, tables, missing };
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
  ec2: EC2Client,
): Promise<Map<string, "impaired" | "no verdict">> {
  const zones = { Name: "availability-zone", Values: settings.zones.map((z) => z.availabilityZone) };
  const ask = async (check: string) => {
    const notOk = { Name: `${check}.status`, Values: ["impaired", "initializing", "insufficient-data"] };
    const { InstanceStatuses = [] } = await ec2.send(new DescribeInstanceStatusCommand({ Filters: [zones, notOk] }));
    return InstanceStatuses;
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
  autoScaling: AutoScalingClient,
): Promise<Map<string, string>> {
  const { AutoScalingGroups = [] } = await autoScaling.send(
    new DescribeAutoScalingGroupsCommand({
      AutoScalingGroupNames: settings.zones.map((z) => z.autoScalingGroupName),
    }),
  );
  return new Map(
    AutoScalingGroups.flatMap((g) => g.Instances ?? []).map((i) => [i.InstanceId ?? "", i.LifecycleState ?? ""]),
  );
}

async function readRouteTables(settings: GatewaySettings, ec2: EC2Client): Promise<RouteTableState[]> {
  const { RouteTables = [] } = await ec2.send(
    new DescribeRouteTablesCommand({ RouteTableIds: settings.zones.flatMap((z) => [...z.routeTableIds]) }),
  );
  return settings.zones.flatMap((zone) =>
    zone.routeTableIds.map((routeTableId) => {
      const routes = RouteTables.find((t) => t.RouteTableId === routeTableId)?.Routes ?? [];
      const route = routes.find((r) => r.DestinationCidrBlock === DEFAULT_ROUTE);
      return { routeTableId, availabilityZone: zone.availabilityZone, target: routeTarget(settings, route) };
    }),
  );
}

/** Names the target of a default route. A blackhole route leads nowhere, whatever it names. */
export function routeTarget(settings: GatewaySettings, route: Route | undefined): RouteTarget {
  const own = settings.zones.find((z) => z.networkInterfaceId === route?.NetworkInterfaceId);
  if (own !== undefined) {
    return { kind: "gateway", availabilityZone: own.availabilityZone };
  }
  const target =
    route?.NetworkInterfaceId ??
    route?.NatGatewayId ??
    route?.TransitGatewayId ??
    route?.VpcPeeringConnectionId ??
    route?.GatewayId ??
    route?.InstanceId;
  if (route === undefined || target === undefined || route.State === "blackhole") {
    return { kind: "none", routeExists: route !== undefined };
  }
  return { kind: "foreign", target };
}
