/* eslint-disable @typescript-eslint/no-explicit-any -- the plugin boundary: whatever AWS's clients are */
import { NormalizedSchema } from "@smithy/core/schema";
import { REGION } from "./record";

/** One operation of AWS: its shapes, and a way to call it. */
export interface Operation {
  readonly input: NormalizedSchema;
  readonly output: NormalizedSchema;
  /** Calls it in a Region, by default the stack's. @throws an error with AWS's own code, and the operation in its message. */
  send(input: object, region?: string): Promise<any>;
}

const operations = new Map<string, Promise<Operation>>();
const clients = new Map<string, any>();

/**
 * An operation by its service and name, e.g. `ec2`, `CreateVpc`.
 * @throws if the service's client is not installed, or has no such operation.
 */
export function operation(service: string, action: string): Promise<Operation> {
  const key = `${service}:${action}`;
  const known = operations.get(key) ?? load(service, action);
  operations.set(key, known);
  return known;
}

async function load(service: string, action: string): Promise<Operation> {
  const sdk = await importClient(service);
  const Command = sdk[`${action}Command`];
  // An operation's schema is [kind, namespace, name, traits, input, output].
  const schema = sdk[`${action}$`];
  if (Command === undefined || schema === undefined) {
    throw new Error(`@aws-sdk/client-${service} has no operation ${action}`);
  }
  return {
    input: NormalizedSchema.of(schema[4]()),
    output: NormalizedSchema.of(schema[5]()),
    async send(input, region = REGION) {
      try {
        return await clientOf(service, region, sdk).send(new Command(input));
      } catch (error) {
        const { name, message } = error as Error;
        throw Object.assign(new Error(`${action}: ${name}: ${message}`), { code: name });
      }
    },
  };
}

async function importClient(service: string): Promise<any> {
  const name = `@aws-sdk/client-${service}`;
  try {
    return await import(name);
  } catch (error) {
    if (String((error as { code?: string }).code).endsWith("MODULE_NOT_FOUND")) {
      throw new Error(`the rehearsal needs ${name}: npm install --save-dev ${name}`);
    }
    throw error;
  }
}

function clientOf(service: string, region: string, sdk: any): any {
  const key = `${service}:${region}`;
  const known = clients.get(key);
  if (known !== undefined) {
    return known;
  }
  const Client = Object.values<any>(sdk).find(
    (v) => v?.prototype?.send && v.name.endsWith("Client") && v.name !== "Client",
  );
  const made = new Client({ region, forcePathStyle: true });
  clients.set(key, made);
  return made;
}
