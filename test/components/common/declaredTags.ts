import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What the provider's own declaration of a type's arguments says of tags. */
export function declaredTags(type: string): string | undefined {
  const [, module = "", name = ""] = /^aws:(\w+)\/(\w+):/.exec(type) ?? [];
  const file = join("node_modules", "@pulumi", "aws", module, `${name}.d.ts`);
  assert.ok(existsSync(file), file);
  const args = readFileSync(file, "utf8").split(/export interface \w+Args \{/)[1] ?? "";
  return /^ {4}tags\?: (.*)$/m.exec(args)?.[1];
}
