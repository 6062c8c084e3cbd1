import { PolicyResource } from "@pulumi/policy";
import {
  EVENT_RULE,
  Finding,
  Graph,
  GROUP,
  isDefaultRoute,
  known,
  LAUNCH_TEMPLATE,
  NAT_GATEWAY,
  NETWORK_INTERFACE,
  SUBNET,
  zoneOf,
} from "./graph";
import { brokenRule } from "./targets";
import { isSingle } from "./zones";

/** The tag by which awsx says what kind a subnet is. */
const SUBNET_TYPE_TAG = "SubnetType";

/** A gateway: a network interface that forwards, that is, whose source/destination check is off. */
export function gateways(graph: Graph): PolicyResource[] {
  return graph.ofType(NETWORK_INTERFACE).filter((n) => known(() => n.props["sourceDestCheck"] as boolean) === false);
}

/** The gateway whose interface a group's instances attach: the one that its launch template's user data names. */
export function gatewayOf(graph: Graph, group: PolicyResource): PolicyResource | undefined {
  const templates = graph.referred(group, "launchTemplate", LAUNCH_TEMPLATE);
  const attached = templates.flatMap((t) => t.propertyDependencies["userData"] ?? []);
  return gateways(graph).find((g) => attached.includes(g));
}

/**
 * Every private subnet's default route leads to a gateway in its own zone, and gateways, if there are any, stand in two zones
 * or more, each behind a group of exactly one in its own zone.
 */
export function misplacedGateways(graph: Graph): Finding[] {
  const privateSubnets = graph.ofType(SUBNET).filter((s) => {
    const type = known(() => (s.props["tags"] as Record<string, string> | undefined)?.[SUBNET_TYPE_TAG]);
    return type?.toLowerCase() === "private";
  });
  const zones = new Set([
    ...gateways(graph).flatMap((g) => graph.zonesOf(g, "subnetId")),
    ...graph.ofType(NAT_GATEWAY).flatMap((g) => graph.zonesOf(g, "subnetId")),
  ]);
  if (zones.size === 0 && !privateSubnets.some((s) => graph.routesOf(s).some(isDefaultRoute))) {
    // A stack without any way out has none to lose.
    return [];
  }
  const tooFew =
    privateSubnets.length > 0 && zones.size < 2
      ? [{ message: `gateways stand in ${zones.size} zone(s): there must be two or more, so that one can fail over` }]
      : [];
  return [
    ...tooFew,
    ...privateSubnets.flatMap((subnet) => misrouted(graph, subnet)),
    ...gateways(graph).flatMap((gateway) => badGroup(graph, gateway)),
  ];
}

function misrouted(graph: Graph, subnet: PolicyResource): Finding[] {
  const zone = zoneOf(subnet);
  const routes = graph.routesOf(subnet).filter(isDefaultRoute);
  if (routes.length === 0) {
    return [
      {
        message: `private subnet ${subnet.name} has no default route: point one at the gateway in ${zone}`,
        urn: subnet.urn,
      },
    ];
  }
  return routes.flatMap((route) => {
    const targets = [
      ...graph.referred(route, "networkInterfaceId", NETWORK_INTERFACE),
      ...graph.referred(route, "natGatewayId", NAT_GATEWAY),
    ].filter((t) => t.type === NAT_GATEWAY || gateways(graph).includes(t));
    const zones = targets.flatMap((t) => graph.zonesOf(t, "subnetId"));
    if (zones.length === 1 && zones[0] === zone) {
      return [];
    }
    const where = zones.length === 0 ? "no gateway that can be determined" : `the gateway in ${zones.join(", ")}`;
    return [
      {
        message: `default route ${route.name} of private subnet ${subnet.name} leads to ${where}: point it at the gateway in ${zone}`,
        urn: route.urn,
      },
    ];
  });
}

function badGroup(graph: Graph, gateway: PolicyResource): Finding[] {
  const [zone] = graph.zonesOf(gateway, "subnetId");
  const groups = graph.ofType(GROUP).filter((g) => gatewayOf(graph, g) === gateway);
  const [group] = groups;
  if (group === undefined || groups.length > 1) {
    return [
      {
        message: `gateway ${gateway.name} is attached by ${groups.length} Auto Scaling groups: give it exactly one`,
        urn: gateway.urn,
      },
    ];
  }
  const findings: Finding[] = [];
  if (!isSingle(group)) {
    findings.push({
      message: `group ${group.name} must always have one instance, since one interface can be attached once: set minSize and maxSize to 1`,
      urn: group.urn,
    });
  }
  const zones = graph.zonesOf(group, "vpcZoneIdentifiers");
  if (zones.length !== 1 || zones[0] !== zone) {
    findings.push({
      message: `group ${group.name} runs in ${zones.join(", ") || "no zone that can be determined"}, but its interface is in ${zone}: give it that zone's subnet alone`,
      urn: group.urn,
    });
  }
  return findings;
}

/** What has to reach a gateway's functions, and how a rule's event pattern says so. */
const OCCASIONS = [
  {
    what: "failover",
    when: "before its instance is terminated",
    detailType: "EC2 Instance-terminate Lifecycle Action",
    by: GROUP,
  },
  {
    what: "failover",
    when: "when its instance has been terminated",
    detailType: "EC2 Instance Terminate Successful",
    by: GROUP,
  },
  {
    what: "restore",
    when: "when an instance has been launched",
    detailType: "EC2 Instance Launch Successful",
    by: GROUP,
  },
  {
    what: "restore",
    when: "when its interface is attached",
    detailType: "AWS API Call via CloudTrail",
    by: NETWORK_INTERFACE,
  },
] as const;

/** Gateways for which nothing moves routes away, or back. NAT gateways are AWS's own to keep alive. */
export function unattendedGateways(graph: Graph): Finding[] {
  return gateways(graph).flatMap((gateway) => {
    const group = graph.ofType(GROUP).find((g) => gatewayOf(graph, g) === gateway);
    return OCCASIONS.flatMap(({ what, when, detailType, by }) => {
      const subject = by === GROUP ? group : gateway;
      const rules = graph
        .ofType(EVENT_RULE)
        .filter((rule) => subject !== undefined && concerns(graph, rule, subject, detailType));
      const problems = rules.map((rule) => brokenRule(graph, rule));
      if (problems.includes(undefined)) {
        return [];
      }
      const reason = problems[0] ?? `no EventBridge rule for "${detailType}" names it`;
      return [{ message: `gateway ${gateway.name} has no ${what} target ${when}: ${reason}`, urn: gateway.urn }];
    });
  });
}

/** Whether a rule's pattern is of a detail type and about a resource. A pattern that is not known yet may be. */
function concerns(graph: Graph, rule: PolicyResource, subject: PolicyResource, detailType: string): boolean {
  if (!graph.referred(rule, "eventPattern", subject.type).includes(subject)) {
    return false;
  }
  const pattern = known(() => rule.props["eventPattern"] as string | undefined);
  if (pattern === undefined) {
    // Only a pattern with interface ids is still unknown in a preview; the update judges it again.
    return subject.type === NETWORK_INTERFACE;
  }
  return pattern.includes(`"${detailType}"`);
}
