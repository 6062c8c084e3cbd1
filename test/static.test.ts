import { execFileSync } from "node:child_process";

/** Runs a tool of node_modules; what it prints is the failure's message. */
function run(tool: string, ...args: string[]): void {
  try {
    execFileSync(`node_modules/.bin/${tool}`, args, { stdio: "pipe", encoding: "utf8" });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${tool} complains:\n${stdout}${stderr}`);
  }
}

describe("the source", () => {
  it("compiles under strict TypeScript", () => run("tsc", "-p", "."));
  it("holds to the lint and room rules", () => run("eslint", "."));
  it("is formatted", () => run("prettier", "--check", "."));
  it("has nothing that nothing uses", () => run("knip"));
});
