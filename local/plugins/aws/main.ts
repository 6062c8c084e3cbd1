/* eslint-disable @typescript-eslint/no-explicit-any -- the plugin boundary: whatever the engine and AWS send */
import * as provider from "@pulumi/pulumi/provider";
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { records as account } from "./account";
import { records as autoscaling } from "./autoscaling";
import { records as cloudtrail } from "./cloudtrail";
import { records as cloudwatch } from "./cloudwatch";
import { records as dynamodb } from "./dynamodb";
import { records as ec2 } from "./ec2";
import { records as iam } from "./iam";
import { records as kms } from "./kms";
import { records as lambda } from "./lambda";
import { records as oam } from "./oam";
import { Props, REGION, ResourceRecord, ServiceRecords, Step } from "./record";
import { records as route53 } from "./route53";
import { records as s3 } from "./s3";
import { records as secretsmanager } from "./secretsmanager";
import { records as sfn } from "./sfn";
import { records as sns } from "./sns";
import { records as sqs } from "./sqs";

/** One file a service. */
const SERVICES: readonly ServiceRecords[] = [
  account,
  autoscaling,
  cloudtrail,
  cloudwatch,
  dynamodb,
  ec2,
  iam,
  kms,
  lambda,
  oam,
  route53,
  s3,
  secretsmanager,
  sfn,
  sns,
  sqs,
];
const RESOURCES: Record<string, ResourceRecord> = Object.assign({}, ...SERVICES.map((s) => s.resources));
const FUNCTIONS: NonNullable<ServiceRecords["functions"]> = Object.assign(
  {},
  ...SERVICES.map((s) => s.functions ?? {}),
);

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

const clients = new Map<string, any>();

/** Runs steps one after the other; each sees what those before it put out. */
async function run(steps: readonly Step[], props: Props): Promise<Props> {
  let all = props;
  for (const step of steps) {
    const input = step.input(all);
    if (input !== undefined) {
      const answer = await send(step, input);
      all = { ...all, ...step.outputs?.(answer, all) };
    }
  }
  return all;
}

async function send(step: Step, input: object): Promise<any> {
  const sdk = await import(`@aws-sdk/client-${step.client}`);
  let client = clients.get(step.client);
  if (client === undefined) {
    const Client = Object.values<any>(sdk).find(
      (v) => v?.prototype?.send && v.name.endsWith("Client") && v.name !== "Client",
    );
    client = new Client({ region: REGION, forcePathStyle: true });
    clients.set(step.client, client);
  }
  try {
    return await client.send(new sdk[`${step.action}Command`](input));
  } catch (error) {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw Object.assign(new Error(`${step.action}: ${reason}`), { code: (error as Error).name });
  }
}

/** What the engine is told: everything but our own helpers, and no `undefined`, which it can't encode. */
function outs(props: Props): Props {
  return Object.fromEntries(
    Object.entries(props).filter(([key, value]) => value !== undefined && key !== "__name" && key !== "id"),
  );
}

function withName(urn: string, props: Props, id?: string): Props {
  return { ...props, __name: nameOf(urn), ...(id === undefined ? {} : { id }) };
}

const GONE = /NotFound|NoSuch|NotExist|does not exist|not found|InvalidAssociationID/i;

const plugin: provider.Provider = {
  version: "7.48.0",

  async check(urn, olds, news) {
    const { autoName } = recordOf(urn);
    if (autoName === undefined || news[autoName] !== undefined) {
      return { inputs: news };
    }
    const suffix = createHash("sha256")
      .update(`${urn}${process.env["NPLUSONE_SEED"] ?? ""}`)
      .digest("hex")
      .slice(0, 7);
    const name = `${nameOf(urn).replace(/[^A-Za-z0-9-]/g, "-")}-${suffix}`.toLowerCase();
    return { inputs: { ...news, [autoName]: olds?.[autoName] ?? name } };
  },

  async diff(_id, urn, olds, news) {
    const changed = Object.keys(news).filter(
      (key) => !key.startsWith("__") && !isDeepStrictEqual(news[key], olds[key]),
    );
    const replaces = changed.filter((key) => recordOf(urn).replaceOn?.includes(key));
    return { changes: changed.length > 0, replaces, deleteBeforeReplace: true };
  },

  async create(urn, inputs) {
    const record = recordOf(urn);
    const props = withName(urn, inputs);
    const all = await run(record.create, { ...props, ...record.outputs?.(props) });
    return { id: String(all["id"]), outs: outs(all) };
  },

  async update(id, urn, olds, news) {
    const all = await run(recordOf(urn).update ?? [], withName(urn, { ...olds, ...news }, id));
    return { outs: outs(all) };
  },

  async read(id, urn, props) {
    const { read } = recordOf(urn);
    if (read === undefined) {
      return { id, props };
    }
    const all = await run(read.steps, withName(urn, props, id));
    const inputs = Object.fromEntries(Object.entries(all).filter(([key]) => read.inputs.includes(key)));
    return { id, props: outs(all), inputs };
  },

  async delete(id, urn, props) {
    for (const step of recordOf(urn).delete ?? []) {
      try {
        await run([step], withName(urn, props, id));
      } catch (error) {
        if (!GONE.test(String(error))) {
          throw error;
        }
      }
    }
  },

  async invoke(token, args) {
    const fn = FUNCTIONS[token];
    if (fn === undefined) {
      throw new Error(`the rehearsal doesn't know ${token}: add it to a file in local/plugins/aws`);
    }
    return { outputs: Array.isArray(fn) ? await run(fn, args) : fn };
  },
};

void provider.main(plugin, process.argv.slice(2));
