import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The arguments that the provider itself declares of a type, with their types. */
export function declaredArguments(type: string): ReadonlyMap<string, string> {
  const [, module = "", name = ""] = /^aws:(\w+)\/(\w+):/.exec(type) ?? [];
  const file = join("node_modules", "@pulumi", "aws", module, `${name}.d.ts`);
  assert.ok(existsSync(file), file);
  const args = readFileSync(file, "utf8").split(/export interface \w+Args \{/)[1] ?? "";
  return new Map([...args.matchAll(/^ {4}(\w+)\??: (.*)$/gm)].map(([, arg = "", what = ""]) => [arg, what]));
}

/** What the provider's own declaration of a type's arguments says of tags. */
export const declaredTags = (type: string): string | undefined => declaredArguments(type).get("tags");
