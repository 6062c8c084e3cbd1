import { PolicyResource } from "@pulumi/policy";
import assert from "node:assert/strict";
import { Finding } from "../../policy/core/finding";
import { Graph } from "../../policy/core/graph";
import { Rule } from "../../policy/core/rule";

/** What a rule finds in resources. */
export function find(rule: Rule, resources: readonly PolicyResource[], options: object = {}): readonly Finding[] {
  return rule.find(new Graph(resources), options);
}

/** The messages of what a rule finds violated. */
export function violations(rule: Rule, resources: readonly PolicyResource[], options: object = {}): string[] {
  return find(rule, resources, options)
    .filter((f) => f.verdict !== "undetermined")
    .map((f) => f.message);
}

/** Expects that a rule has nothing at all to say. */
export function holds(rule: Rule, resources: readonly PolicyResource[], options: object = {}): void {
  assert.deepEqual(find(rule, resources, options), []);
}

/** Expects a violation that matches, on the resource named. */
export function breaks(rule: Rule, resources: readonly PolicyResource[], message: RegExp, on?: string): void {
  expectFinding(find(rule, resources), "violated", message, on);
}

/** Expects that a rule says what it can't determine, and finds nothing violated. */
export function cannotTell(rule: Rule, resources: readonly PolicyResource[], message: RegExp, on?: string): void {
  const findings = find(rule, resources);
  assert.deepEqual(
    findings.filter((f) => f.verdict !== "undetermined"),
    [],
  );
  expectFinding(findings, "undetermined", message, on);
}

function expectFinding(findings: readonly Finding[], verdict: string, message: RegExp, on?: string): void {
  const found = findings.some(
    (f) =>
      (f.verdict ?? "violated") === verdict &&
      message.test(f.message) &&
      (on === undefined || f.urn?.endsWith(`::${on}`) === true),
  );
  assert.ok(found, `no ${verdict} ${message} on ${on} among ${JSON.stringify(findings, undefined, 2)}`);
}
