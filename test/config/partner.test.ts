import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mock } from "node:test";
import fc from "fast-check";
import { loadConfig, parseConfig } from "../../config";
import { ReadStackFile, StackFile, stackFilesIn } from "../../config/stackFile";
import { record } from "../components/recorded";
import { good } from "./problems";

const REGIONS = ["us-east-1", "eu-west-1", "ap-southeast-2"];
type Pair = Record<"blue" | "green", { region: string; partner: Record<string, string> }>;

/** Two stacks that nothing is wrong with. */
const pair = (mode = "warm", [blue, green] = ["us-east-1", "eu-west-1"]): Pair => ({
  blue: { region: blue ?? "", partner: { role: "primary", stack: "green", region: green ?? "", mode } },
  green: { region: green ?? "", partner: { role: "standby", stack: "blue", region: blue ?? "", mode } },
});

/** What a stack says of the pair, a line each. */
function says(stack: keyof Pair, stacks: Partial<Pair>, own: Record<string, unknown> = good): string[] {
  const files = Object.entries(stacks).map(([name, { region, partner }]): [string, StackFile] => [
    name,
    { "aws:region": region, "nplusone:partner": partner },
  ]);
  const raw = { ...own, partner: stacks[stack]?.partner };
  try {
    parseConfig(raw, stack, stacks[stack]?.region, (name) => new Map(files).get(name));
  } catch (error) {
    return (error as Error).message.split("\n").slice(1);
  }
  return [];
}

const expectOne = (lines: string[], path: string, message: RegExp) => {
  assert.equal(lines.length, 1, lines.join("\n"));
  assert.match(lines[0] ?? "", new RegExp(`^  nplusone:partner\\.${path}: `));
  assert.match(lines[0] ?? "", message);
};

