import assert from "node:assert/strict";
import { RULES } from "../../policy/rules";
import { ExportedResource, graphOf } from "../policy/mutations/deployment";
import { Mutation, NothingToBreak } from "../policy/mutations/mutate";
import { MUTATIONS } from "../policy/mutations/mutations";
import { asDeployed } from "./up";

/** What the rules say of a stack, each with its rule's name. */
function said(stack: readonly ExportedResource[]): string[] {
  const graph = graphOf(stack);
  return RULES.flatMap((rule) =>
    rule
      .find(graph, {})
      .map((f) => `${rule.name}: ${f.verdict === "undetermined" ? "(undetermined) " : ""}${f.message}`),
  );
}

/** What the rules say of a stack that has been broken; `undefined` if it has nothing that the mutation could break. */
function saidWhenBroken(stack: readonly ExportedResource[], { change }: Mutation): string[] | undefined {
  try {
    return said(change(structuredClone([...stack])));
  } catch (error) {
    if (error instanceof NothingToBreak) {
      return undefined;
    }
    throw error;
  }
}

describe("the policy pack over deployed stacks", () => {
  let stacks: readonly (readonly ExportedResource[])[] = [];

  before(() => {
    stacks = (asDeployed() as { resources: ExportedResource[] }[]).map(({ resources }) => resources);
  });

  it("says nothing of the intact ones", () => {
    for (const stack of stacks) {
      assert.ok(stack.length > 200, `only ${stack.length} resources`);
      assert.deepEqual(said(stack), []);
    }
  });

  for (const mutation of MUTATIONS) {
    const { what, rule, says } = mutation;
    it(`${rule} finds: ${what}`, () => {
      const broken = stacks.flatMap((stack) => {
        const findings = saidWhenBroken(stack, mutation);
        return findings === undefined ? [] : [findings];
      });
      assert.notEqual(broken.length, 0, "no stack has what this breaks");
      for (const findings of broken) {
        assert.ok(
          findings.some((f) => f.startsWith(`${rule}: `) && says.test(f)),
          `${rule} doesn't say ${says} among\n${findings.join("\n") || "nothing"}`,
        );
      }
    });
  }
});
