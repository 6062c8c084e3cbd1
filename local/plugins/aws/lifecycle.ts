/* eslint-disable @typescript-eslint/no-explicit-any -- the plugin boundary: whatever the engine and AWS send */
import { isDeepStrictEqual } from "node:util";
import { operation } from "./api";
import { at, isEmpty, read, sameDocument, shapeAt } from "./mapping";
import { Call, Props, Read, ResourceRecord } from "./record";
import { isFor, make, namingOf, pick, replaces, requestOf, unapplied } from "./requests";

/** What a record's calls and functions put out, and what the stand-in keeps for itself. */
function isOutput(record: ResourceRecord, key: string): boolean {
  const calls = [...record.create, ...(record.settings ?? []), ...(record.update ?? []), ...(record.read ?? [])];
  return (
    key === "id" || key.startsWith("__") || key in (record.outputs ?? {}) || calls.some((c) => key in (c.outputs ?? {}))
  );
}

/** A resource's inputs among its properties: what it was given, and what the provider assumes. */
function inputsOf(record: ResourceRecord, props: Props): Props {
  return Object.fromEntries(Object.entries(props).filter(([key]) => !isOutput(record, key)));
}

/** What the engine gives as a resource's inputs, without what the stand-in adds. */
function given(record: ResourceRecord, props: Props): Props {
  const own = Object.entries(props).filter(([key]) => key !== "id" && !key.startsWith("__"));
  return Object.fromEntries(own.filter(([key]) => !(key in (record.outputs ?? {}))));
}

/** The outputs that follow from the other properties. */
function derived(record: ResourceRecord, props: Props): Props {
  return Object.fromEntries(Object.entries(record.outputs ?? {}).map(([name, of]) => [name, of(props)]));
}

const isSame = (one: unknown, other: unknown): boolean =>
  isDeepStrictEqual(one, other) || (typeof one === "string" && typeof other === "string" && sameDocument(one, other));

/** The inputs that were added, changed or removed. */
export function changedInputs(record: ResourceRecord, olds: Props, news: Props): string[] {
  const removed = Object.keys(inputsOf(record, olds)).filter((key) => news[key] === undefined);
  const changed = Object.keys(news).filter((key) => !key.startsWith("__") && !isSame(news[key], olds[key]));
  return [...new Set([...changed, ...removed])];
}

/** What a change of inputs comes to. */
export function diff(record: ResourceRecord, name: string, olds: Props, news: Props) {
  const changed = changedInputs(record, olds, news);
  const { autoName } = record;
  return {
    changes: changed.length > 0,
    replaces: changed.filter((key) => key === "region" || needsReplacement(record, key, olds[key], news[key])),
    // As the real provider: a name of one's own can't be had twice, so the old one goes first.
    deleteBeforeReplace: autoName !== undefined && !isAutomatic(name, news[autoName]),
  };
}

/** Whether a new resource is needed for an input's change, or for that of something in it. */
function needsReplacement({ replaceOn = [] }: ResourceRecord, key: string, old: unknown, now: unknown): boolean {
  const parts = replaceOn.filter((path) => path.startsWith(`${key}.`)).map((path) => path.slice(key.length + 1));
  return replaceOn.includes(key) || parts.some((part) => !isSame(at(old, part), at(now, part)));
}

/** The name that a resource is given automatically. */
export const automaticName = (name: string, random: string) =>
  `${name.replace(/[^A-Za-z0-9-]/g, "-")}-${random}`.toLowerCase();

const isAutomatic = (name: string, value: unknown): boolean =>
  typeof value === "string" &&
  /^-[0-9a-f]{7}(\.fifo)?$/.test(value.slice(automaticName(name, "").length - 1)) &&
  value.startsWith(automaticName(name, ""));

/** @throws if an input would be dropped. */
async function refuseUnapplied(type: string, record: ResourceRecord, inputs: Props): Promise<void> {
  const paths = await unapplied(record, inputs);
  if (paths.length > 0) {
    const file = `local/plugins/aws/${type.split(":")[1]?.split("/")[0]}.ts`;
    throw new Error(
      `the rehearsal doesn't know what becomes of ${type}'s ${paths.join(", ")}: ` +
        `pass it on in ${file}, or name it there under notApplied with the reason`,
    );
  }
}

