import { RunError } from "@pulumi/pulumi";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { WORK } from "../common/paths";
import { REHEARSALS } from "../drills/all";
import { Clients } from "../endpoint/clients";
import { World } from "../endpoint/world";
import { deployedStack, parseRawConfig, RawConfig, readRawConfig, StackFile, writeProject } from "./stackFiles";

/**
 * Makes what stacks take for granted in a real account, and the copies of their files that the engine works on. In them,
 * what the emulators gave an id of their own is called by that.
 */
export async function prepareLandscape(stacks: readonly string[], clients: Clients): Promise<void> {
  await Promise.all(
    stacks.map(async (stack) => {
      const raw = await readRawConfig(stack);
      const parsed = parsedOrNot(stack, raw);
      await writeProject(stack, parsed === undefined ? raw : renamed(raw, await prepare(parsed, clients)));
    }),
  );
  await clients.endpoint.setBase(await baseWorld());
}

/** A configuration with problems is passed over here: what they are is for the program to say. */
function parsedOrNot(stack: string, raw: RawConfig): StackFile | undefined {
  try {
    return parseRawConfig(stack, raw);
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

/** A configuration in which things are called by other ids. */
function renamed<T>(value: T, ids: ReadonlyMap<string, string>): T {
  const text = JSON.stringify(value, (_, v: unknown) => (typeof v === "string" ? (ids.get(v) ?? v) : v));
  return JSON.parse(text) as T;
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
