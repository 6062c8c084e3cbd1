import Table from "cli-table3";
import { writeFile } from "node:fs/promises";
import { Drill, DrillResult, NotPlayed } from "../drills/drill";
import { StackResult } from "../stacks/stacks";

/** What `npm start` and `drill` come to, as `--json` writes it. */
export interface Report {
  readonly stacks: readonly StackResult[];
  readonly drills: readonly DrillResult[];
  /** The drills for which a stack or this machine lacks something. */
  readonly notPlayed: readonly NotPlayed[];
}

/** Writes a result to a file, if one was asked for. */
export async function writeJson(file: string | undefined, result: unknown): Promise<void> {
  if (file !== undefined) {
    await writeFile(file, `${JSON.stringify(result, undefined, 2)}\n`);
  }
}

/** The one table: stacks with resources and policies, drills with time and AWS calls, and drills that were not played. */
export function reportTable({ stacks, drills, notPlayed }: Report): string {
  const table = new Table({ style: { head: [], border: [] } });
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  if (stacks.length > 0) {
    table.push(["stack", "resources", "policies evaluated", "time", ""]);
  }
  for (const s of stacks) {
    table.push([s.stack, s.resources, s.policies, seconds(s.durationMs), "up"]);
  }
  if (drills.length > 0) {
    table.push(["drill", "stack", "AWS calls", "time", ""]);
  }
  for (const d of drills) {
    table.push([d.name, d.stack, d.calls.length, `${d.durationMs} ms`, d.passed ? "held" : "FAILED"]);
  }
  if (notPlayed.length > 0) {
    table.push(["not played", "stack", { colSpan: 3, content: "because" }]);
  }
  for (const n of notPlayed) {
    table.push([n.name, n.stack, { colSpan: 3, content: n.reason }]);
  }
  return table.toString();
}

/** All drills with what they do, a system after the other. */
export function drillTable(drills: readonly Drill[]): string {
  const table = new Table({ style: { head: [], border: [] }, colWidths: [34, 84], wordWrap: true });
  for (const system of new Set(drills.map((d) => d.system))) {
    table.push([{ colSpan: 2, content: system }]);
    table.push(...drills.filter((d) => d.system === system).map((d) => [d.name, d.description]));
  }
  return table.toString();
}
