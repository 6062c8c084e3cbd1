import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { misspelt } from "../../policy/check";
import { policiesPage } from "../../policy/reference/page";
import { RULES } from "../../policy/rules";
import { unpacked } from "./packed";

describe("the policy pack as a package", () => {
  const folder = mkdtempSync(join(tmpdir(), "nplusone-policy-"));
  let pack: string;

  before(() => {
    pack = unpacked(folder);
  });
  after(() => rmSync(folder, { recursive: true }));

  it("starts, without the repository's sources", async () => {
    const child = spawn(
      process.execPath,
      [require.resolve("@pulumi/pulumi/cmd/run-policy-pack"), "127.0.0.1:1", pack],
      { cwd: pack },
    );
    let printed = "";
    try {
      await new Promise<void>((resolve, reject) => {
        child.stderr.on("data", (chunk: Buffer) => (printed += chunk.toString()));
        child.stdout.on("data", (chunk: Buffer) => {
          printed += chunk.toString();
          if (/^\d+$/m.test(printed)) {
            resolve();
          }
        });
        child.once("exit", () => {
          reject(new Error(`the pack ended: ${printed}`));
        });
      });
    } finally {
      child.kill();
    }
    assert.match(printed, /^\d+$/m);
  });
  it("holds what it needs and nothing else", () =>
    assert.deepEqual(execFileSync("ls", [pack], { encoding: "utf8" }).trim().split("\n"), [
      "PulumiPolicy.yaml",
      "README.md",
      "check.js",
      "index.js",
      "node_modules",
      "package.json",
    ]));
  it("finds what is misspelt in a configuration", () => {
    const file = join(folder, "policy-config.json");
    const check = (config: object) => {
      writeFileSync(file, JSON.stringify(config));
      try {
        return execFileSync(process.execPath, [join(pack, "check.js"), file], { encoding: "utf8", stdio: "pipe" });
      } catch (error) {
        return String((error as { stderr: string }).stderr);
      }
    };
    assert.equal(check({ all: "advisory", "workloads-span-zones": { minimumZones: 3, exclude: [] } }), "");
    assert.match(
      check({ "workload-span-zones": "mandatory" }),
      /there is no rule workload-span-zones: did you mean workloads-span-zones\?/,
    );
    assert.deepEqual(misspelt({ "enough-instances": { exlude: [] } }), [
      "rule enough-instances has no option exlude: did you mean exclude?",
    ]);
  });
  it("is documented as it is: npm run docs", async () => {
    const page = await policiesPage();
    assert.equal(readFileSync(join("docs", "policies.md"), "utf8"), page, "run `npm run docs`");
    RULES.forEach((rule) => assert.match(page, new RegExp(`^## ${rule.name}$`, "m")));
  });
});
