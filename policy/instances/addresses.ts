import { PolicyResource } from "@pulumi/policy";
import { Graph, GROUP, INSTANCE, LAUNCH_TEMPLATE, NETWORK_INTERFACE, SUBNET_TYPES } from "../core/graph";
import { at, known, knownItems } from "../core/unknown";
import { SECURITY_GROUP } from "./openings";

const EIP = "aws:ec2/eip:Eip";
const EIP_ASSOCIATION = "aws:ec2/eipAssociation:EipAssociation";

/** An instance, or a group of instances and the launch template that they are made from. */
export interface Workload {
  readonly workload: PolicyResource;
  /** Says whether they ask for public addresses: the instance itself, or the group's template. */
  readonly template: PolicyResource;
  readonly subnets: readonly PolicyResource[];
}

export function workloads(graph: Graph): Workload[] {
  return [...graph.ofType(INSTANCE), ...graph.ofType(GROUP)].flatMap((one) => workloadOf(graph, one));
}

export function workloadOf(graph: Graph, workload: PolicyResource): Workload[] {
  const isGroup = workload.type === GROUP;
  const property = isGroup ? "vpcZoneIdentifiers" : "subnetId";
  const templates = isGroup ? graph.referred(workload, "launchTemplate", LAUNCH_TEMPLATE) : [workload];
  const subnets = graph.referred(workload, property, ...SUBNET_TYPES);
  return templates.map((template) => ({ workload, template, subnets }));
}

/** Whether an instance or a launch template asks for public addresses; `undefined` if it leaves that to the subnet. */
export function asksForPublicAddress({ props }: PolicyResource): boolean | undefined {
  const interfaces = knownItems(() => props["networkInterfaces"] as Record<string, unknown>[] | undefined);
  const asked = [props, ...interfaces].map((p) => known(() => at(p, "associatePublicIpAddress")));
  // Launch templates say "true" as a text.
  const said = asked.filter((value) => value !== undefined && value !== null && value !== "").map(String);
  return said.includes("true") ? true : said.includes("false") ? false : undefined;
}

/** The interfaces of a workload that are resources of their own. */
const interfacesOf = (graph: Graph, { template }: Workload) =>
  ["networkInterfaces", "networkInterfaceId", "primaryNetworkInterface"].flatMap((property) =>
    graph.referred(template, property, NETWORK_INTERFACE),
  );

/** Whether the internet can have packets delivered to it: a public address, where a route leads to the internet. */
export function hasPublicAddress(graph: Graph, one: Workload): boolean {
  const holders = [...(one.workload.type === INSTANCE ? [one.workload] : []), ...interfacesOf(graph, one)];
  const hasElastic = holders.some((holder) =>
    ["instance", "instanceId", "networkInterface", "networkInterfaceId"].some((property) =>
      [EIP, EIP_ASSOCIATION].some((type) => graph.referrers(holder, type, property).length > 0),
    ),
  );
  const gets =
    asksForPublicAddress(one.template) ??
    one.subnets.some((subnet) => String(known(() => subnet.props["mapPublicIpOnLaunch"])) === "true");
  // Subnets that aren't this stack's may be public.
  const isRouted = one.subnets.length === 0 || one.subnets.some((subnet) => graph.isPublic(subnet));
  return (hasElastic || gets) && isRouted;
}

/** Security groups: those of this stack, and the ids of others. */
export interface SecurityGroups {
  readonly own: readonly PolicyResource[];
  readonly foreign: readonly string[];
}

/** The security groups of a workload. */
export function securityGroupsOf(graph: Graph, one: Workload): SecurityGroups {
  const holders = [
    ...["vpcSecurityGroupIds", "securityGroups", "networkInterfaces"].map(
      (property) => [one.template, property] as const,
    ),
    ...interfacesOf(graph, one).map((n) => [n, "securityGroups"] as const),
  ];
  const own = holders.flatMap(([holder, property]) => graph.referred(holder, property, SECURITY_GROUP));
  const written = holders.flatMap(([holder, property]) =>
    property === "networkInterfaces"
      ? knownItems(() => holder.props[property] as Record<string, unknown>[] | undefined).flatMap((n) =>
          knownItems(() => n["securityGroups"] as string[] | undefined),
        )
      : knownItems(() => holder.props[property] as string[] | undefined),
  );
  return among(graph, own, written);
}

function among(graph: Graph, own: readonly PolicyResource[], written: readonly string[]): SecurityGroups {
  const foreign = written.filter((id) => graph.byId(id, SECURITY_GROUP) === undefined);
  return { own: [...new Set(own)], foreign: [...new Set(foreign)] };
}

/** ECS services whose tasks have public addresses of their own, with the security groups of these tasks. */
export function publicTasks(graph: Graph): { readonly service: PolicyResource; readonly groups: SecurityGroups }[] {
  const property = "networkConfiguration";
  return graph
    .ofType("aws:ecs/service:Service")
    .filter((service) => known(() => at(service.props, `${property}.assignPublicIp`)) === true)
    .filter((service) => {
      const subnets = graph.referred(service, property, ...SUBNET_TYPES);
      // Subnets that aren't this stack's may be public.
      return subnets.length === 0 || subnets.some((subnet) => graph.isPublic(subnet));
    })
    .map((service) => ({
      service,
      groups: among(
        graph,
        graph.referred(service, property, SECURITY_GROUP),
        knownItems(() => at(service.props, `${property}.securityGroups`) as string[] | undefined),
      ),
    }));
}
