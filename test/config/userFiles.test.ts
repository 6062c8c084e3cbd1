import assert from "node:assert/strict";
import { parseConfig } from "../../config";
import { expectProblem, good, problems } from "./problems";

const config = (...files: object[]) => ({ ...good, userFiles: files });
const standby = { role: "standby", stack: "prod-us", region: "us-east-1", mode: "warm" };

/** What a standby says, whose primary's file has user files of these names. */
function standbySays(own: Record<string, unknown>, ...primary: string[]): string[] {
  const file = {
    "aws:region": "us-east-1",
    "nplusone:partner": { ...standby, role: "primary", stack: "prod-eu", region: "eu-west-1" },
    "nplusone:userFiles": primary.map((name) => ({ name })),
  };
  try {
    parseConfig({ ...own, partner: standby }, "prod-eu", "eu-west-1", () => file);
  } catch (error) {
    return (error as Error).message.split("\n").slice(1);
  }
  return [];
}

describe("user files configuration", () => {
  it("needs no more than a name, and protects the files and keeps old versions for a month then", () => {
    const [one] = parseConfig(config({ name: "uploads" }), "test", "us-east-1").userFiles ?? [];
    assert.deepEqual([one?.noncurrentDays, one?.protected, one?.tiering], [30, true, undefined]);
    assert.deepEqual(one?.alarms, { latencyMinutes: 15 });
  });
  it("refuses two of one name", () =>
    expectProblem(config({ name: "a" }, { name: "a" }), "userFiles.1.name", /a is named twice/));
  it("refuses a class before S3 moves anything there", () => {
    const tiering = { afterDays: 29, storageClass: "STANDARD_IA" };
    expectProblem(config({ name: "a", tiering }), "userFiles.0.tiering.afterDays", /expected 30 days or more/);
    assert.deepEqual(problems(config({ name: "a", tiering: { ...tiering, storageClass: "GLACIER_IR" } })), []);
  });
  it("refuses a name that makes the bucket's too long, in either Region", () => {
    const long = config({ name: "files-that-users-of-the-shop-upload" });
    expectProblem(long, "userFiles.0.name", /5 character\(s\) shorter/, "ap-southeast-1");
    const partner = { role: "primary", stack: "other", region: "ap-southeast-1", mode: "warm" };
    assert.deepEqual(problems(long, "us-east-1"), []);
    expectProblem({ ...long, partner }, "userFiles.0.name", /5 character\(s\) shorter/, "us-east-1");
  });
  it("refuses a stack that no bucket can be named after", () => {
    const says = (stack: string) => {
      try {
        parseConfig(config({ name: "uploads" }), stack, "us-east-1");
        return "";
      } catch (error) {
        return String(error);
      }
    };
    assert.match(says("prod_us"), /userFiles\.0\.name: expected a stack of letters, digits and hyphens.* not prod_us/);
    assert.equal(says("userFiles"), "");
  });
  it("refuses a standby's files that its primary doesn't make", () => {
    assert.deepEqual(standbySays(config({ name: "uploads" }), "uploads", "more"), []);
    const [line = "", ...others] = standbySays(config({ name: "uploads" }, { name: "others" }), "uploads");
    assert.deepEqual(others, []);
    assert.match(
      line,
      /nplusone:userFiles\.1\.name: expected others in nplusone:userFiles of Pulumi\.prod-us\.yaml too/,
    );
  });
});
