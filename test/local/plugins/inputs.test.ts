import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { declaredOptions, fieldsOf, Option } from "../../../config/reference/option";
import { unapplied } from "../../../local/plugins/aws/requests";
import { RESOURCES } from "../../../local/plugins/aws/services";
import { STACKS } from "./stacks";

interface Registered {
  readonly type: string;
  readonly inputs: Record<string, unknown>;
}

/** What the program registers with a configuration. */
function registered(config: Record<string, unknown>): Registered[] {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ["-r", "./local/bin/typescript.js", "test/local/plugins/registered.ts", JSON.stringify(config)],
    { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 },
  );
  assert.equal(status, 0, stderr);
  return (JSON.parse(stdout) as Registered[]).filter(({ type }) => type.startsWith("aws:"));
}

/** The options that a configuration leaves out, by path. */
function* unset(path: string, option: Option, values: readonly unknown[]): Generator<string> {
  const given = values.filter((value) => value !== undefined);
  if (given.length === 0) {
    yield path;
    return;
  }
  const { holder } = fieldsOf(option) ?? {};
  const entries = given.flatMap((value) => (holder === option ? [value] : Object.values(value as object))) as Record<
    string,
    unknown
  >[];
  for (const [name, field] of Object.entries(holder?.properties ?? {})) {
    yield* unset(
      `${path}.${name}`,
      field,
      entries.map((entry) => entry[name]),
    );
  }
}

describe("the stand-in AWS plugin", () => {
  for (const [name, config] of Object.entries(STACKS)) {
    it(`passes on or names every input of ${name}`, async () => {
      const resources = registered(config);
      assert.ok(resources.length > 100, `${resources.length} resources`);
      const dropped = await Promise.all(
        resources.map(async ({ type, inputs }) => {
          const record = RESOURCES[type];
          assert.ok(record, `there is no record of ${type}`);
          return (await unapplied(record, inputs)).map((path) => `${type} ${path}`);
        }),
      );
      assert.deepEqual([...new Set(dropped.flat())], []);
    });
  }
  it("is asked about every option that there is", () => {
    const missing = Object.entries(declaredOptions()).flatMap(([key, option]) => [
      ...unset(
        key,
        option,
        Object.values(STACKS).map((config) => config[key]),
      ),
    ]);
    assert.deepEqual(missing, []);
  });
  it("names an input that nothing takes, however deep it is", async () => {
    const vpc = RESOURCES["aws:ec2/vpc:Vpc"];
    const template = RESOURCES["aws:ec2/launchTemplate:LaunchTemplate"];
    assert.ok(vpc && template);
    assert.deepEqual(await unapplied(vpc, { cidrBlock: "10.0.0.0/16", enableEverything: true }), ["enableEverything"]);
    assert.deepEqual(
      await unapplied(template, { name: "x", blockDeviceMappings: [{ ebs: { volumeSize: 8, colour: "red" } }] }),
      ["blockDeviceMappings.ebs.colour"],
    );
  });
});
