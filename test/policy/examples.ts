import { PolicyResource } from "@pulumi/policy";
import { ExampleResource, Reference } from "../../policy/core/example";
import { resource } from "./graph";
import { unknownStringValue as UNKNOWN } from "./unknowns";

/** An example's resources as the engine shows them to a policy: in a preview no reference is known, later all are. */
export function asResources(example: readonly ExampleResource[], updated: boolean): PolicyResource[] {
  const made: PolicyResource[] = [];
  const valueOf = (value: unknown): unknown => {
    if (value instanceof Reference) {
      return updated ? handle(value) : UNKNOWN;
    }
    if (Array.isArray(value)) {
      return value.map(valueOf);
    }
    return typeof value === "object" && value !== null
      ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, valueOf(v)]))
      : value;
  };
  const refersTo = (value: unknown): PolicyResource[] => {
    if (value instanceof Reference) {
      // A name may be several resources' of different types: the property that is referred to belongs to one of them.
      return made.filter((r) => r.name === value.name);
    }
    return typeof value === "object" && value !== null ? Object.values(value).flatMap(refersTo) : [];
  };
  for (const { type, name, props } of example) {
    const known = updated ? { id: `${name}-id`, arn: `arn:aws:x:us-east-1:123456789012:${name}` } : { id: UNKNOWN };
    const values = Object.fromEntries(Object.entries(props).map(([key, value]) => [key, valueOf(value)]));
    const refers = Object.fromEntries(Object.entries(props).map(([key, value]) => [key, refersTo(value)]));
    made.push(resource(type, name, { name, ...known, ...values }, refers));
  }
  return made;
}

const handle = ({ name, property }: Reference) =>
  property === "arn" ? `arn:aws:x:us-east-1:123456789012:${name}` : `${name}-id`;
