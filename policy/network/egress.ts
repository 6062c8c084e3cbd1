import { PolicyResource } from "@pulumi/policy";
import { Finding, undetermined } from "../core/finding";
import { Graph, INTERNET_GATEWAY, isDefaultRoute, NAT_GATEWAY, NETWORK_INTERFACE, Route, ROUTE_TARGETS, SUBNET_TYPES } from "../core/graph"; // prettier-ignore
import { spread, zoneOf } from "../core/places";
import { known, read, UNKNOWN } from "../core/unknown";
import { badGatewayGroups } from "./gateways";

/** What stands in one zone and is lost with it. Other targets (transit gateways, regional NAT gateways, …) are AWS's. */
const ZONAL = { natGatewayId: NAT_GATEWAY, networkInterfaceId: NETWORK_INTERFACE } as const;

/**
 * Each zone of a VPC has a way out of its own: a default route that leads to a NAT gateway or a gateway instance leads
 * to one in the subnet's own zone. Judged by routes alone: a subnet without a default route wants none, and what leads
 * to a transit gateway or a regional NAT gateway is not bound to a zone.
 */
export function sharedWaysOut(graph: Graph): Finding[] {
  const ways = graph.ofType(...SUBNET_TYPES).flatMap((subnet) => waysOut(graph, subnet));
  const vpcs = new Map<PolicyResource | string, Way[]>();
  for (const way of ways) {
    const vpc = vpcOf(graph, way.subnet);
    const inVpc = vpcs.get(vpc) ?? [];
    inVpc.push(way);
    vpcs.set(vpc, inVpc);
  }
  return [
    ...[...vpcs].flatMap(([vpc, inVpc]) => [...oneForAll(vpc, inVpc), ...inVpc.flatMap(foreignZone)]),
    ...forgottenSubnets(graph, ways),
    ...badGatewayGroups(graph),
  ];
}

/** A subnet's default route to something that stands in one zone. */
interface Way {
  readonly subnet: PolicyResource;
  readonly route: Route;
  /** What it leads to; `undefined` if it isn't this stack's, or can't be known before the update. */
  readonly device: PolicyResource | undefined;
  /** The zone that the device stands in. */
  readonly zone: string | undefined;
}

function waysOut(graph: Graph, subnet: PolicyResource): Way[] {
  return graph
    .routesOf(subnet)
    .filter((route) => isDefaultRoute(route) && graph.routeTargets(route, INTERNET_GATEWAY).length === 0)
    .flatMap((route): Way[] => {
      const devices = graph
        .routeTargets(route, ...Object.values(ZONAL))
        .filter((d) => known(() => d.props["availabilityMode"] as string | undefined) !== "regional");
      if (devices.length === 1) {
        const [device] = devices as [PolicyResource];
        return [{ subnet, route, device, zone: spread(graph, device, { subnets: ["subnetId"] }).zones[0] }];
      }
      const zonal = Object.keys(ZONAL).some((key) => read(() => route.props[key]) !== undefined && isSet(route, key));
      const regional = graph.routeTargets(route, NAT_GATEWAY).length > 0 && devices.length === 0;
      return zonal && !regional ? [{ subnet, route, device: undefined, zone: undefined }] : [];
    });
}

/** Whether a route leads to this kind of target, known or not; provider and engine write empty texts for the others. */
function isSet({ props }: Route, key: string): boolean {
  const value = read(() => props[key]);
  const others = ROUTE_TARGETS.filter((k) => k !== key).some((k) => Boolean(known(() => props[k])));
  return value === UNKNOWN ? !others : Boolean(value);
}

/** The VPC of a subnet, by reference or by id. */
function vpcOf(graph: Graph, subnet: PolicyResource): PolicyResource | string {
  const [vpc] = graph.referred(subnet, "vpcId", "aws:ec2/vpc:Vpc", "aws:ec2/defaultVpc:DefaultVpc");
  return vpc ?? known(() => subnet.props["vpcId"] as string | undefined) ?? "";
}

function oneForAll(vpc: PolicyResource | string, ways: readonly Way[]): Finding[] {
  const zones = new Set(ways.map((w) => zoneOf(w.subnet)));
  const standing = new Set(ways.map((w) => w.zone));
  if (zones.size < 2 || standing.size > 1 || standing.has(undefined)) {
    return [];
  }
  const name = typeof vpc === "string" ? vpc : vpc.name;
  return [
    {
      message: `the private subnets of VPC ${name} in ${zones.size} zones all go out by ${[...standing].join()}: the gateways stand in 1 zone; put one into each`,
      urn: typeof vpc === "string" ? ways[0]?.route.owner.urn : vpc.urn,
    },
  ];
}

function foreignZone({ subnet, route, device, zone }: Way): Finding[] {
  const own = zoneOf(subnet);
  const urn = route.owner.urn;
  const what = `default route ${route.owner.name} of subnet ${subnet.name}`;
  if (device === undefined || zone === undefined || own === undefined) {
    const mend =
      device === undefined
        ? "read its gateway by a get function that tells its subnet, or see the update's verdict"
        : "set availabilityZone of the subnets literally";
    return [undetermined(`whether ${what} stays in its zone can't be determined: ${mend}`, urn)];
  }
  return zone === own
    ? []
    : [{ message: `${what} leads to ${device.name}, the gateway in ${zone}: point it at the gateway in ${own}`, urn }];
}

/** awsx says by a tag what kind a subnet is: a private one without a default route has been forgotten. */
function forgottenSubnets(graph: Graph, ways: readonly Way[]): Finding[] {
  const served = new Set(ways.map((w) => vpcOf(graph, w.subnet)));
  return graph
    .ofType(...SUBNET_TYPES)
    .filter((s) => known(() => (s.props["tags"] as Record<string, string> | undefined)?.["SubnetType"]) === "Private")
    .filter((s) => served.has(vpcOf(graph, s)) && !graph.routesOf(s).some(isDefaultRoute))
    .map((s) => ({
      message: `private subnet ${s.name} has no default route: point one at the gateway in ${zoneOf(s) ?? "its zone"}`,
      urn: s.urn,
    }));
}