describe("a stack and its partner", () => {
  it("are a pair if each names the other, in its Region", () => {
    assert.deepEqual([says("blue", pair()), says("green", pair())], [[], []]);
  });

  it("may have a primary alone, until the standby says that it is one", () => {
    const { green, blue } = pair();
    const stacks = { blue, green: { ...green, partner: {} } };
    const dnsFailover = [{ name: "shop", domainName: "shop.example.com", zoneId: "Z0123456789ABC", target: "shop" }];
    assert.deepEqual(says("blue", stacks), []);
    assert.doesNotMatch(says("blue", stacks, { ...good, dnsFailover }).join("\n"), /one half/);
    assert.match(says("blue", pair(), { ...good, dnsFailover }).join("\n"), /one half/);
  });

  it("are refused if one has no file, or its file no such partner", () => {
    const { green, blue } = pair();
    expectOne(says("blue", { blue }), "stack", /expected Pulumi\.green\.yaml beside .*: a primary needs a standby/);
    expectOne(says("green", { green }), "stack", /expected Pulumi\.blue\.yaml beside .*: a standby needs a primary/);
    expectOne(
      says("green", { green, blue: { ...blue, partner: {} } }),
      "stack",
      /blue\.yaml, which has none: a standby/,
    );
    const broken = { ...blue, partner: { ...blue.partner, role: "leader" } };
    expectOne(says("green", { green, blue: broken }), "stack", /has one with problems of its own/);
  });

  it("are refused if both are primary, or both standby", () => {
    for (const role of ["primary", "standby"]) {
      const stacks = pair();
      stacks.blue.partner["role"] = stacks.green.partner["role"] = role;
      expectOne(says("blue", stacks), "role", new RegExp(`Pulumi\\.green\\.yaml says ${role} too`));
      expectOne(says("green", stacks), "role", new RegExp(`Pulumi\\.blue\\.yaml says ${role} too`));
    }
  });

  it("are refused if a stack is its own partner, or its Region its partner's", () => {
    const stacks = pair();
    stacks.blue.partner["stack"] = "blue";
    expectOne(says("blue", stacks), "stack", /another stack than blue itself/);
    const near = pair("warm", ["us-east-1", "us-east-1"]);
    expectOne(says("blue", near), "region", /us-east-1 is this stack's own/);
  });

  it("are refused for every way in which they disagree, at once, with all else that is wrong", () => {
    const stacks = pair();
    Object.assign(stacks.green, { region: "ap-southeast-2" });
    Object.assign(stacks.green.partner, { role: "primary", stack: "red", region: "us-west-2", mode: "pilot-light" });
    const lines = says("blue", stacks, { ...good, notifications: { emails: ["oncall"] } });
    assert.deepEqual(
      lines.map((line) => /nplusone:([\w.]+):/.exec(line)?.[1]),
      ["notifications.emails.0", "partner.region", "partner.role", "partner.stack", "partner.region", "partner.mode"],
    );
  });

  it("both say so, whatever one of them has changed", () => {
    const change = fc.constantFrom<(stack: Pair["blue"]) => void>(
      (one) => (one.region = "sa-east-1"),
      ({ partner }) => (partner["region"] = "sa-east-1"),
      ({ partner }) => (partner["stack"] = "red"),
      ({ partner }) => (partner["role"] = partner["role"] === "primary" ? "standby" : "primary"),
      ({ partner }) => (partner["mode"] = partner["mode"] === "warm" ? "active-active" : "warm"),
      ({ partner }) => delete partner["stack"],
    );
    const regions = fc.shuffledSubarray(REGIONS, { minLength: 2, maxLength: 2 });
    const modes = fc.constantFrom("pilot-light", "warm", "active-active");
    const which = fc.constantFrom<keyof Pair>("blue", "green");
    fc.assert(
      fc.property(modes, regions, which, change, (mode, [a = "", b = ""], changed, apply) => {
        const stacks = pair(mode, [a, b]);
        assert.deepEqual([...says("blue", stacks), ...says("green", stacks)], []);
        apply(stacks[changed]);
        assert.notDeepEqual(says("blue", stacks), []);
        assert.notDeepEqual(says("green", stacks), []);
      }),
    );
  });
});

describe("a stack that is deployed", () => {
  const warnings = async (role: string, theirs: StackFile) => {
    await record();
    const own = { ...good, partner: { role, stack: "green", region: "eu-west-1" } };
    const given = Object.entries(own).map(([key, value]) => [`nplusone:${key}`, JSON.stringify(value)]);
    pulumi.runtime.setAllConfig({ ...Object.fromEntries(given), "aws:region": "us-east-1" });
    const warn = mock.method(pulumi.log, "warn", () => Promise.resolve());
    const read = mock.fn<ReadStackFile>(() => theirs);
    try {
      loadConfig(read);
      assert.deepEqual(
        read.mock.calls.map((call) => call.arguments),
        [["green"]],
      );
      return warn.mock.calls.map((call) => call.arguments[0]);
    } finally {
      warn.mock.restore();
      pulumi.runtime.setAllConfig({});
    }
  };

  it("is told if its standby doesn't say so yet, by one look at the other's file", async () => {
    const partner = { role: "standby", stack: "test", region: "us-east-1" };
    const [message = "", ...others] = await warnings("primary", { "aws:region": "eu-west-1" });
    assert.match(message, /^Pulumi\.green\.yaml has no nplusone:partner yet: nothing takes over/);
    assert.deepEqual(others, []);
    assert.deepEqual(await warnings("primary", { "nplusone:partner": partner }), []);
    assert.deepEqual(await warnings("standby", { "nplusone:partner": { ...partner, role: "primary" } }), []);
  });
});

describe("another stack's file", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), "nplusone-stack-file-"))));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const read = (text: string) => {
    writeFileSync(join(folder, "Pulumi.one.yaml"), text);
    return stackFilesIn(folder)("one");
  };

  it("is read as it is, and configures nothing if it is empty or no YAML", () => {
    assert.deepEqual(read("config:\n  aws:region: eu-west-1\n"), { "aws:region": "eu-west-1" });
    assert.deepEqual([read(""), read("config: {"), read("encryptionsalt: v1:AAAA\n")], [{}, {}, {}]);
  });

  it("may be missing", () => assert.equal(stackFilesIn(folder)("other"), undefined));
});
