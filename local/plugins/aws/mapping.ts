/* eslint-disable @typescript-eslint/no-explicit-any -- the plugin boundary: whatever the engine and AWS send */
import { NormalizedSchema } from "@smithy/core/schema";
import { isDeepStrictEqual } from "node:util";

/** Pulumi's properties by AWS's names where the two differ: `{ "launchTemplate.id": "LaunchTemplateId" }`. */
export type Names = Readonly<Record<string, string>>;

/** How a resource's properties are called in the API. */
export interface Naming {
  /**
   * The field of a property by the property's path; the field is a path too: `Attributes.KmsMasterKeyId`. An empty one
   * says that a call doesn't take the property, though the operation has a field of its name.
   */
  readonly names?: Names;
  /** A structure of the request in which the properties are, and not in the request itself: `LaunchTemplateData`. */
  readonly within?: string;
  /** What `TagSpecifications` calls the resource. */
  readonly tagAs?: string;
}

const plain = (name: string) => name.toLowerCase().replace(/s$/, "");

/** The field that has a property's name, whatever its case, in the singular or the plural. */
function fieldLike(schema: NormalizedSchema, property: string): string | undefined {
  if (!schema.isStructSchema()) {
    return undefined;
  }
  const fields = Object.keys(schema.getMemberSchemas());
  return (
    fields.find((f) => f.toLowerCase() === property.toLowerCase()) ?? fields.find((f) => plain(f) === plain(property))
  );
}

/** A path as the API writes it (a field may be in the plural there), if the API has all of its parts. */
function pathIn(schema: NormalizedSchema, path: readonly string[]): string[] | undefined {
  const [part, ...rest] = path;
  if (part === undefined) {
    return [];
  }
  const isIndex = schema.isListSchema() && /^\d+$/.test(part);
  const field = isIndex || schema.isMapSchema() ? part : fieldLike(schema, part);
  const inner = field === undefined ? undefined : schemaAt(schema, [field]);
  const found = inner && pathIn(inner, rest);
  return found && [field as string, ...found];
}

/** The shape of what is at a path. */
function schemaAt(schema: NormalizedSchema, path: readonly string[]): NormalizedSchema {
  const [part, ...rest] = path;
  if (part === undefined) {
    return schema;
  }
  const inner = schema.isStructSchema() ? schema.getMemberSchema(part) : schema.getValueSchema();
  return schemaAt(inner, rest);
}

const TAG_FIELDS = ["Tags", "tags", "TagsList", "TagSpecifications", "TagSet"];

/** Where in an operation's structure a property goes, or `undefined` if the operation doesn't take it. */
export function fieldOf(schema: NormalizedSchema, path: string, naming: Naming): readonly string[] | undefined {
  const renamed = naming.names?.[path];
  if (renamed !== undefined) {
    return pathIn(schema, renamed.split("."));
  }
  const property = path.split(".").pop() as string;
  if (property === "tags") {
    const field = TAG_FIELDS.find((f) => fieldLike(schema, f) === f);
    return field === undefined ? undefined : [field];
  }
  const within = path === property && naming.within !== undefined ? `${naming.within}.${property}` : undefined;
  return pathIn(schema, [property]) ?? (within === undefined ? undefined : pathIn(schema, within.split(".")));
}

/** A list of `{Key, Value}` or the like, which Pulumi writes as a map: the names of its two fields. */
function pairOf(schema: NormalizedSchema): readonly [name: string, value: string] | undefined {
  const fields = schema.isStructSchema() ? Object.keys(schema.getMemberSchemas()) : [];
  const name = fields.find((f) => /^(key|name|tagkey)$/i.test(f));
  const value = fields.find((f) => /^(value|tagvalue)$/i.test(f));
  return name !== undefined && value !== undefined ? [name, value] : undefined;
}

const isObject = (value: unknown): value is Record<string, any> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

/**
 * Pulumi's value as the API wants it. What the API has no field for is added to `unknown` by its path.
 * Blocks that the API has one of may be a list of one, and the other way round; documents become JSON; maps become lists
 * of name and value; numbers, booleans and strings become what the API declares.
 */
