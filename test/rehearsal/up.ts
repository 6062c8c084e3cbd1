import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { proxies } from "../../local/bin/isolated";
import { Clients } from "../../local/endpoint/clients";
import { Endpoint } from "../../local/endpoint/endpoint";

/** What a command did. */
export interface CommandResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `npm run local -- …` without npm, in a checkout. */
export function local(args: readonly string[], cwd = process.cwd(), env: NodeJS.ProcessEnv = {}): CommandResult {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["-r", "./local/bin/isolated.js", "-r", "./local/bin/typescript.js", "local/cli.ts", ...args],
    { cwd, encoding: "utf8", env: { ...process.env, ...proxies, ...env }, maxBuffer: 64 * 1024 * 1024 },
  );
  return { status, stdout, stderr };
}

/** As `local`, and returns what the command wrote for `--json`. */
export function localJson<T>(args: readonly string[], env: NodeJS.ProcessEnv = {}): CommandResult & { json: T } {
  const file = join(temporaryFolder(), "result.json");
  const result = local([...args, "--json", file], process.cwd(), env);
  assert.ok(existsSync(file), result.stderr);
  return { ...result, json: JSON.parse(readFileSync(file, "utf8")) as T };
}

let clients: Clients | undefined;
let deployments: readonly unknown[] = [];

/** Brings both stacks up, once for all tests that need them. */
export function bringUp(): Clients {
  if (clients === undefined) {
    const up = local(["up"]);
    if (up.status !== 0) {
      throw new Error(`up failed:\n${up.stderr}`);
    }
    clients = new Clients(new Endpoint(local(["endpoint"]).stdout.trim()));
    deployments = stackNames().map(deploymentOf);
  }
  return clients;
}

/** The names of the tests' stacks. */
const stackNames = () =>
  readdirSync(process.env["NPLUSONE_STACKS"] ?? "").flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);

function deploymentOf(stack: string): unknown {
  return (JSON.parse(local(["export", "--stack", stack]).stdout) as { deployment: unknown }).deployment;
}

/**
 * The deployments of the tests' stacks as they came up: a refresh, which some tests make, empties functions' archives in
 * the state (https://github.com/pulumi/pulumi/issues/15729).
 */
export function asDeployed(): readonly unknown[] {
  bringUp();
  return deployments;
}

const temporary: string[] = [];

/** A new folder, which is there until the tests are over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "nplusone-"));
  temporary.push(folder);
  return folder;
}

/** A copy of the program and of the tests' stack files, to be broken. */
export function copyOfProgram(): string {
  const copy = temporaryFolder();
  const sources = ["index.ts", "config.ts", "config", "package.json", "tsconfig.json", "Pulumi.yaml", "test/stacks"];
  for (const source of [...sources, "components", "lambdas", "policy", "local", "model", "examples/service"]) {
    cpSync(source, join(copy, source), { recursive: true });
  }
  symlinkSync(join(process.cwd(), "node_modules"), join(copy, "node_modules"));
  return copy;
}

/** Replaces something in a file of a copy, and makes sure that it was there. */
export function change(copy: string, file: string, from: string | RegExp, to: string): void {
  const path = join(copy, file);
  const source = readFileSync(path, "utf8");
  assert.ok(typeof from === "string" ? source.includes(from) : from.test(source), `${file} no longer has ${from}`);
  writeFileSync(path, source.replace(from, to));
}

after(function () {
  local(["down"]);
  temporary.forEach((folder) => rmSync(folder, { recursive: true, force: true }));
});
