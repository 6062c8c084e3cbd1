import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { proxies } from "../bin/isolated";
import { UserError } from "./userError";

const exec = promisify(execFile);

/** Runs a program to its end, with the network's proxies, and returns what it printed. */
export async function run(program: string, args: readonly string[], cwd?: string): Promise<string> {
  const { stdout } = await exec(program, args, {
    cwd,
    env: { ...process.env, ...proxies },
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

/**
 * Checks that a program is there and new enough.
 * @throws {@link UserError} that says which program is missing and what it is for.
 */
export async function requireProgram(
  program: string,
  args: readonly string[],
  minimum: string,
  use: string,
): Promise<void> {
  const hint = `${program} ${minimum} or newer is needed ${use}: install it and put it on PATH`;
  let printed: string;
  try {
    printed = await run(program, args);
  } catch {
    throw new UserError(`${program} was not found. ${hint}.`);
  }
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(printed) ?? []).slice(1).map(Number);
  const [wantMajor = 0, wantMinor = 0] = minimum.split(".").map(Number);
  if (major < wantMajor || (major === wantMajor && minor < wantMinor)) {
    throw new UserError(`${printed.trim()} is too old. ${hint}.`);
  }
}

/** The last lines of what a failed program printed, for an error message. */
export function lastLines(error: unknown, count = 5): string {
  const {
    stderr = "",
    stdout = "",
    message = String(error),
  } = error as { stderr?: string; stdout?: string; message?: string };
  const text = `${stdout}\n${stderr}`.trim() || message;
  return text.split("\n").slice(-count).join("\n");
}