/** Creates a resource; its inputs and outputs together. */
export async function create(type: string, record: ResourceRecord, asked: Props): Promise<Props> {
  const inputs = given(record, asked);
  await refuseUnapplied(type, record, inputs);
  let props = { ...asked, ...derived(record, asked) };
  const creation = record.create.filter((one) => one.if?.(asked) ?? true);
  for (const call of [...creation, ...(record.settings ?? []).filter((one) => isNeeded(one, record, inputs))]) {
    if (call.of === undefined || call.of.some((key) => inputs[key] !== undefined)) {
      const { request } = await requestOf(record, call, props, inputs);
      props = { ...props, ...(await make(call, request, props)) };
      props = { ...props, ...derived(record, props) };
    }
  }
  if (!isEmpty(inputs["tags"]) && !(await takesTags(record))) {
    await tag(record, props, {}, inputs["tags"]);
  }
  return props;
}

/** Whether a new resource isn't already as a setting would make it. */
function isNeeded(call: Call, record: ResourceRecord, inputs: Props): boolean {
  const values = (call.of ?? []).map((key) => (isSame(inputs[key], record.defaults?.[key]) ? undefined : inputs[key]));
  return values.some((value) => (replaces(call) ? !isEmpty(value) : value !== undefined));
}

async function takesTags(record: ResourceRecord): Promise<boolean> {
  const calls = [...record.create, ...(record.settings ?? [])];
  return (
    record.tagging === undefined || (await Promise.all(calls.map((c) => isFor(record, c, ["tags"])))).includes(true)
  );
}

/** Brings a resource's tags from what they were to what they shall be. */
async function tag(record: ResourceRecord, props: Props, olds: Props, news: Props): Promise<void> {
  const { service, set, unset, key } = record.tagging ?? {};
  if (service === undefined || set === undefined || unset === undefined) {
    return;
  }
  const send = async (action: string, tags: Props) => {
    const call = { service, action, names: key };
    const { input } = await operation(service, action);
    const keys = Object.keys(input.getMemberSchemas()).find((field) => /^tagkeys$/i.test(field));
    const { request } = await requestOf({ ...record, key: {} }, call, props, keys ? {} : { tags });
    await make(call, keys ? { ...request, [keys]: Object.keys(tags) } : request, props);
  };
  const changed = Object.entries(news).filter(([name, value]) => olds[name] !== value);
  const removed = Object.entries(olds).filter(([name]) => !(name in news));
  if (removed.length > 0) {
    await send(unset, Object.fromEntries(removed));
  }
  if (changed.length > 0) {
    await send(set, Object.fromEntries(changed));
  }
}

/** Applies changed inputs; the resource's inputs and outputs together. */
export async function update(type: string, record: ResourceRecord, olds: Props, asked: Props): Promise<Props> {
  const inputs = given(record, asked);
  await refuseUnapplied(type, record, inputs);
  const changed = changedInputs(record, olds, asked);
  const kept = Object.entries(olds).filter(([key]) => isOutput(record, key));
  let props: Props = { ...Object.fromEntries(kept), ...asked };
  for (const call of [...(record.update ?? []), ...(record.settings ?? [])]) {
    if (call.if?.(props) ?? (await isFor(record, call, changed))) {
      props = { ...props, ...(await apply(type, record, call, { olds, props, inputs, changed })) };
    }
  }
  if (changed.includes("tags") && !Array.isArray(inputs["tags"])) {
    await tag(record, props, olds["tags"] ?? {}, inputs["tags"] ?? {});
  }
  return { ...props, ...derived(record, props) };
}

interface Change {
  readonly olds: Props;
  readonly props: Props;
  readonly inputs: Props;
  readonly changed: readonly string[];
}

/** Makes a call because of a change, or the one that undoes it; what its answer adds to the outputs. */
async function apply(type: string, record: ResourceRecord, call: Call, change: Change): Promise<Props> {
  const { olds, props, inputs, changed } = change;
  const kind = call.takesBack ? "takes back" : replaces(call) ? "replaces" : "keeps";
  const own = {
    "takes back": () => inputsOf(record, olds),
    replaces: () => inputs,
    keeps: () => ({ ...inputs, ...emptied(type, record, olds, inputs, changed) }),
  }[kind]();
  const isNothing = kind !== "keeps" && call.of !== undefined && call.of.every((key) => isEmpty(own[key]));
  if (isNothing && call.undo !== undefined) {
    const undo = { ...call, action: call.undo, with: undefined, outputs: {} };
    await make(undo, (await requestOf(record, undo, props, {})).request, props);
  }
  if (isNothing) {
    return {};
  }
  const about = call.takesBack ? { ...props, ...olds } : props;
  return make(call, (await requestOf(record, call, about, own, olds)).request, about);
}

