import Table from "cli-table3";
import { writeFile } from "node:fs/promises";
import { DrillResult } from "../drills/drill";
import { StackResult } from "../stacks/stacks";

/** What `npm start` and `drill` come to, as `--json` writes it. */
export interface Report {
  readonly stacks: readonly StackResult[];
  readonly drills: readonly DrillResult[];
}

/** Writes a result to a file, if one was asked for. */
export async function writeJson(file: string | undefined, result: unknown): Promise<void> {
  if (file !== undefined) {
    await writeFile(file, `${JSON.stringify(result, undefined, 2)}\n`);
  }
}

/** The one table: stacks with resources and policies, drills with time and AWS calls. */
export function reportTable({ stacks, drills }: Report): string {
  const table = new Table({ style: { head: [], border: [] } });
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  table.push(["stack", "resources", "policies evaluated", "time", ""]);
  for (const s of stacks) {
    table.push([s.stack, s.resources, s.policies, seconds(s.durationMs), "up"]);
  }
  table.push(["drill", "stack", "AWS calls", "time", ""]);
  for (const d of drills) {
    table.push([d.name, d.stack, d.calls.length, `${d.durationMs} ms`, d.passed ? "held" : "FAILED"]);
  }
  return table.toString();
}
