import * as provider from "@pulumi/pulumi/provider";
import { randomBytes } from "node:crypto";
import { dependencies } from "../../../package.json";
import { operation } from "./api";
import { automaticName, create, diff, refresh, remove, update } from "./lifecycle";
import { Props, ResourceRecord } from "./record";
import { requestOf } from "./requests";
import { hide, reveal } from "./secrets";
import { FUNCTIONS, RESOURCES } from "./services";

const typeOf = (urn: string) => urn.split("::")[2]?.split("$").pop() ?? "";
const nameOf = (urn: string) => urn.split("::").slice(3).join("::");

function recordOf(urn: string): ResourceRecord {
  const type = typeOf(urn);
  const record = RESOURCES[type];
  if (record === undefined) {
    const service = type.split(":")[1]?.split("/")[0];
    throw new Error(`the rehearsal doesn't know ${type}: add its record to local/plugins/aws/${service}.ts`);
  }
  return record;
}

/** What the engine is told: everything but our own helpers, and no `undefined`, which it can't encode. */
function outs(props: Props): Props {
  return Object.fromEntries(
    Object.entries(props).filter(([key, value]) => value !== undefined && key !== "__name" && key !== "id"),
  );
}

const named = (urn: string, props: Props, id?: string): Props => ({
  ...reveal(props),
  __name: nameOf(urn),
  ...(id === undefined ? {} : { id }),
});

const plugin: provider.Provider = {
  version: dependencies["@pulumi/aws"],

  async check(urn, olds, news) {
    const { autoName, autoNameEnd = () => "", defaults } = recordOf(urn);
    const inputs = { ...defaults, ...news };
    if (autoName !== undefined && inputs[autoName] === undefined) {
      const random = randomBytes(4).toString("hex").slice(0, 7);
      inputs[autoName] = olds?.[autoName] ?? `${automaticName(nameOf(urn), random)}${autoNameEnd(inputs)}`;
    }
    return { inputs };
  },

  async diff(_id, urn, olds, news) {
    return diff(recordOf(urn), nameOf(urn), reveal(olds), reveal(news));
  },

  async create(urn, inputs) {
    const all = await create(typeOf(urn), recordOf(urn), named(urn, inputs));
    return { id: String(all["id"]), outs: hide(outs(all), inputs) };
  },

  async update(id, urn, olds, news) {
    const all = await update(typeOf(urn), recordOf(urn), named(urn, olds, id), named(urn, news, id));
    return { outs: hide(outs(all), news) };
  },

  async read(id, urn, props) {
    const found = await refresh(recordOf(urn), named(urn, props, id));
    // Without an id the engine takes it for gone.
    return found === undefined
      ? { id: "", props: {}, inputs: {} }
      : { id, props: hide(outs(found.props), props), inputs: hide(outs(found.inputs), props) };
  },

  async delete(id, urn, props) {
    await remove(recordOf(urn), named(urn, props, id));
  },

  async invoke(token, args) {
    const fn = FUNCTIONS[token];
    if (fn === undefined) {
      throw new Error(`the rehearsal doesn't know ${token}: add it to a file in local/plugins/aws`);
    }
    if ("known" in fn) {
      return { outputs: fn.known };
    }
    const { request } = await requestOf({ key: {}, create: [] }, fn.call, args, args);
    const { send } = await operation(fn.call.service, fn.call.action);
    return { outputs: fn.answer(await send(request, args.region)) };
  },
};

void provider.main(plugin, process.argv.slice(2));
