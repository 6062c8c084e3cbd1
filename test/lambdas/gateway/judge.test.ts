import assert from "node:assert/strict";
import { Evidence, judgeGateways } from "../../../lambdas/gateway/judge";
import { FakeAws } from "./fakeAws";

describe("judgeGateways", () => {
  const { settings } = new FakeAws(["a", "b"]);
  const evidence = (over: Partial<Evidence> = {}): Evidence => ({
    running: [
      { instanceId: "i-a", attachedNetworkInterfaceIds: ["eni-primary", "eni-a"] },
      { instanceId: "i-b", attachedNetworkInterfaceIds: ["eni-b"] },
    ],
    failingChecks: new Map(),
    lifecycleStates: new Map([["i-a", "InService"], ["i-b", "InService"]]), // prettier-ignore
    forwarding: new Map([["a", true], ["b", true]]), // prettier-ignore
    ...over,
  });
  const judge = (over: Partial<Evidence> = {}, ...leaving: string[]) =>
    judgeGateways(settings, evidence(over), new Set(leaving)).get("a");

  it("passes an attached, running, in-service instance that forwards", () => assert.equal(judge(), "passing"));
  it("is dead without a running holder", () => assert.equal(judge({ running: [] }), "dead"));
  it("is dead if its holder is about to go", () => assert.equal(judge({}, "i-other", "i-a"), "dead"));
  it("ignores the end of an instance that holds nothing any more", () => assert.equal(judge({}, "i-old"), "passing"));
  it("is dead if its checks fail", () =>
    assert.equal(judge({ failingChecks: new Map([["i-a", "impaired"]]) }), "dead"));
  it("is dead while the group waits to terminate it, so that no late event gives the zone back", () =>
    assert.equal(judge({ lifecycleStates: new Map([["i-a", "Terminating:Wait"]]) }), "dead"));
  it("is unproven until its checks have a verdict", () =>
    assert.equal(judge({ failingChecks: new Map([["i-a", "no verdict"]]) }), "unproven"));
  it("is unproven until the boot script has completed the launch", () =>
    assert.equal(judge({ lifecycleStates: new Map([["i-a", "Pending:Wait"]]) }), "unproven"));
  it("is unproven, not dead, if the checks could not be read", () =>
    assert.equal(judge({ failingChecks: undefined }), "unproven"));
  it("is unproven, not dead, if the lifecycle states could not be read", () =>
    assert.equal(judge({ lifecycleStates: undefined }), "unproven"));

  describe("by what instances say of themselves", () => {
    it("is unproven, not dead, if it says that it doesn't forward: the word may be its predecessor's", () =>
      assert.equal(judge({ forwarding: new Map([["a", false], ["b", true]]) }), "unproven")); // prettier-ignore
    it("is unproven if it says nothing while another does: it may have no way out to say it by", () =>
      assert.equal(judge({ forwarding: new Map([["b", true]]) }), "unproven"));
    it("is judged without it if nobody says anything: it is the metric that is missing", () =>
      assert.equal(judge({ forwarding: new Map() }), "passing"));
    it("is judged without it if it could not be read", () => assert.equal(judge({ forwarding: undefined }), "passing"));
    it("never revives the dead", () => assert.equal(judge({ running: [] }), "dead"));
  });
});
