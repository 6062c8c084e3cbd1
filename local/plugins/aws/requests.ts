import { operation } from "./api";
import { at, fieldOf, Naming, properties } from "./mapping";
import { Call, Props, ResourceRecord } from "./record";

/** Operations that replace everything, or add to what is there: what they aren't given is not set. */
const REPLACES = /^(Put|Create|Run|Allocate|Authorize|Revoke|Attach|Associate|Enable|Add|Start|Subscribe|Replace|Tag)/;

export const replaces = (call: Call): boolean => REPLACES.test(call.action);

/** How a record's properties are called in one of its calls. */
export function namingOf(record: ResourceRecord, call: Call): Naming {
  return {
    names: { ...record.names, ...record.key, ...call.names },
    within: call.within ?? record.within,
    tagAs: record.tagAs,
  };
}

/** The properties that a call is made from. */
export function pick(props: Props, keys: readonly string[]): Props {
  return Object.fromEntries(keys.filter((key) => props[key] !== undefined).map((key) => [key, props[key]]));
}

/** A call's request from the key and the given inputs, and the paths of the inputs that it has no field for. */
export async function requestOf(
  record: ResourceRecord,
  call: Call,
  props: Props,
  inputs: Props,
  olds: Props = {},
): Promise<{ request: Props; unknown: string[] }> {
  const { input } = await operation(call.service, call.action);
  const naming = namingOf(record, call);
  const unknown: string[] = [];
  const own = (call.of ?? Object.keys(inputs)).filter((key) => !call.takes?.includes(key));
  const taken = pick(inputs, own);
  const address = pick(props, [...Object.keys(record.key), ...Object.keys(call.names ?? {})]);
  const request = properties({ ...address, ...taken }, input, naming, unknown);
  const left = Object.keys(inputs).filter((key) => !(key in taken) && !call.takes?.includes(key));
  return {
    request: { ...request, ...call.with?.(props, request, olds) },
    unknown: [...left, ...unknown.filter((path) => !call.of?.includes(path) && (path in taken || !(path in address)))],
  };
}

/** Whether a call is for one of these properties. */
export async function isFor(record: ResourceRecord, call: Call, keys: readonly string[]): Promise<boolean> {
  const { input } = await operation(call.service, call.action);
  const naming = namingOf(record, call);
  const takes = (key: string) =>
    call.takes?.includes(key) ||
    (call.of === undefined ? !(key in record.key) && fieldOf(input, key, naming) !== undefined : call.of.includes(key));
  return keys.some(takes);
}

/** Makes a call, or as many as it says, and returns what the last answer adds to the resource's outputs. */
export async function make(call: Call, request: object, props: Props): Promise<Props> {
  const { send } = await operation(call.service, call.action);
  let answer: unknown;
  for (const own of call.each?.(props) ?? [{}]) {
    answer = await send({ ...request, ...own }, props["region"]);
  }
  return Object.fromEntries(
    Object.entries(call.outputs ?? {}).map(([name, from]) => [
      name,
      typeof from === "string" ? at(answer, from) : from(answer, props),
    ]),
  );
}

/**
 * The paths of inputs that none of the type's calls takes, and that the record doesn't name either: they would be dropped
 * without a word.
 */
export async function unapplied(record: ResourceRecord, inputs: Props): Promise<string[]> {
  const calls = [...record.create, ...(record.settings ?? []), ...(record.update ?? [])];
  if (calls.length === 0) {
    return [];
  }
  const named = {
    ...record.key,
    ...Object.assign({}, ...(record.delete ?? []).map((c) => c.names)),
    ...record.notApplied,
    region: "",
    ...(record.tagging ? { tags: "" } : {}),
  };
  const given = Object.fromEntries(Object.entries(inputs).filter(([key]) => !(key in named) && !key.startsWith("__")));
  const unknown = await Promise.all(
    calls.map(async (call) => (await requestOf(record, { ...call, with: undefined }, given, given)).unknown),
  );
  const isUnder = (path: string, parent: string) => path === parent || path.startsWith(`${parent}.`);
  const nowhere = unknown
    .flat()
    .filter((path) => unknown.every((paths) => paths.some((parent) => isUnder(path, parent))))
    .filter((path) => !Object.keys(named).some((parent) => isUnder(path, parent)));
  return [...new Set(nowhere)];
}
