import Ajv from "ajv";
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { generatedFiles } from "../../config/reference/generated";
import { declaredOptions, fieldsOf, Option } from "../../config/reference/option";
import { configurationPage } from "../../config/reference/page";
import { stackFileSchema } from "../../config/reference/schema";

const ROOT = join(__dirname, "..", "..");
const ajv = new Ajv({ strict: true, allowUnionTypes: true, formats: { uri: true, email: true } });

/** All options with their paths, fields of fields included. */
function* walk(path: string, option: Option): Generator<readonly [string, Option]> {
  yield [path, option];
  const { within, holder } = fieldsOf(option) ?? { within: "", holder: {} as Option };
  for (const [name, field] of Object.entries(holder.properties ?? {})) {
    yield* walk(`${path}${within}.${name}`, field);
  }
  for (const variant of option.oneOf ?? []) {
    for (const [name, field] of Object.entries(variant.properties ?? {})) {
      yield* walk(`${path}.${name}`, field);
    }
  }
}
const options = Object.entries(declaredOptions()).flatMap(([key, option]) => [...walk(key, option)]);

describe("the options' declarations", () => {
  it("say what every option is", () => {
    assert.ok(options.length > 60, `${options.length} options`);
    const silent = options.filter(([, o]) => (o.description ?? "") === "").map(([path]) => path);
    assert.deepEqual(silent, []);
  });
  it("give an example of everything that is no choice by itself and has no fields of its own", () => {
    const leaves = options.filter(
      ([, o]) => fieldsOf(o) === undefined && o.oneOf === undefined && o.const === undefined,
    );
    const without = leaves.filter(([, o]) => (o.examples ?? []).length === 0).map(([path]) => path);
    assert.deepEqual(without, []);
  });
  it("give examples and defaults that are valid", () => {
    for (const [path, { description: _, unit: _unit, absent: _absent, ...schema }] of options) {
      const values = [...(schema.examples ?? []), ...(schema.default === undefined ? [] : [schema.default])];
      const valid = new Ajv({ strict: false, formats: { uri: true, email: true } }).compile(schema);
      for (const value of values) {
        assert.ok(valid(value), `${path}: ${JSON.stringify(value)} ${ajv.errorsText(valid.errors)}`);
      }
    }
  });
});

describe("what is made from the declarations", () => {
  it("is as it was committed: `npm run docs` makes it anew", async () => {
    for (const [path, text] of Object.entries(await generatedFiles())) {
      assert.equal(readFileSync(join(ROOT, path), "utf8"), text, `${path} is out of date: run \`npm run docs\``);
    }
  });
  it("tells default, unit, bounds, choice and example of an option", () => {
    const page = configurationPage();
    const rowOf = (option: string) => page.split("\n").find((line) => line.startsWith(`| \`${option}\``)) ?? "";
    assert.match(rowOf("gateway.longFailoverMinutes"), /\| minutes, 5 to 1440 \| `30` \| `30` \|$/);
    assert.match(rowOf("gateway.flavour"), /\| `nat`, `squid` \| `nat` \|/);
    assert.match(rowOf("network.cidrBlock"), /\| required \| `10\.20\.0\.0\/16` \|$/);
    assert.match(rowOf("network.subnetCidrBlocks"), /\| cut from `cidrBlock` \|/);
    assert.match(rowOf("recovery.groups.NAME.minHealthyPercentage"), /percent, 0 to 100/);
    assert.match(rowOf("recovery.chat.channel"), /\(`type: slack`\)/);
  });
});

describe("the JSON Schema of a stack's file", () => {
  const valid = ajv.compile(stackFileSchema());
  const network = { cidrBlock: "10.20.0.0/16", availabilityZones: ["us-east-1a", "us-east-1b"] };
  const file = (config: object) => ({ config: { "aws:region": "us-east-1", "nplusone:network": network, ...config } });

  it("accepts what the CLI and other providers write into a file", () => {
    assert.ok(valid({ ...file({ "aws:profile": "prod" }), encryptionsalt: "v1:…", secretsprovider: "passphrase" }));
  });
  it("accepts every example", () => {
    const files = readdirSync(join(ROOT, "examples")).filter((file) => file.endsWith(".yaml"));
    assert.ok(files.length > 2);
    for (const file of files) {
      assert.ok(valid(parse(readFileSync(join(ROOT, "examples", file), "utf8"))), ajv.errorsText(valid.errors));
    }
  });
  it("refuses misspelt keys and fields, and what is missing or of another type", () => {
    for (const wrong of [
      file({ "nplusone:gateways": {} }),
      file({ "nplusone:gateway": { flavor: "nat" } }),
      file({ "nplusone:gateway": { flavour: "router" } }),
      file({ "nplusone:network": { cidrBlock: "10.20.0.0/16" } }),
      file({ "nplusone:notifications": { emails: "me@example.com" } }),
      { config: { "nplusone:network": network } },
    ]) {
      assert.equal(valid(wrong), false, JSON.stringify(wrong));
    }
  });
});
