import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FILL_IN } from "../../local/stacks/newStack";
import { local } from "./up";

describe("stack files that people begin with", () => {
  let folder: string;
  let env: Record<string, string>;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "nplusone-stacks-"));
    env = { NPLUSONE_STACKS: folder, NPLUSONE_DIR: join(folder, "work") };
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const run = (...args: string[]) => local(args, process.cwd(), env);
  const fileOf = (stack: string) => join(folder, `Pulumi.${stack}.yaml`);

  it("are written by new-stack, but never over one that is there", () => {
    const args = [
      "new-stack",
      "fresh",
      "--region",
      "eu-central-1",
      "--system",
      "gateway",
      "outposts",
      "recovery",
      "services",
      "web",
    ];
    const { status, stdout } = run(...args);
    assert.equal(status, 0);
    assert.match(stdout, /Pulumi\.fresh\.yaml: fill in what says so/);
    const text = readFileSync(fileOf("fresh"), "utf8");
    const again = run(...args);
    assert.equal(again.status, 2);
    assert.match(again.stderr, /is there already/);
    assert.equal(readFileSync(fileOf("fresh"), "utf8"), text);
  });
  it("are refused for a Region, a name or a system that is none", () => {
    for (const [args, message] of [
      [["a", "--region", "europe"], /europe is no Region/],
      [["a/b", "--region", "eu-central-1"], /a\/b can't be a stack's name/],
      [
        ["a", "--region", "eu-central-1", "--system", "gatway"],
        /there is no system gatway: the systems are .*gateway,/,
      ],
    ] as const) {
      const { status, stderr } = run("new-stack", ...args);
      assert.equal(status, 2);
      assert.match(stderr, message);
    }
    assert.deepEqual(readdirSync(folder), ["Pulumi.fresh.yaml"]);
  });
  it("preview once they are filled in, as do the examples, a system each", () => {
    writeFileSync(fileOf("fresh"), readFileSync(fileOf("fresh"), "utf8").replaceAll(FILL_IN, ""));
    cpSync("examples", folder, { recursive: true });
    const { status, stderr } = run("preview");
    run("down");
    assert.equal(status, 0, stderr);
    for (const stack of ["fresh", "gateway", "outposts", "recovery", "services", "web"]) {
      assert.match(stderr, new RegExp(`previewing ${stack}: \\d+ resources, [1-9]\\d* policies`));
    }
    // Not even that something can't be determined.
    assert.doesNotMatch(stderr, /\[advisory\]/);
  });
});
