import assert from "node:assert/strict";
import { parseConfig } from "../../config";

/** A configuration that nothing is wrong with. */
export const good = {
  network: { cidrBlock: "10.20.0.0/16", availabilityZones: ["us-east-1a", "us-east-1b"] },
  notifications: { emails: ["oncall@example.com"] },
  gateway: { flavour: "nat" },
};

/** The problems that a configuration is refused with, a line each. */
export function problems(raw: Record<string, unknown>, region?: string): string[] {
  try {
    parseConfig(raw, "test", region);
  } catch (error) {
    return (error as Error).message.split("\n").slice(1);
  }
  return [];
}

/** Expects exactly one problem, at a path, that says what was expected. */
export function expectProblem(raw: Record<string, unknown>, path: string, expected: RegExp, region?: string): void {
  const [first = "", ...others] = problems(raw, region);
  assert.deepEqual(others, []);
  assert.match(first, new RegExp(`^  nplusone:${path.replaceAll(".", "\\.")}: `));
  assert.match(first, expected);
}
