import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";

/** A resource as a component registered it. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

/**
 * Records what is registered from here on, instead of deploying it.
 * @param outputs what resources of a type put out besides their inputs
 */
export async function record(outputs: Readonly<Record<string, object>> = {}): Promise<Registered[]> {
  const registered: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, id }) => {
        registered.push({ type, name, inputs: inputs as Record<string, unknown> });
        return {
          id: id || `${name}-id`,
          state: { ...inputs, name, arn: `arn:aws:::${name}`, ...outputs[type] } as Record<string, unknown>,
        };
      },
      call: () => ({ region: "us-east-1", partition: "aws", accountId: "123456789012", value: "ami-1" }),
    },
    "nplusone",
    "test",
    false,
  );
  return registered;
}

/** The resources of a type; there has to be one, since a test that looks at each would hold without having seen any. */
export function ofType(registered: readonly Registered[], type: string): Registered[] {
  const found = registered.filter((r) => r.type === type);
  assert.ok(found.length > 0, `no ${type} was registered`);
  return found;
}

/** Waits until everything that was begun has been registered. */
export async function settled(): Promise<void> {
  await pulumi.runtime.disconnect();
}
