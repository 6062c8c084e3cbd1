import assert from "node:assert/strict";
import { parseConfig } from "../../config";
import { expectProblem, good, problems } from "./problems";

const config = (...stores: object[]) => ({
  ...good,
  web: [{ name: "shop", requiredInstances: 2, application: { command: "/opt/shop/start" } }],
  sessionStore: stores,
});

describe("session store configuration", () => {
  it("needs no more than a name, and has two members then", () => {
    const [one] = parseConfig(config({ name: "sessions" }), "test", "us-east-1").sessionStore ?? [];
    assert.deepEqual([one?.members, one?.engineVersion, one?.nodeType], [2, "8.0", "cache.t4g.small"]);
  });
  it("refuses a store that nothing could take over", () =>
    expectProblem(config({ name: "sessions", members: 1 }), "sessionStore.0.members", /expected 2 members or more/));
  it("refuses two of one name, and one that is open to a tier that isn't there", () => {
    expectProblem(config({ name: "a" }, { name: "a" }), "sessionStore.1.name", /a is named twice/);
    expectProblem(config({ name: "a", tiers: ["shop", "shoe"] }), "sessionStore.0.tiers.1", /not shoe/);
  });
  it("lists all problems at once", () => {
    const wrong = { name: "Sessions", members: 9, engineVersion: "8", maintenanceWindow: "noon", nodeType: "t4g" };
    assert.equal(problems(config(wrong)).length >= 2, true);
    const readable = { name: "sessions", members: 9, engineVersion: "8", snapshotWindow: "05:30-06:30" };
    assert.equal(problems(config(readable)).length, 3);
  });
});
