import { ExportedResource, nameOf } from "./deployment";

/** Which resources are meant: a type, and a pattern that the name matches. */
export interface Where {
  readonly type: string;
  readonly name?: RegExp;
  /** A test of what it is. */
  readonly is?: (resource: ExportedResource) => boolean;
}

/** A way to break a deployed stack. */
export interface Mutation {
  /** What is broken, in words. */
  readonly what: string;
  /** The rule that must find it. */
  readonly rule: string;
  /** What the finding must say. */
  readonly says: RegExp;
  /** Breaks a copy of the stack. */
  readonly change: (stack: ExportedResource[]) => ExportedResource[];
}

const meant = ({ type, name, is }: Where, resource: ExportedResource) =>
  resource.type === type && (name?.test(nameOf(resource)) ?? true) && (is?.(resource) ?? true);

/** Takes out the first of the resources meant, or all. */
export const without =
  (where: Where, all = false) =>
  (stack: ExportedResource[]): ExportedResource[] => {
    const gone = choose(where, stack, all);
    const urns = gone.map((r) => r.urn);
    const kept = (list: readonly string[] | null) => (list ?? []).filter((urn) => !urns.includes(urn));
    return stack
      .filter((r) => !gone.includes(r))
      .map((r) => ({
        ...r,
        propertyDependencies: Object.fromEntries(
          Object.entries(r.propertyDependencies ?? {}).map(([property, list]) => [property, kept(list)]),
        ),
      }));
  };

/** Changes properties of the first of the resources meant, or of all; `undefined` takes one away, with its references. */
export const set =
  (where: Where, props: (old: Record<string, unknown>) => Record<string, unknown>, all = false) =>
  (stack: ExportedResource[]): ExportedResource[] => {
    const chosen = choose(where, stack, all);
    return stack.map((r) => {
      if (!chosen.includes(r)) {
        return r;
      }
      const changed = props(r.outputs ?? {});
      const outputs = Object.fromEntries(
        Object.entries({ ...r.outputs, ...changed }).filter(([, value]) => value !== undefined),
      );
      const propertyDependencies = Object.fromEntries(
        Object.entries(r.propertyDependencies ?? {}).filter(([property]) => !(property in changed)),
      );
      return { ...r, outputs, propertyDependencies };
    });
  };

/** Changes a property that holds JSON, and keeps what it refers to. */
export const edit =
  (where: Where, property: string, change: (document: never) => unknown, all = false) =>
  (stack: ExportedResource[]): ExportedResource[] => {
    const chosen = choose(where, stack, all);
    return stack.map((r) => {
      if (!chosen.includes(r)) {
        return r;
      }
      const text = JSON.stringify(change(JSON.parse(String(r.outputs?.[property])) as never));
      if (text === r.outputs?.[property]) {
        throw new Error(`${property} of ${nameOf(r)} has nothing that the mutation changes`);
      }
      return { ...r, outputs: { ...r.outputs, [property]: text } };
    });
  };

/** A stack has nothing that a mutation could break. */
export class NothingToBreak extends Error {}

/** The first of the resources meant, or all. @throws {@link NothingToBreak} if there is none. */
function choose(where: Where, stack: readonly ExportedResource[], all: boolean): readonly ExportedResource[] {
  const found = stack.filter((r) => meant(where, r)).slice(0, all ? undefined : 1);
  if (found.length === 0) {
    throw new NothingToBreak(`the stack has no ${where.type} ${where.name?.source ?? ""} to break`);
  }
  return found;
}