/** What removed inputs are told to be to an operation that leaves alone what it isn't given. */
function emptied(type: string, record: ResourceRecord, olds: Props, news: Props, changed: readonly string[]): Props {
  const { unset = {} } = record;
  const removed = changed.filter((key) => news[key] === undefined && key !== "tags");
  return Object.fromEntries(removed.map((key) => [key, key in unset ? unset[key] : empty(type, key, olds[key])]));
}

function empty(type: string, path: string, was: unknown): unknown {
  if (typeof was === "string") {
    return "";
  }
  if (Array.isArray(was)) {
    return [];
  }
  if (typeof was === "object" && was !== null) {
    return Object.fromEntries(Object.entries(was).map(([key, value]) => [key, empty(type, `${path}.${key}`, value)]));
  }
  throw new Error(
    `the rehearsal doesn't know what ${type} is without ${path}: name it in its record's unset or defaults`,
  );
}

/** A resource as AWS has it now: its inputs, and these with its outputs; `undefined` if it is gone. */
export async function refresh(
  record: ResourceRecord,
  props: Props,
): Promise<{ inputs: Props; props: Props } | undefined> {
  const inputs = inputsOf(record, props);
  const notRead = record.notRead ?? {};
  const were = Object.fromEntries(Object.entries(inputs).filter(([key]) => !(key in notRead)));
  let now: Props = {};
  let outputs: Props = {};
  for (const one of record.read ?? []) {
    const found = await find(record, one, props);
    if (found === undefined) {
      return undefined;
    }
    const { output } = await operation(one.service, one.action);
    const asked = one.of === undefined ? { tags: {}, ...were } : pick({ tags: {}, ...were }, one.of);
    now = {
      ...now,
      ...read(found, asked, shapeAt(output, one.at), namingOf(record, one)),
      ...one.also?.(found, props),
    };
    outputs = {
      ...outputs,
      ...Object.fromEntries(
        Object.entries(one.outputs ?? {}).map(([name, from]) => [
          name,
          typeof from === "string" ? at(found, from) : from(found, props),
        ]),
      ),
    };
  }
  const all = Object.entries({ ...inputs, ...now }).filter(
    ([key, value]) => value !== undefined && !(key === "tags" && isEmpty(value) && inputs[key] === undefined),
  );
  const fresh = Object.fromEntries(all);
  const kept = Object.entries(props).filter(([key]) => isOutput(record, key));
  const result = { ...Object.fromEntries(kept), ...outputs, ...fresh };
  return { inputs: fresh, props: { ...result, ...derived(record, result) } };
}

async function find(record: ResourceRecord, one: Read, props: Props): Promise<any> {
  try {
    const { request } = await requestOf(record, { ...one, of: [] }, props, {});
    const answer = await (await operation(one.service, one.action)).send(request, props["region"]);
    return (one.as === undefined ? at(answer, one.at) : one.as(answer, props)) ?? (one.optional ? {} : undefined);
  } catch (error) {
    if (isGone(error)) {
      return one.optional ? {} : undefined;
    }
    throw error;
  }
}

const GONE = /NotFound|NoSuch|NonExist|NotExist|InvalidAssociationID/;

/** AWS says that there is no such thing, by its code; Auto Scaling has no code for that. */
export function isGone(error: unknown): boolean {
  const { code = "", message } = error as Error & { code?: string };
  return GONE.test(code) || (code === "ValidationError" && /not found|does not exist/i.test(message));
}

/** Deletes a resource. One that is gone already is fine. */
export async function remove(record: ResourceRecord, resource: Props): Promise<void> {
  let props = resource;
  for (const call of record.delete ?? []) {
    if (call.of !== undefined && call.of.every((key) => isEmpty(props[key]))) {
      continue;
    }
    try {
      const { request } = await requestOf(record, call, props, pick(props, call.of ?? []));
      props = { ...props, ...(await make(call, request, props)) };
    } catch (error) {
      if (!isGone(error)) {
        throw error;
      }
    }
  }
}
