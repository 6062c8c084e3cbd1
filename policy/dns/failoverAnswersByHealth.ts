import { PolicyResource } from "@pulumi/policy";
import { ExampleResource, make, ref } from "../core/example";
import { Finding, undetermined } from "../core/finding";
import { Graph } from "../core/graph";
import { Rule } from "../core/rule";
import { items, known, knownItems, read, UNKNOWN } from "../core/unknown";
import { Balancers } from "./balancers";
import { domainOf, failoverOf, HEALTH_CHECK, isByLatency, isRouted, RECORD } from "./records";

const example = (props: object): ExampleResource[] => [
  make(HEALTH_CHECK, "own", {
    type: "HTTPS",
    fqdn: "us-east-1.shop.example.com",
    resourcePath: "/healthz",
    failureThreshold: 3,
    requestInterval: 10,
  }),
  make(RECORD, "shop", {
    zoneId: "Z1",
    name: "shop.example.com",
    type: "CNAME",
    ttl: 30,
    records: ["us-east-1.shop.example.com"],
    setIdentifier: "us-east-1",
    failoverRoutingPolicies: [{ type: "PRIMARY" }],
    ...props,
  }),
];

/** DNS leads away from a Region that is lost, and from no other. */
export const failoverAnswersByHealth: Rule = {
  name: "failover-answers-by-health",
  what: "Records that fail over, or answer by latency, go by a health check that can fail, of the Region's own name; and one empty target group doesn't take a Region out.",
  why: "A record without a check is always healthy, so nobody is ever led away. A check of the name that fails over asks whoever answers now: after the failover it finds the other Region healthy and leads back. evaluateTargetHealth of a balancer with several target groups fails the Region as soon as one of them has no healthy target.",
  mend: "Give the record `healthCheckId`, of a check of a name that leads to this Region alone, and set `evaluateTargetHealth` to false where several services share the balancer.",
  pages: [
    "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-types.html",
    "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-failover-alias.html",
    "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html",
  ],
  onlyWith: RECORD,
  examples: { fails: example({}), passes: example({ healthCheckId: ref("own") }) },
  find: (graph: Graph) => {
    const routed = graph.ofType(RECORD).filter(isRouted);
    const names = new Set(routed.flatMap((record) => domainOf(record) ?? []));
    const balancers = new Balancers(graph);
    return [
      ...routed.flatMap((record) => [...unchecked(graph, record), ...evaluated(balancers, record)]),
      ...twice(routed),
      ...graph.ofType(HEALTH_CHECK).flatMap((check) => [...ofTheNameItself(check, names), ...calculated(check)]),
      ...routed.flatMap((record) => graph.referred(record, "healthCheckId", HEALTH_CHECK)).flatMap(disabled),
    ];
  },
};

/** A primary, or one of several by latency, needs something that tells when it isn't to be answered with. */
function unchecked(graph: Graph, record: PolicyResource): Finding[] {
  const role = failoverOf(record) ?? (isByLatency(record) ? "latency" : undefined);
  if (role === undefined || role === "SECONDARY") {
    return [];
  }
  const check = read(() => record.props["healthCheckId"] as string | undefined);
  const aliases = items(() => record.props["aliases"] as { evaluateTargetHealth?: boolean }[] | undefined);
  const alias = aliases === UNKNOWN ? UNKNOWN : aliases[0];
  const evaluates = alias === undefined || alias === UNKNOWN ? alias : read(() => alias.evaluateTargetHealth);
  const isGiven = (check !== undefined && check !== "") || graph.dependencies(record, "healthCheckId", HEALTH_CHECK).length > 0; // prettier-ignore
  if (isGiven || evaluates === true) {
    return [];
  }
  const { name, urn } = record;
  return evaluates === UNKNOWN
    ? [undetermined(`aliases of record ${name} aren't known before the update: write evaluateTargetHealth literally`, urn)] // prettier-ignore
    : [{ message: `record ${name} (${role}) has no health check, so it is answered with whatever happens: set healthCheckId`, urn }]; // prettier-ignore
}

/** The target groups of one balancer are judged together: one that is empty, or all unhealthy, fails the alias. */
function evaluated(balancers: Balancers, record: PolicyResource): Finding[] {
  const [alias] = knownItems(() => record.props["aliases"] as { evaluateTargetHealth?: boolean }[] | undefined);
  if (alias === undefined || known(() => alias.evaluateTargetHealth) !== true) {
    return [];
  }
  const balancer = balancers.behind(record);
  const groups = balancer === undefined ? [] : balancers.targetGroups(balancer);
  if (balancer === undefined || groups.length < 2) {
    return [];
  }
  const message = `record ${record.name} evaluates the health of ${groups.length} target groups behind ${balancer.name}, of which one without a healthy target fails all: set evaluateTargetHealth to false, and healthCheckId`;
  return [{ message, urn: record.urn }];
}

/** Two of one kind for the same name leave the other kind out. */
function twice(records: readonly PolicyResource[]): Finding[] {
  const seen = new Map<string, PolicyResource>();
  return records.flatMap((record): Finding[] => {
    const role = failoverOf(record);
    const zone = known(() => record.props["zoneId"] as string | undefined);
    const type = known(() => record.props["type"] as string | undefined);
    const name = domainOf(record);
    if (role === undefined || name === undefined) {
      return [];
    }
    const key = [zone, name, type, role].join(" ");
    const first = seen.get(key);
    seen.set(key, first ?? record);
    const other = role === "PRIMARY" ? "SECONDARY" : "PRIMARY";
    return first === undefined
      ? []
      : [{ message: `records ${first.name} and ${record.name} are both ${role} for ${name}: make one of them ${other}`, urn: record.urn }]; // prettier-ignore
  });
}

function ofTheNameItself(check: PolicyResource, names: ReadonlySet<string>): Finding[] {
  const fqdn = known(() => check.props["fqdn"] as string | undefined)
    ?.replace(/\.$/, "")
    .toLowerCase();
  const address = known(() => check.props["ipAddress"] as string | undefined);
  return fqdn === undefined || !names.has(fqdn) || (address !== undefined && address !== "")
    ? []
    : [{ message: `health check ${check.name} asks ${fqdn}, which leads to whichever Region answers now: ask a name of this Region's own`, urn: check.urn }]; // prettier-ignore
}

function calculated(check: PolicyResource): Finding[] {
  const { name, props, urn } = check;
  if (known(() => props["type"]) !== "CALCULATED") {
    return [];
  }
  const children = items(() => props["childHealthchecks"] as string[] | undefined);
  const threshold = read(() => props["childHealthThreshold"] as number | undefined) ?? 0;
  if (children === UNKNOWN || threshold === UNKNOWN) {
    return [undetermined(`childHealthchecks or childHealthThreshold of health check ${name} isn't known before the update: list them`, urn)]; // prettier-ignore
  }
  if (threshold >= 1 && threshold <= children.length) {
    return [];
  }
  const never = threshold < 1 ? "always healthy" : "never healthy";
  return [{ message: `health check ${name} wants ${threshold} of ${children.length} checks, so it is ${never}: set childHealthThreshold from 1 to ${children.length}`, urn }]; // prettier-ignore
}

/** Route 53 takes a check that is disabled for healthy. */
function disabled({ name, props, urn }: PolicyResource): Finding[] {
  return known(() => props["disabled"]) === true && known(() => props["invertHealthcheck"]) !== true
    ? [{ message: `health check ${name} is disabled, which means healthy: set disabled to false`, urn }]
    : [];
}
