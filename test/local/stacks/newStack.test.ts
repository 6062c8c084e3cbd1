import assert from "node:assert/strict";
import { parse } from "yaml";
import { CONFIG_KEYS, parseConfig, StackConfig } from "../../../config";
import { FILL_IN, stackFileText } from "../../../local/stacks/newStack";

const SYSTEMS = ["gateway", "outposts", "recovery", "web"];
/** A file in which each wanted value is the example that stands there. */
const filled = (text: string) => text.replaceAll(FILL_IN, "");

function configOf(text: string): StackConfig {
  const { config } = parse(text) as { config: Record<string, unknown> };
  return parseConfig(Object.fromEntries(CONFIG_KEYS.map((key) => [key, config[`nplusone:${key}`]])), "new");
}

describe("a new stack's file", () => {
  it("is refused until it is filled in, and says where", () => {
    const text = stackFileText("eu-central-1", SYSTEMS);
    assert.throws(
      () => configOf(text),
      (error: Error) => {
        for (const path of ["network.cidrBlock", "notifications.emails", "outposts.servers.store-a.outpost"]) {
          assert.match(error.message, new RegExp(`nplusone:${path}: `));
        }
        return true;
      },
    );
  });
  it("parses once it is, with the systems asked for", () => {
    for (const system of SYSTEMS) {
      const config = configOf(filled(stackFileText("eu-central-1", [system])));
      assert.deepEqual(Object.keys(config), ["network", "notifications", system]);
    }
    assert.deepEqual(Object.keys(configOf(filled(stackFileText("eu-central-1", [])))), ["network", "notifications"]);
  });
  it("is of the Region asked for, in its examples too", () => {
    const text = stackFileText("eu-central-1", SYSTEMS);
    assert.equal((parse(text) as { config: Record<string, unknown> }).config["aws:region"], "eu-central-1");
    assert.match(text, /availabilityZones: # fill in, e\.g\. \[eu-central-1a, /);
    assert.doesNotMatch(text, /us-east-1/);
  });
  it("has another Region than its own where the partner's is meant", () => {
    for (const [region, other] of [
      ["eu-west-1", "us-east-1"],
      ["eu-central-1", "eu-west-1"],
    ] as const) {
      const text = stackFileText(region, []);
      assert.match(text, new RegExp(`# +region: # fill in, e\\.g\\. ${other}\n`));
    }
  });
  it("has the systems that weren't asked for, and what may be left out, as comments that can be taken away", () => {
    const uncommented = (text: string) => text.replaceAll(/^( *)# (#|[ -]*[\w:-]+:|[ -]*[A-Z])/gm, "$1$2");
    const text = stackFileText("eu-central-1", []);
    const system = text.slice(text.indexOf("  # nplusone:outposts:"), text.indexOf("  # EC2 instances that"));
    const { outposts } = configOf(filled(`${text}\n${uncommented(system)}`));
    assert.equal(outposts?.pairs[0]?.applications[0]?.count, 2);
  });
});
