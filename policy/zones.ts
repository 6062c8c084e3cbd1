import { PolicyResource } from "@pulumi/policy";
import { gatewayOf } from "./gateways";
import { Finding, Graph, GROUP, knownItems, read, UNKNOWN } from "./graph";

const LOAD_BALANCERS = ["aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer"];

/**
 * Load balancers and Auto Scaling groups whose subnets lie in fewer than two Availability Zones. A gateway's group of
 * one is meant to stay in its zone; the gateway rules look after it.
 */
export function confinedWorkloads(graph: Graph): Finding[] {
  const balancers = graph
    .ofType(...LOAD_BALANCERS)
    .flatMap((balancer) => confined(balancer, graph.zonesOf(balancer, "subnets", "subnetMappings"), "subnets"));
  const groups = graph
    .ofType(GROUP)
    .filter((group) => !(isSingle(group) && gatewayOf(graph, group) !== undefined))
    .flatMap((group) => confined(group, groupZones(graph, group), "vpcZoneIdentifiers"));
  return [...balancers, ...groups];
}

/** Whether a group always has exactly one instance. */
export function isSingle(group: PolicyResource): boolean {
  const sizes = ["minSize", "maxSize"].map((size) => read(() => group.props[size] as unknown));
  return !sizes.includes(UNKNOWN) && sizes.every((size) => size === 1);
}

function groupZones(graph: Graph, group: PolicyResource): string[] {
  const named = knownItems(() => group.props["availabilityZones"] as string[] | undefined);
  return [...new Set([...graph.zonesOf(group, "vpcZoneIdentifiers"), ...named])];
}

function confined(resource: PolicyResource, zones: readonly string[], property: string): Finding[] {
  if (zones.length >= 2) {
    return [];
  }
  const where = zones.length === 1 ? `only in ${zones[0]}` : "in no zone that can be determined";
  return [
    { message: `${resource.name} runs ${where}: give ${property} subnets in two or more zones`, urn: resource.urn },
  ];
}
