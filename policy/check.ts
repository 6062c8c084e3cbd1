#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { CAN_BE_DETERMINED, suggestion, unknownOptions } from "./core/pack";
import { COMMON_OPTIONS } from "./core/rule";
import { RULES } from "./rules";

/**
 * What is misspelt in a policy configuration, line by line. The engine checks the values of options that it knows; rules
 * and options that nobody has it lets pass.
 */
export function misspelt(config: Readonly<Record<string, unknown>>): string[] {
  const names = [...RULES.map((r) => r.name), CAN_BE_DETERMINED, "all"];
  return Object.entries(config).flatMap(([name, given]) => {
    if (!names.includes(name)) {
      return [`there is no rule ${name}${suggestion(name, names)}`];
    }
    const rule = RULES.find((r) => r.name === name);
    const options = Object.keys({ ...COMMON_OPTIONS, ...rule?.options });
    return typeof given === "object" && given !== null ? unknownOptions(name, given, options) : [];
  });
}

/** `npx nplusone-policy FILE`: exits 1 if something is misspelt, 2 if the file can't be read. */
function main(file: string | undefined): void {
  if (file === undefined) {
    console.error("usage: nplusone-policy POLICY-CONFIG.json");
    process.exitCode = 2;
    return;
  }
  try {
    const problems = misspelt(JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>);
    problems.forEach((problem) => console.error(`${file}: ${problem}`));
    process.exitCode = problems.length > 0 ? 1 : 0;
  } catch (error) {
    console.error(`${file} can't be read: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 2;
  }
}

if (require.main === module) {
  main(process.argv[2]);
}
