import { PolicyResource } from "@pulumi/policy";
import { make, ref } from "../core/example";
import { Finding } from "../core/finding";
import { Graph, idOf, isDefaultRoute, LAUNCH_TEMPLATE, METRIC_ALARM, NETWORK_INTERFACE, ROUTE, ROUTE_TABLE, ROUTE_TABLE_TYPES, SUBNET } from "../core/graph"; // prettier-ignore
import { Rule } from "../core/rule";
import { at, items, known, knownItems, read, UNKNOWN } from "../core/unknown";
import { deliver, scheduled } from "../events/deliver";
import { aboutToTerminate, alarmState, attached, AwsEvent, launched, stopped, terminated } from "../events/event";
import { missingPermissions, Need } from "../events/functions";
import { gateways, groupsOf } from "./gateways";

const HOOK = "aws:autoscaling/lifecycleHook:LifecycleHook";
const EIP = "aws:ec2/eip:Eip";
const EIP_ASSOCIATION = "aws:ec2/eipAssociation:EipAssociation";
const TRAIL = "aws:cloudtrail/trail:Trail";

const ZONE = [
  make(SUBNET, "public-a", { vpcId: "vpc-1", availabilityZone: "us-east-1a" }),
  make(ROUTE_TABLE, "private-a", { vpcId: "vpc-1" }),
  make(NETWORK_INTERFACE, "gateway-a", { subnetId: ref("public-a"), sourceDestCheck: false }),
  make(ROUTE, "private-a", {
    routeTableId: ref("private-a"),
    destinationCidrBlock: "0.0.0.0/0",
    networkInterfaceId: ref("gateway-a"),
  }),
];

/** When a gateway is lost, its routes move; when it is back, they return. */
export const gatewaysFailOver: Rule = {
  name: "gateways-fail-over-and-back",
  what: "Each event of a gateway's loss and return reaches a function that may move the routes of every table, and its group tells of both in time.",
  why: "A gateway whose loss nobody hears of leaves its zone dark until a person comes; one route table that the function may not change stays dark all the same.",
  mend: "See each finding: it follows the event from rule to role and names where it ends.",
  pages: [
    "https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks.html",
    "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html",
  ],
  examples: {
    fails: ZONE,
    // The same with a NAT gateway, which AWS keeps alive: there is nothing to fail over.
    passes: [
      ...ZONE.slice(0, 2),
      make("aws:ec2/natGateway:NatGateway", "nat-a", { subnetId: ref("public-a"), allocationId: "eipalloc-1" }),
      make(ROUTE, "private-a", {
        routeTableId: ref("private-a"),
        destinationCidrBlock: "0.0.0.0/0",
        natGatewayId: ref("nat-a"),
      }),
    ],
  },
  find: (graph) => {
    const tables = [...new Set(gateways(graph).flatMap((g) => tablesOf(graph, g)))];
    return gateways(graph).flatMap((gateway) => {
      const [group] = groupsOf(graph, gateway);
      return [
        ...unheard(graph, gateway, group, tables),
        ...(group === undefined ? [] : badGroup(graph, group)),
        ...badInterface(graph, gateway),
      ];
    });
  },
};

/** The route tables whose default route leads to a gateway. */
function tablesOf(graph: Graph, gateway: PolicyResource): PolicyResource[] {
  return graph
    .referrers(gateway, ROUTE, "networkInterfaceId")
    .filter((route) => isDefaultRoute({ owner: route, props: route.props, inline: undefined }))
    .flatMap((route) => graph.referred(route, "routeTableId", ...ROUTE_TABLE_TYPES));
}

/** What AWS reports of a gateway's loss or return, and what it is called in a finding. */
interface Occasion {
  readonly when: string;
  readonly event: AwsEvent;
  readonly about?: PolicyResource;
}

function occasions(graph: Graph, gateway: PolicyResource, group: PolicyResource | undefined): Occasion[] {
  const groupName = nameOf(group);
  const interfaceId = idOf(gateway) ?? "";
  const alarms = (group === undefined ? [] : graph.referrers(group, METRIC_ALARM, "dimensions")).filter((a) =>
    known(() => a.props["metricName"] as string | undefined)?.startsWith("StatusCheckFailed"),
  );
  return [
    { when: "before its instance is terminated", event: aboutToTerminate(groupName), about: group },
    { when: "when its instance has been terminated", event: terminated(groupName), about: group },
    { when: "when its instance stops", event: stopped("stopping") },
    { when: "when an instance has been launched", event: launched(groupName), about: group },
    { when: "when its interface is attached", event: attached(interfaceId), about: gateway },
    ...alarms.flatMap((alarm) => [
      { when: "when its instance fails its checks", event: alarmState(nameOf(alarm), "ALARM"), about: alarm },
      { when: "when its instance passes its checks again", event: alarmState(nameOf(alarm), "OK"), about: alarm },
    ]),
  ];
}

const nameOf = (resource: PolicyResource | undefined) =>
  (resource && known(() => resource.props["name"] as string | undefined)) ?? "";

