import { PolicyResource } from "@pulumi/policy";
import { Graph } from "../core/graph";
import { read, UNKNOWN } from "../core/unknown";
import { Range } from "./survivesZone";

/** What changes the number of a group's instances while nobody looks, by the property that names the group. */
const SCALERS: Readonly<Record<string, string>> = {
  "aws:autoscaling/policy:Policy": "autoscalingGroupName",
  "aws:autoscaling/schedule:Schedule": "autoscalingGroupName",
  "aws:autoscalingplans/scalingPlan:ScalingPlan": "scalingInstructions",
  "aws:ecs/capacityProvider:CapacityProvider": "autoScalingGroupProvider",
};

/** How few instances a group may have: as desired, if nothing changes that; else the minimum. */
export function fewestInstances(
  graph: Graph,
  one: PolicyResource,
): { readonly property: string; readonly instances: Range } {
  const number = (key: string) => read(() => one.props[key] as number | undefined);
  const minimum = number("minSize");
  const desired = number("desiredCapacity");
  const floor = typeof minimum === "number" ? minimum : 0;
  const isScaled = Object.entries(SCALERS).some(([type, by]) => graph.referrers(one, type, by).length > 0);
  if (!isScaled && desired !== undefined) {
    const atMost = desired === UNKNOWN ? Infinity : Math.max(desired, floor);
    return { property: "desiredCapacity", instances: { atLeast: desired === UNKNOWN ? floor : atMost, atMost } };
  }
  return { property: "minSize", instances: { atLeast: floor, atMost: minimum === UNKNOWN ? Infinity : floor } };
}