export function toApi(value: any, schema: NormalizedSchema, path: string, naming: Naming, unknown: string[] = []): any {
  if (schema.isDocumentSchema() || value === undefined || value === null) {
    return value ?? undefined;
  }
  if (schema.isStructSchema()) {
    return toStruct(Array.isArray(value) ? value[0] : value, schema, path, naming, unknown);
  }
  if (schema.isListSchema()) {
    return toList(value, schema.getValueSchema(), path, naming, unknown);
  }
  if (schema.isMapSchema()) {
    const inner = schema.getValueSchema();
    const entries = Object.entries(isObject(value) ? value : {});
    return Object.fromEntries(entries.map(([key, v]) => [key, toApi(v, inner, `${path}.*`, naming, unknown)]));
  }
  if (schema.isNumericSchema()) {
    return Number(value);
  }
  if (schema.isBooleanSchema()) {
    return value === true || value === "true";
  }
  if (schema.isStringSchema()) {
    return Array.isArray(value) ? value.join(",") : isObject(value) ? JSON.stringify(value) : String(value);
  }
  return value;
}

function toStruct(value: any, schema: NormalizedSchema, path: string, naming: Naming, unknown: string[]): any {
  if (!isObject(value)) {
    // EC2's attributes: {Value: true}.
    return value === undefined ? undefined : { Value: value };
  }
  const inner = Object.fromEntries(Object.entries(value).map(([key, v]) => [`${path}.${key}`, v]));
  return properties(inner, schema, naming, unknown);
}

function toList(value: any, element: NormalizedSchema, path: string, naming: Naming, unknown: string[]): any {
  const pair = pairOf(element);
  const isPair = pair && isObject(value) && !Object.keys(value).some((k) => fieldLike(element, k) === pair[0]);
  const list: any[] = isPair
    ? Object.entries(value).map(([name, v]) => ({ [pair[0]]: name, [pair[1]]: v }))
    : [value].flat();
  return isPair ? list : list.map((v) => toApi(v, element, path, naming, unknown));
}

/** Properties by their paths, as a structure of the API. */
export function properties(
  values: Readonly<Record<string, any>>,
  schema: NormalizedSchema,
  naming: Naming,
  unknown: string[] = [],
): Record<string, any> {
  const made: Record<string, any> = {};
  for (const [path, value] of Object.entries(values)) {
    const field = value === undefined || value === null ? undefined : fieldOf(schema, path, naming);
    if (field !== undefined) {
      const inner = schemaAt(schema, field);
      put(
        made,
        field,
        field[0] === "TagSpecifications" && path === "tags"
          ? specified(value, naming)
          : toApi(value, inner, path, naming, unknown),
      );
    } else if (value !== undefined && value !== null) {
      unknown.push(path);
    }
  }
  return made;
}

/** EC2 takes tags by what they are for, since some calls make several things. */
function specified(tags: Record<string, string>, { tagAs }: Naming): object[] {
  return [{ ResourceType: tagAs, Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }];
}

function put(into: Record<string, any>, [field, ...rest]: readonly string[], value: any): void {
  if (rest.length === 0) {
    into[field as string] = value;
  } else {
    put((into[field as string] ??= /^\d+$/.test(rest[0] as string) ? [] : {}), rest, value);
  }
}

/** What is at a dotted path of an answer. */
export function at(answer: any, path: string): any {
  return path === "" ? answer : path.split(".").reduce((value, part) => value?.[part], answer);
}

/** The shape of what is at a dotted path of an answer. */
export function shapeAt(schema: NormalizedSchema, path: string): NormalizedSchema {
  return path === "" ? schema : schemaAt(schema, path.split("."));
}

/**
 * A property as AWS has it now, written as it was: what `toApi` does, backwards. `was` is the property as the stack has it.
 */
export function fromApi(found: any, was: any, schema: NormalizedSchema | undefined, path: string, naming: Naming): any {
  if (Array.isArray(was)) {
    return fromList(found, was, schema, path, naming);
  }
  if (isObject(was)) {
    return fromObject(Array.isArray(found) && !hasPairs(found) ? found[0] : found, was, schema, path, naming);
  }
  const value = isObject(found) && "Value" in found ? found["Value"] : Array.isArray(found) ? found[0] : found;
  if (typeof was === "string" && typeof value === "string") {
    return sameDocument(was, value) ? was : value;
  }
  return value === undefined
    ? undefined
    : typeof was === "string"
      ? String(value)
      : typeof was === "number"
        ? Number(value)
        : typeof was === "boolean"
          ? String(value) === "true"
          : value;
}

