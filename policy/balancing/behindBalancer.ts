import { PolicyResource } from "@pulumi/policy";
import { Graph, GROUP } from "../core/graph";
import { items, UNKNOWN } from "../core/unknown";

/** The properties of a group that name what sends its instances traffic. */
const OWN = ["targetGroupArns", "loadBalancers", "trafficSources"];
/** Resources that put a group behind a balancer, each by its property `autoscalingGroupName`. */
const ATTACHMENTS = [
  "aws:autoscaling/attachment:Attachment",
  "aws:autoscaling/trafficSourceAttachment:TrafficSourceAttachment",
];

/** Whether a load balancer sends traffic to a group's instances: by the group's own properties or by an attachment. */
export function isBehindBalancer(graph: Graph, group: PolicyResource): boolean {
  return (
    OWN.some((property) => {
      const list = items(() => group.props[property] as unknown[] | undefined);
      // The provider fills these in: unknown in a preview, they are the program's only if it makes them from something.
      return list === UNKNOWN ? (group.propertyDependencies[property] ?? []).length > 0 : list.length > 0;
    }) || ATTACHMENTS.some((type) => graph.referrers(group, type, "autoscalingGroupName").length > 0)
  );
}

export const groupsBehindBalancers = (graph: Graph): PolicyResource[] =>
  graph.ofType(GROUP).filter((group) => isBehindBalancer(graph, group));
