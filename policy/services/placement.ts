import { PolicyResource } from "@pulumi/policy";
import { PlacementStrategy } from "../../model/ecs/placement";
import { Finding } from "../core/finding";
import { Graph } from "../core/graph";
import { knownItems } from "../core/unknown";
import { TASK_DEFINITION } from "./types";

const ZONE = "ecs.availability-zone";

/** A service's placement strategies in their order; none if it leaves that to ECS, which spreads over zones. */
export function strategiesOf({ props }: PolicyResource): PlacementStrategy[] {
  return knownItems(() => props["orderedPlacementStrategies"] as PlacementStrategy[] | undefined);
}

/**
 * What keeps a service's tasks from more than one zone, whatever zones its hosts are in: a strategy that doesn't spread
 * over zones first, or a constraint.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-strategies.html
 */
export function confinedByPlacement(graph: Graph, service: PolicyResource): Finding[] {
  const { name, urn } = service;
  const [first] = strategiesOf(service);
  const spreads =
    first === undefined || (first.type === "spread" && first.field?.includes("availability-zone") === true);
  const constraints = [service, ...graph.referred(service, "taskDefinition", TASK_DEFINITION)].flatMap(({ props }) =>
    knownItems(() => props["placementConstraints"] as { expression?: string }[] | undefined),
  );
  const confining = constraints.flatMap(({ expression = "" }) => (isToOneZone(expression) ? [expression] : []));
  return [
    ...(spreads
      ? []
      : [{ message: `service ${name} places its tasks by ${first.type ?? ""} first, not over zones: begin orderedPlacementStrategies with spread over attribute:${ZONE}`, urn }]), // prettier-ignore
    ...confining.map((expression) => ({
      message: `service ${name} may run in one zone only, by its placement constraint ${expression}: leave that out`,
      urn,
    })),
  ];
}

/** Whether an expression of the cluster query language admits hosts of one zone only. */
function isToOneZone(expression: string): boolean {
  const [, operator = "", value = ""] =
    new RegExp(`${ZONE}\\s*(==|in\\b|=~)\\s*(\\[[^\\]]*\\]|[^\\s)]+)`).exec(expression) ?? [];
  return operator === "==" || (operator === "in" && value.split(",").length < 2);
}
