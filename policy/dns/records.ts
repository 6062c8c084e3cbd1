import { PolicyResource } from "@pulumi/policy";
import { Graph } from "../core/graph";
import { at, items, known, UNKNOWN } from "../core/unknown";

export const RECORD = "aws:route53/record:Record";
export const HEALTH_CHECK = "aws:route53/healthCheck:HealthCheck";

/** Ways to answer that depend on where or on what else answers. */
const ROUTING = [
  "failoverRoutingPolicies",
  "latencyRoutingPolicies",
  "weightedRoutingPolicies",
  "geolocationRoutingPolicies",
  "geoproximityRoutingPolicy",
  "cidrRoutingPolicy",
];

function has({ props }: PolicyResource, policy: string): boolean {
  const list = items(() => props[policy] as unknown);
  return list === UNKNOWN || list.length > 0;
}

/** Whether others answer in a record's place: by its routing policy. */
export const isRouted = (record: PolicyResource): boolean => ROUTING.some((policy) => has(record, policy));

/** `PRIMARY`, `SECONDARY`, or `undefined` for a record that fails over to none. */
export const failoverOf = ({ props }: PolicyResource): string | undefined =>
  known(() => at(props, "failoverRoutingPolicies.type") as string | undefined);

/** Whether a record answers those who are nearest to its Region. */
export const isByLatency = (record: PolicyResource): boolean => has(record, "latencyRoutingPolicies");

/** A record that shows that the stack is one of several Regions': by failover, or by latency. */
export const leadsAbroad = (graph: Graph): PolicyResource | undefined =>
  graph.ofType(RECORD).find((record) => failoverOf(record) !== undefined || isByLatency(record));

/** A record's name as DNS has it, without the last dot. */
export const domainOf = ({ props }: PolicyResource): string | undefined =>
  // The provider adds the zone to a name that lacks it, and gives the whole as `fqdn`.
  (known(() => props["fqdn"] as string | undefined) ?? known(() => props["name"] as string | undefined))
    ?.replace(/\.$/, "")
    .toLowerCase();
