import { RunError } from "@pulumi/pulumi";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { WORK } from "../common/paths";
import { REHEARSALS } from "../drills/all";
import { Clients } from "../endpoint/clients";
import { World } from "../endpoint/world";
import {
  deployedStack,
  parseStackFile,
  RawConfig,
  RawStackFile,
  StackFile,
  partnersOf,
  writeProject,
} from "./stackFiles";

/**
 * Makes what stacks take for granted in a real account, and the copies of their files that the engine works on. In them,
 * what the emulators gave an id of their own is called by that.
 */
export async function prepareLandscape(files: readonly RawStackFile[], clients: Clients): Promise<void> {
  await Promise.all(
    files.map(async (file) => {
      const stack = parsedOrNot(file);
      const ids = stack === undefined ? new Map<string, string>() : await prepare(stack, clients);
      await writeProject(
        renamed(file, ids),
        partnersOf(file).map((partner) => renamed(partner, ids)),
      );
    }),
  );
  await clients.endpoint.setBase(await baseWorld());
}

/** A configuration with problems is passed over here: what they are is for the program to say. */
function parsedOrNot(file: RawStackFile): StackFile | undefined {
  try {
    return parseStackFile(file);
  } catch (error) {
    if (error instanceof RunError) {
      return undefined;
    }
    throw error;
  }
}

async function prepare(stack: StackFile, clients: Clients): Promise<ReadonlyMap<string, string>> {
  const made = await Promise.all(REHEARSALS.map((s) => s.prepare?.(stack, clients) ?? new Map()));
  return new Map(made.flatMap((ids) => [...ids]));
}

/** A file in which things are called by other ids. */
function renamed({ stack, config }: RawStackFile, ids: ReadonlyMap<string, string>): RawStackFile {
  const text = JSON.stringify(config, (_, value: unknown) =>
    typeof value === "string" ? (ids.get(value) ?? value) : value,
  );
  return { stack, config: JSON.parse(text) as RawConfig };
}

/** What all stacks together take for granted and only the endpoint can answer for. */
async function baseWorld(): Promise<Partial<World>> {
  const base: Record<string, object> = {};
  for (const stack of await readdir(join(WORK, "project"))) {
    const file = await deployedStack(stack).catch(() => undefined);
    for (const { world } of file === undefined ? [] : REHEARSALS) {
      for (const [fact, values] of Object.entries((file && world?.(file)) ?? {})) {
        base[fact] = { ...base[fact], ...values };
      }
    }
  }
  return base;
}
