import { PolicyResource } from "@pulumi/policy";
import { make, ref } from "../core/example";
import { Finding, undetermined } from "../core/finding";
import { Graph, GROUP, SUBNET } from "../core/graph";
import { spread } from "../core/places";
import { Rule } from "../core/rule";
import { items, known, read, UNKNOWN } from "../core/unknown";
import { groupsBehindBalancers } from "./behindBalancer";
import { fewestInstances } from "./fewestInstances";
import { fewestFor, isEnoughLeft, left } from "./survivesZone";

/** The tag of a group that says how many of its instances carry the load. */
export const REQUIRED_INSTANCES = "nplusone:required-instances";

const subnet = (zone: string) =>
  make(SUBNET, `private-${zone}`, { vpcId: "vpc-1", availabilityZone: `us-east-1${zone}` });
const group = (minSize: number) =>
  make(GROUP, "web", {
    minSize,
    maxSize: 12,
    vpcZoneIdentifiers: ["a", "b", "c"].map((zone) => ref(`private-${zone}`)),
    targetGroupArns: [ref("web-targets", "arn")],
    healthCheckType: "ELB",
    tags: [{ key: REQUIRED_INSTANCES, value: "4", propagateAtLaunch: false }],
  });
const AROUND = [...["a", "b", "c"].map(subnet), make("aws:lb/targetGroup:TargetGroup", "web-targets", { port: 8080 })];

/** N+1 by numbers: what is left when a zone is lost carries the load. */
export const groupsSurviveZone: Rule<{ readonly tag?: string }> = {
  name: "groups-survive-the-loss-of-a-zone",
  what: "Of a group behind a load balancer enough instances are left when the zone that has most of them is lost.",
  why: "What is left gets all requests at once, and new instances take minutes, if the other zones have any to give: everybody who has lost the zone asks for them.",
  mend: `Say by the tag \`${REQUIRED_INSTANCES}\` how many instances carry the load, and set \`minSize\` to that and what the fullest zone holds: for 4 instances over three zones 6, over two zones 8.`,
  pages: [
    "https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_withstand_component_failures_static_stability.html",
    "https://docs.aws.amazon.com/autoscaling/ec2/userguide/auto-scaling-benefits.html",
  ],
  options: {
    tag: {
      type: "string",
      minLength: 1,
      default: REQUIRED_INSTANCES,
      description: "The group's tag that says how many instances carry the load: a whole number, 1 or more.",
    },
  },
  onlyWith: GROUP,
  examples: { fails: [...AROUND, group(5)], passes: [...AROUND, group(6)] },
  find: (graph, { tag = REQUIRED_INSTANCES }) =>
    groupsBehindBalancers(graph).flatMap((one) => judgeByTag(graph, one, tag)),
};

/** Whether enough of a group is left by what its tag says. */
export function judgeByTag(graph: Graph, one: PolicyResource, tag: string): Finding[] {
  const said = requiredInstances(graph, one, tag);
  if (said === UNKNOWN) {
    return [undetermined(`the tags of ${one.name} aren't known before the update: write ${tag} literally`, one.urn)];
  }
  if (said === undefined) {
    const message = `group ${one.name} doesn't say how many of its instances carry the load: tag it ${tag}`;
    return [{ message, urn: one.urn }];
  }
  const need = /^[1-9]\d*$/.test(said) ? Number(said) : undefined;
  if (need === undefined) {
    const message = `tag ${tag} of group ${one.name} is ${JSON.stringify(said)}: give it a whole number, 1 or more`;
    return [{ message, urn: one.urn }];
  }
  const zones = spread(graph, one, { subnets: ["vpcZoneIdentifiers"], zones: ["availabilityZones"] });
  if (zones.atMost < 2) {
    // Nothing is left of one zone, whatever the size: workloads-span-zones says so.
    return [];
  }
  const { property, instances } = fewestInstances(graph, one);
  const enough = isEnoughLeft(need, instances, zones);
  if (enough === true) {
    return [];
  }
  if (enough === undefined) {
    const why = zones.open.join("; ") || `${property} isn't known before the update: write it literally`;
    const message = `whether enough of group ${one.name} is left when a zone is lost can't be determined: ${why}`;
    return [undetermined(message, one.urn)];
  }
  const remaining = left(instances.atMost, zones.atMost);
  const message =
    `group ${one.name} is left with ${remaining} of ${instances.atMost} instances when the fullest of its ` +
    `${zones.atMost} zones is lost, but ${need} carry the load: set ${property} to ${fewestFor(need, zones.atMost)}`;
  return [{ message, urn: one.urn }];
}

/** The value of the tag that says how many instances carry the load, in the group or as a resource of its own. */
export function requiredInstances(graph: Graph, one: PolicyResource, tag: string): string | typeof UNKNOWN | undefined {
  const own = items(() => one.props["tags"] as Tag[] | undefined);
  const tags: (() => Tag | undefined)[] = [
    ...(own === UNKNOWN ? [] : own.map((_, i) => () => (one.props["tags"] as Tag[])[i])),
    ...graph
      .referrers(one, "aws:autoscaling/tag:Tag", "autoscalingGroupName")
      .map((resource) => () => resource.props["tag"] as Tag | undefined),
  ];
  const found = tags.find((get) => known(() => get()?.key) === tag);
  if (found !== undefined) {
    return read(() => String(found()?.value));
  }
  return own === UNKNOWN || tags.some((get) => read(() => get()?.key) === UNKNOWN) ? UNKNOWN : undefined;
}

interface Tag {
  readonly key?: string;
  readonly value?: string;
}
