import { PolicyResource } from "@pulumi/policy";
import { Finding, undetermined } from "../core/finding";
import { Graph } from "../core/graph";
import { spread, spreadOf, Zone, zoneOf } from "../core/places";
import { knownItems, known, UNKNOWN } from "../core/unknown";
import { isBastion } from "../instances/bastion";
import { isGatewayGroup } from "../network/gateways";
import { compute } from "./compute";
import { allHold, holds, valueOf } from "./condition";
import { data } from "./data";
import { integration } from "./integration";
import { Demand, RecordRule, RedundancyRecord } from "./record";

/** What AWS offers redundantly, by Pulumi's resource type. */
export const RECORDS: Readonly<Record<string, RedundancyRecord>> = { ...compute, ...data, ...integration };

/** Judges all resources that have a record, by what their records demand under a rule. */
export function judge(rule: RecordRule, minimumZones = 2): (graph: Graph) => Finding[] {
  return (graph) =>
    Object.entries(RECORDS).flatMap(([type, record]) =>
      graph
        .ofType(type)
        // A gateway's group holds the one instance that has its interface; the gateway rules look after it.
        .filter((resource) => !isGatewayGroup(graph, resource))
        .filter((resource) => rule !== "enough-instances" || !isBastion(graph, resource))
        .flatMap((resource) => judgeOne(graph, resource, record, rule, minimumZones)),
    );
}

function judgeOne(
  graph: Graph,
  resource: PolicyResource,
  record: RedundancyRecord,
  rule: RecordRule,
  minimumZones: number,
): Finding[] {
  if (rule === "workloads-span-zones") {
    return confined(graph, resource, record, minimumZones);
  }
  const demands = (record.demands ?? []).filter((d) => d.rule === rule);
  return [
    ...demands.flatMap((demand) => unmet(resource, record, demand)),
    ...(record.members?.rule === rule ? lonely(graph, resource, record, record.members) : []),
    ...(rule === "enough-instances" ? alone(graph, resource, record) : []),
  ];
}

function confined(graph: Graph, resource: PolicyResource, record: RedundancyRecord, minimumZones: number): Finding[] {
  const { spans } = record;
  if (spans === undefined || allHold(resource.props, spans.when) === false) {
    return [];
  }
  const minimum = Math.max(spans.minimum ?? 2, minimumZones);
  const found = spread(graph, resource, spans);
  const property =
    [...(spans.subnets ?? []), ...(spans.zones ?? [])].find((p) => isGiven(resource, p)) ?? spans.subnets?.[0];
  const what = `${record.what} ${resource.name}`;
  if (found.atLeast >= minimum) {
    return [];
  }
  if (found.atMost < minimum) {
    const where =
      found.zones.length === found.atMost && found.atMost > 0
        ? `only in ${found.zones.join(", ")}`
        : `in ${found.atMost} zone(s)`;
    const mend = `give ${property} subnets in ${minimum === 2 ? "two" : minimum} or more zones`;
    return [{ message: `${what} runs ${where}: ${mend}`, urn: resource.urn }];
  }
  const why = found.open.join("; ") || `${property} isn't known before the update`;
  return [undetermined(`over how many zones ${what} is spread can't be determined: ${why}`, resource.urn)];
}

const isGiven = (resource: PolicyResource, path: string) =>
  valueOf(resource.props, { property: path.split(".")[0] ?? path }) !== undefined;

function unmet(resource: PolicyResource, record: RedundancyRecord, demand: Demand): Finding[] {
  const concerned = allHold(resource.props, demand.when);
  const met = holds(resource.props, demand);
  if (concerned === false || met === true) {
    return [];
  }
  const what = `${record.what} ${resource.name}`;
  if (concerned === undefined || met === undefined) {
    const doubtful = [demand, ...(demand.when ?? [])].filter((c) => valueOf(resource.props, c) === UNKNOWN);
    const unknown = doubtful.map((c) => c.property).join(" and ");
    return [undetermined(`${unknown} of ${what} isn't known before the update: write it literally`, resource.urn)];
  }
  const value = valueOf(resource.props, demand);
  const stated =
    demand.given === undefined ? `has ${demand.property} ${JSON.stringify(value) ?? "not set"}` : "is not redundant";
  return [{ message: `${what} ${stated}: ${demand.mend}`, urn: resource.urn }];
}

/** Resources that refer to another as its members: instances of a cluster, mount targets of a file system. */
function lonely(
  graph: Graph,
  resource: PolicyResource,
  record: RedundancyRecord,
  members: NonNullable<RedundancyRecord["members"]>,
): Finding[] {
  const concerned = allHold(resource.props, members.when);
  if (concerned === false) {
    return [];
  }
  const found = graph.referrers(resource, members.type, members.by);
  const what = `${record.what} ${resource.name}`;
  if (concerned === undefined) {
    return [undetermined(`whether ${what} brings its own standbys isn't known before the update`, resource.urn)];
  }
  if (found.length < members.minimum) {
    return [
      { message: `${what} has ${found.length} of ${members.minimum} members: ${members.mend}`, urn: resource.urn },
    ];
  }
  const { subnets } = members;
  if (subnets === undefined) {
    return [];
  }
  const zones = found.map((m): Zone => spread(graph, m, { subnets: [subnets] }).zones[0]);
  const { atLeast, atMost } = spreadOf(zones, 0, []);
  if (atMost < members.minimum) {
    return [{ message: `${what} has all its members in one zone: ${members.mend}`, urn: resource.urn }];
  }
  return atLeast >= members.minimum
    ? []
    : [undetermined(`in which zones the members of ${what} are isn't known before the update`, resource.urn)];
}

function alone(graph: Graph, resource: PolicyResource, record: RedundancyRecord): Finding[] {
  const what = `${record.what} ${resource.name}`;
  if (record.alone !== undefined) {
    const zone = zoneOf(resource);
    return [
      { message: `${what} stands alone${zone === undefined ? "" : ` in ${zone}`}: ${record.alone}`, urn: resource.urn },
    ];
  }
  const { peers } = record;
  if (peers === undefined) {
    return [];
  }
  const all = graph.ofType(resource.type);
  const made = all.flatMap((r) => r.propertyDependencies[peers.differBy] ?? []);
  const written = all.flatMap((r) => knownItems(() => r.props[peers.differBy] as string | undefined));
  const different = Math.max(new Set(made).size, new Set(written).size);
  const readable = all.every(
    (r) =>
      known(() => r.props[peers.differBy]) !== undefined || (r.propertyDependencies[peers.differBy] ?? []).length > 0,
  );
  if (different >= peers.minimum) {
    return [];
  }
  return readable
    ? [{ message: `${what} has no second one with another ${peers.differBy}: ${peers.mend}`, urn: resource.urn }]
    : [undetermined(`${peers.differBy} of ${what} isn't known before the update`, resource.urn)];
}
