import { PolicyResource } from "@pulumi/policy";
import { isBehindBalancer } from "../balancing/behindBalancer";
import { Graph, GROUP } from "../core/graph";
import { known, UNKNOWN } from "../core/unknown";
import { hasPublicAddress, securityGroupsOf, workloadOf } from "./addresses";
import { openingsOf } from "./openings";

/** SSH and Remote Desktop. */
const PORTS = [22, 3389];

/**
 * Whether a group is a bastion: one instance with a public address, to log on to and for nothing else. Nobody is served by
 * it, so that one is enough: while it is replaced, people wait. Whom it lets in is another rule's question.
 */
export function isBastion(graph: Graph, group: PolicyResource): boolean {
  const size = (key: string) => known(() => group.props[key] as number | undefined);
  if (group.type !== GROUP || size("minSize") !== 1 || size("maxSize") !== 1 || isBehindBalancer(graph, group)) {
    return false;
  }
  return workloadOf(graph, group).some((one) => {
    const { own, foreign } = securityGroupsOf(graph, one);
    const openings = own.map((securityGroup) => openingsOf(graph, securityGroup));
    return (
      foreign.length === 0 &&
      hasPublicAddress(graph, one) &&
      openings.some((list) => list !== UNKNOWN && list.length > 0) &&
      openings.every(
        (list) =>
          list !== UNKNOWN &&
          list.every(
            ({ protocol, fromPort, toPort }) =>
              protocol === "tcp" && fromPort !== undefined && fromPort === toPort && PORTS.includes(fromPort),
          ),
      )
    );
  });
}