function unheard(
  graph: Graph,
  gateway: PolicyResource,
  group: PolicyResource | undefined,
  tables: readonly PolicyResource[],
): Finding[] {
  const needs: Need[] = [
    { action: "ec2:DescribeRouteTables" },
    ...tables.map((to) => ({ action: "ec2:ReplaceRoute", to })),
  ];
  const completing: Need[] = group === undefined ? [] : [{ action: "autoscaling:CompleteLifecycleAction", to: group }];
  const all = occasions(graph, gateway, group);
  const events = all.flatMap(({ when, event, about }) => {
    const isHook = event["detail-type"].endsWith("Lifecycle Action");
    const { reached, problems } = deliver(graph, event, about);
    const able = reached.map((fn) => missingPermissions(graph, fn, isHook ? [...needs, ...completing] : needs));
    if (able.some((missing) => missing.length === 0)) {
      return [];
    }
    const reason = able[0]?.join(", ") ?? problems[0] ?? `no EventBridge rule gets "${event["detail-type"]}" of it`;
    return [`nothing moves the routes of gateway ${gateway.name} ${when}: ${reason}`];
  });
  const checked = all.some((o) => o.when.includes("fails its checks"));
  const tick = scheduled(graph).some(({ outcome }) => outcome.reached.some((fn) => missingPermissions(graph, fn, needs).length === 0)); // prettier-ignore
  return [
    ...events,
    ...(checked || group === undefined
      ? []
      : [`no alarm watches the status checks of gateway ${gateway.name}: add one on StatusCheckFailed of its group`]),
    ...(tick
      ? []
      : [
          `nothing looks after the routes of gateway ${gateway.name} from time to time: run the function by a schedule, since events get lost`,
        ]),
  ].map((message) => ({ message, urn: gateway.urn }));
}

/** What a gateway's group must do so that its loss is told in time, and an instance that doesn't forward never serves. */
function badGroup(graph: Graph, group: PolicyResource): Finding[] {
  const initial = items(() => group.props["initialLifecycleHooks"] as Record<string, unknown>[] | undefined);
  const hooks = [
    ...(initial === UNKNOWN ? [] : initial.filter((h) => h !== UNKNOWN)),
    ...graph.referrers(group, HOOK, "autoscalingGroupName").map((h) => h.props),
  ];
  const of = (transition: string) =>
    hooks.filter((h) => known(() => h["lifecycleTransition"] as string) === `autoscaling:EC2_INSTANCE_${transition}`);
  const suspended = knownItems(() => group.props["suspendedProcesses"] as string[] | undefined);
  const spot = isSpot(graph, group);
  return [
    ...(of("TERMINATING").length === 0
      ? [
          `group ${group.name} tells nobody before it terminates a gateway: add a lifecycle hook on EC2_INSTANCE_TERMINATING`,
        ]
      : []),
    ...(of("LAUNCHING").some((h) => known(() => h["defaultResult"] as string | undefined) === "CONTINUE")
      ? [
          `group ${group.name} puts a gateway in service that has proven nothing: set defaultResult of its launching hook to ABANDON`,
        ]
      : []),
    ...suspended
      .filter((process) => ["Launch", "Terminate", "HealthCheck", "ReplaceUnhealthy"].includes(process))
      .map(
        (process) =>
          `group ${group.name} replaces no lost gateway while ${process} is suspended: take it out of suspendedProcesses`,
      ),
    ...(spot
      ? [`group ${group.name} runs its gateway on Spot capacity, which AWS takes back at any time: use On-Demand`]
      : []),
  ].map((message) => ({ message, urn: group.urn }));
}

function isSpot(graph: Graph, group: PolicyResource): boolean {
  const templates = graph.referred(group, "launchTemplate", LAUNCH_TEMPLATE);
  const market = templates.some((t) => known(() => at(t.props, "instanceMarketOptions.marketType")) === "spot");
  const share = known(() =>
    at(group.props, "mixedInstancesPolicy.instancesDistribution.onDemandPercentageAboveBaseCapacity"),
  );
  return market || (typeof share === "number" && share < 100);
}

/** A gateway without an address of its own reaches nothing; one whose attachment no trail records is found late. */
function badInterface(graph: Graph, gateway: PolicyResource): Finding[] {
  const addressed =
    graph.referrers(gateway, EIP, "networkInterface").length > 0 ||
    graph.referrers(gateway, EIP_ASSOCIATION, "networkInterfaceId").length > 0;
  const off = graph.ofType(TRAIL).filter((t) => read(() => t.props["enableLogging"]) === false);
  return [
    ...(addressed
      ? []
      : [
          {
            message: `gateway ${gateway.name} has no address: associate an Elastic IP with its interface`,
            urn: gateway.urn,
          },
        ]),
    ...off.map((trail) => ({
      message: `trail ${trail.name} records nothing, so that no event tells when ${gateway.name} is attached: set enableLogging to true`,
      urn: trail.urn,
    })),
  ];
}
