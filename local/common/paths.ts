import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The repository's root. */
export const ROOT = resolve(__dirname, "../..");

/** The folder of the stack files that are rehearsed. Tests have some of their own: `NPLUSONE_STACKS` names another folder. */
export const STACK_FILES = resolve(ROOT, process.env["NPLUSONE_STACKS"] ?? ".");

/** What is expensive and the same for every clone: the engine and the Python environment, by version. */
export const CACHE = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "nplusone");

/** A rehearsal's own folder: state, logs, copies of the project and stack files. `NPLUSONE_DIR` moves it. */
export const WORK = resolve(ROOT, process.env["NPLUSONE_DIR"] ?? ".local");