const hasPairs = (list: any[]) => list.every((e) => isObject(e) && namesOf(e) !== undefined);

function namesOf(element: Record<string, any>): readonly [string, string] | undefined {
  const name = Object.keys(element).find((f) => /^(key|name|tagkey)$/i.test(f));
  const value = Object.keys(element).find((f) => /^(value|tagvalue)$/i.test(f));
  return name !== undefined && value !== undefined ? [name, value] : undefined;
}

function fromObject(
  found: any,
  was: Record<string, any>,
  schema: NormalizedSchema | undefined,
  path: string,
  naming: Naming,
): any {
  if (typeof found === "string") {
    return sameDocument(JSON.stringify(was), found) ? was : found;
  }
  if (Array.isArray(found)) {
    const pairs = found.map((e) => [e[(namesOf(e) as any)[0]], e[(namesOf(e) as any)[1]]]);
    return Object.fromEntries(pairs.filter(([name]) => !String(name).startsWith("aws:")));
  }
  const shape = schema?.isListSchema() ? schema.getValueSchema() : schema;
  if (shape === undefined || !shape.isStructSchema()) {
    return found;
  }
  const inner = Object.fromEntries(Object.entries(was).map(([key, value]) => [`${path}.${key}`, value]));
  const now = Object.entries({ ...inner, ...read(found ?? {}, inner, shape, naming) }).filter(
    ([, v]) => v !== undefined,
  );
  return found === undefined
    ? undefined
    : Object.fromEntries(now.map(([p, value]) => [p.slice(path.length + 1), value]));
}

/** Lists that AWS keeps in an order of its own are given back in the one that they had. */
function fromList(found: any, was: any[], schema: NormalizedSchema | undefined, path: string, naming: Naming): any {
  const element = schema?.isListSchema() ? schema.getValueSchema() : schema;
  const list: any[] = typeof found === "string" ? found.split(",") : found === undefined ? [] : [found].flat();
  const rest = [...list];
  const kept: any[] = [];
  for (const old of was) {
    const same = rest.findIndex((f) => isDeepStrictEqual(fromApi(f, old, element, path, naming), old));
    if (same >= 0) {
      rest.splice(same, 1);
      kept.push(old);
    }
  }
  return [...kept, ...rest.map((f) => fromApi(f, was[0], element, path, naming))];
}

/** Both the same JSON, as text or percent-encoded (as IAM answers), or the same text. */
export function sameDocument(one: string, other: string): boolean {
  const parse = (text: string): unknown => {
    try {
      return JSON.parse(text.startsWith("%7B") ? decodeURIComponent(text) : text);
    } catch {
      return undefined;
    }
  };
  const parsed = /^(\{|%7B|\[)/.test(one) ? parse(one) : undefined;
  return one === other || (parsed !== undefined && isDeepStrictEqual(parsed, parse(other)));
}

/** Nothing that AWS would tell from an absent value. */
export const isEmpty = (value: any): boolean =>
  value === undefined ||
  value === false ||
  value === "" ||
  (typeof value === "object" && Object.keys(value).length === 0);

/**
 * Properties by their paths as AWS has them now; only those that the answer has a field for. `undefined` is one that is
 * gone, if it was ever anything but empty.
 */
export function read(
  found: Record<string, any>,
  were: Readonly<Record<string, any>>,
  schema: NormalizedSchema,
  naming: Naming,
): Record<string, any> {
  return Object.fromEntries(
    Object.entries(were).flatMap(([path, was]) => {
      const field = fieldOf(schema, path, naming);
      if (field === undefined) {
        return [];
      }
      const value = at(found, field.join("."));
      const now = fromApi(value, was, shapeAt(schema, field.join(".")), path, naming);
      return [[path, isEmpty(now) && isEmpty(was) ? was : now]];
    }),
  );
}
