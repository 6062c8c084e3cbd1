import { PolicyResource } from "@pulumi/policy";
import { Finding, undetermined } from "../core/finding";
import { Graph, GROUP, isDefaultRoute, LAUNCH_TEMPLATE, NETWORK_INTERFACE, ROUTE } from "../core/graph";
import { spread } from "../core/places";
import { known, read, UNKNOWN } from "../core/unknown";

/**
 * Gateways: network interfaces that forward (their source/destination check is off) and that a default route leads to,
 * or the instance of an Auto Scaling group attaches. A VPN appliance or a firewall is neither.
 */
export function gateways(graph: Graph): PolicyResource[] {
  let found = cache.get(graph);
  if (found === undefined) {
    const routed = new Set(
      graph
        .ofType(ROUTE)
        .filter((route) => isDefaultRoute({ owner: route, props: route.props, inline: undefined }))
        .flatMap((route) => graph.referred(route, "networkInterfaceId", NETWORK_INTERFACE)),
    );
    const attached = new Set(graph.ofType(GROUP).flatMap((group) => attachedBy(graph, group)));
    found = graph.ofType(NETWORK_INTERFACE).filter((n) => forwards(n) && (routed.has(n) || attached.has(n)));
    cache.set(graph, found);
  }
  return found;
}

const cache = new WeakMap<Graph, PolicyResource[]>();

const forwards = (n: PolicyResource) => known(() => n.props["sourceDestCheck"] as boolean) === false;

/** The interfaces that a group's instances attach: those that its launch template's user data names. */
function attachedBy(graph: Graph, group: PolicyResource): PolicyResource[] {
  return graph
    .referred(group, "launchTemplate", LAUNCH_TEMPLATE)
    .flatMap((template) => graph.dependencies(template, "userData", NETWORK_INTERFACE));
}

/** The gateway whose interface a group's instances attach. */
export function gatewayOf(graph: Graph, group: PolicyResource): PolicyResource | undefined {
  return holders(graph).gatewayOf.get(group);
}

/** The groups whose instances attach a gateway's interface. */
export function groupsOf(graph: Graph, gateway: PolicyResource): readonly PolicyResource[] {
  return holders(graph).groupsOf.get(gateway) ?? [];
}

interface Holders {
  readonly gatewayOf: ReadonlyMap<PolicyResource, PolicyResource>;
  readonly groupsOf: ReadonlyMap<PolicyResource, readonly PolicyResource[]>;
}

const cachedHolders = new WeakMap<Graph, Holders>();

function holders(graph: Graph): Holders {
  let found = cachedHolders.get(graph);
  if (found === undefined) {
    const all = new Set(gateways(graph));
    const pairs = graph.ofType(GROUP).flatMap((group) => {
      const gateway = attachedBy(graph, group).find((n) => all.has(n));
      return gateway === undefined ? [] : [[group, gateway] as const];
    });
    const groups = new Map<PolicyResource, PolicyResource[]>();
    pairs.forEach(([group, gateway]) => groups.set(gateway, [...(groups.get(gateway) ?? []), group]));
    found = { gatewayOf: new Map(pairs), groupsOf: groups };
    cachedHolders.set(graph, found);
  }
  return found;
}

/** Whether a resource is the group of a gateway, which is meant to hold one instance in one zone. */
export function isGatewayGroup(graph: Graph, resource: PolicyResource): boolean {
  return resource.type === GROUP && gatewayOf(graph, resource) !== undefined;
}

/** Each gateway's interface is attached by exactly one group, of exactly one instance, in the interface's zone. */
export function badGatewayGroups(graph: Graph): Finding[] {
  return gateways(graph).flatMap((gateway) => {
    const groups = groupsOf(graph, gateway);
    const [group] = groups;
    if (group === undefined || groups.length > 1) {
      return [
        {
          message: `gateway ${gateway.name} is attached by ${groups.length} Auto Scaling groups: give it exactly one`,
          urn: gateway.urn,
        },
      ];
    }
    return [...badSize(group), ...badPlace(graph, gateway, group)];
  });
}

function badSize(group: PolicyResource): Finding[] {
  const sizes = ["minSize", "maxSize"].map((size) => read(() => group.props[size] as unknown));
  if (sizes.every((size) => size === 1)) {
    return [];
  }
  return sizes.includes(UNKNOWN)
    ? [
        undetermined(
          `the size of group ${group.name} isn't known before the update: write minSize and maxSize literally`,
          group.urn,
        ),
      ]
    : [
        {
          message: `group ${group.name} must always have one instance, since one interface can be attached once: set minSize and maxSize to 1`,
          urn: group.urn,
        },
      ];
}

function badPlace(graph: Graph, gateway: PolicyResource, group: PolicyResource): Finding[] {
  const [zone] = spread(graph, gateway, { subnets: ["subnetId"] }).zones;
  const { zones, atMost, open } = spread(graph, group, {
    subnets: ["vpcZoneIdentifiers"],
    zones: ["availabilityZones"],
  });
  if (zone !== undefined && atMost === 1 && zones[0] === zone) {
    return [];
  }
  if (zone === undefined || open.length > 0) {
    return [
      undetermined(
        `whether group ${group.name} runs in the zone of its interface isn't known before the update`,
        group.urn,
      ),
    ];
  }
  const where = zones.join(", ") || "no zone";
  return [
    {
      message: `group ${group.name} runs in ${where}, but its interface is in ${zone}: set vpcZoneIdentifiers to that zone's subnet alone`,
      urn: group.urn,
    },
  ];
}
