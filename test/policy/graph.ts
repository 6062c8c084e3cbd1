import { PolicyResource } from "@pulumi/policy";
import { unknownCheckingProxy } from "./unknowns";

/** A resource for a policy's graph: its type, its properties, and which resources its properties refer to. */
export function resource(
  type: string,
  name: string,
  props: Record<string, unknown>,
  refers: Record<string, PolicyResource | PolicyResource[]> = {},
): PolicyResource {
  const propertyDependencies = Object.fromEntries(
    Object.entries(refers).map(([property, to]) => [property, Array.isArray(to) ? to : [to]]),
  );
  return {
    type,
    name,
    urn: `urn:pulumi:test::nplusone::${type}::${name}`,
    props: unknownCheckingProxy(props),
    opts: {} as PolicyResource["opts"],
    dependencies: Object.values(propertyDependencies).flat(),
    propertyDependencies,
    isType: () => false,
    asType: () => undefined,
  };
}
