import assert from "node:assert/strict";
import { RULES } from "../../policy/rules";
import { asResources } from "./examples";
import { find } from "./find";
import { FOREIGN } from "./foreign";

describe("programs that aren't this one", () => {
  for (const { what, sound, broken } of FOREIGN) {
    for (const updated of [false, true]) {
      const said = (program: typeof sound) =>
        RULES.flatMap((rule) =>
          find(rule, asResources(program, updated)).map((f) => `${rule.name}: ${f.verdict ?? "violated"} ${f.message}`),
        );
      const when = updated ? "after an update" : "in a preview";
      it(`${what}: nothing is said ${when}`, () => assert.deepEqual(said(sound), []));
      for (const breakage of broken) {
        it(`${what}, ${breakage.what}: ${breakage.rule} says so ${when}, and no other rule`, () => {
          const findings = said(breakage.change(sound));
          assert.notEqual(findings.length, 0);
          assert.deepEqual(
            findings.filter((f) => !f.startsWith(`${breakage.rule}: violated`)),
            [],
          );
        });
      }
    }
  }
});
