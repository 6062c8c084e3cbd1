import { PolicyResource } from "@pulumi/policy";
import { Graph } from "../../../policy/core/graph";
import { unknownCheckingProxy } from "../unknowns";

/** A resource as Pulumi exports it. */
export interface ExportedResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly custom?: boolean;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  readonly dependencies?: readonly string[];
  propertyDependencies?: Record<string, readonly string[] | null>;
}

/** The name of a resource. */
export const nameOf = (resource: ExportedResource) => resource.urn.split("::").slice(3).join("::");

/** The graph that the engine shows the pack after an update: outputs, and the references between resources. */
export function graphOf(exported: readonly ExportedResource[]): Graph {
  const made = new Map(
    exported.map((r): [string, PolicyResource] => [
      r.urn,
      {
        type: r.type,
        name: nameOf(r),
        urn: r.urn,
        props: unknownCheckingProxy({ ...r.outputs }),
        opts: {} as PolicyResource["opts"],
        dependencies: [],
        propertyDependencies: {},
        isType: () => false,
        asType: () => undefined,
      },
    ]),
  );
  const refer = (urns: readonly string[] | null | undefined) => (urns ?? []).flatMap((urn) => made.get(urn) ?? []);
  for (const r of exported) {
    const resource = made.get(r.urn);
    if (resource !== undefined) {
      resource.dependencies = refer(r.dependencies);
      resource.propertyDependencies = Object.fromEntries(
        Object.entries(r.propertyDependencies ?? {}).map(([property, urns]) => [property, refer(urns)]),
      );
    }
  }
  return new Graph([...made.values()], archives(exported));
}

/** What is in the functions' archives, as the export has it. */
function archives(exported: readonly ExportedResource[]): ReadonlyMap<string, Record<string, string>> {
  return new Map(
    exported.flatMap((r): [string, Record<string, string>][] => {
      const code = r.outputs?.["code"] as { assets?: Record<string, { text?: string }> } | undefined;
      const files = Object.entries(code?.assets ?? {}).map(([name, { text = "" }]): [string, string] => [name, text]);
      return files.length === 0 ? [] : [[r.urn, Object.fromEntries(files)]];
    }),
  );
}
