import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
    ["-r", "./local/bin/typescript.js", "local/cli.ts", ...args],
    { cwd, encoding: "utf8", env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 },
  );
  return { status, stdout, stderr };
}

/** As `local`, and returns what the command wrote for `--json`. */
export function localJson<T>(args: readonly string[]): CommandResult & { json: T } {
  const file = join(mkdtempSync(join(tmpdir(), "nplusone-")), "result.json");
  const result = local([...args, "--json", file]);
  return { ...result, json: JSON.parse(readFileSync(file, "utf8")) as T };
}

let clients: Clients | undefined;

/** Brings both stacks up, once for all tests that need them. */
export function bringUp(): Clients {
  if (clients === undefined) {
    const up = local(["up"]);
    if (up.status !== 0) {
      throw new Error(`up failed:\n${up.stderr}`);
    }
    clients = new Clients(new Endpoint(local(["endpoint"]).stdout.trim()));
  }
  return clients;
}

after(function () {
  local(["down"]);
});
