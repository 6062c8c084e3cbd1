import { PolicyResource } from "@pulumi/policy";
import { Finding, undetermined } from "../core/finding";
import { Graph } from "../core/graph";
import { at, read, UNKNOWN } from "../core/unknown";
import { isDaemon, TaskCounts } from "./tasks";
import { SERVICE } from "./types";

/** The tag of a service that waits without tasks until its Region is needed. */
export const PILOT_LIGHT = "nplusone:pilot-light";

/** Services that may have fewer than two tasks: none at all is allowed to those that say so by a tag. */
export function tooFewTasks(graph: Graph, pilotLightTag: string): Finding[] {
  const counts = new TaskCounts(graph);
  return graph
    .ofType(SERVICE)
    .filter((service) => !isDaemon(service))
    .flatMap((service) => judge(service, counts, pilotLightTag));
}

function judge(service: PolicyResource, counts: TaskCounts, tag: string): Finding[] {
  const { name, urn } = service;
  const { count, property, of } = counts.fewest(service);
  const what = of === service ? property : `${property} of ${of.name}`;
  if (count === UNKNOWN) {
    return [undetermined(`${what} of service ${name} isn't known before the update: write it literally`, urn)];
  }
  const waits = count === 0 ? read(() => at(service.props, "tags")) : undefined;
  if (count >= 2 || isTagged(waits, tag)) {
    return [];
  }
  return [
    {
      message: `service ${name} has ${what} ${count}: set it to 2 or more, or tag a pilot light of 0 ${tag}: "true"`,
      urn,
    },
  ];
}

const isTagged = (tags: unknown, tag: string): boolean =>
  typeof tags === "object" && tags !== null && read(() => (tags as Record<string, unknown>)[tag]) === "true";
