import assert from "node:assert/strict";
import { CustomResource } from "@pulumi/pulumi";
import { ResourceValidationPolicy, StackValidationPolicy, validateResourceOfType } from "@pulumi/policy";
import { archivesOf } from "../../policy/core/archives";
import { deserializeOnce } from "../../policy/core/deserializeOnce";
import { Finding, undetermined } from "../../policy/core/finding";
import { Graph } from "../../policy/core/graph";
import { CAN_BE_DETERMINED, policiesOf, sort, suggestion, unknownOptions } from "../../policy/core/pack";
import { Exclusion, Rule } from "../../policy/core/rule";
import { RULES } from "../../policy/rules";
import { asResources } from "./examples";
import { find, violations } from "./find";
import { resource } from "./graph";
import { analyzeStack } from "./requests";
import { unknownStringValue as UNKNOWN } from "./unknowns";

const TOPIC = resource("aws:sns/topic:Topic", "topic", { name: UNKNOWN });

/** A rule that finds what it is told to. */
const saying = (...findings: Finding[]): Rule => ({
  name: "told",
  what: "",
  why: "",
  mend: "",
  pages: [],
  options: { minimumZones: { type: "integer", default: 2 } },
  examples: { fails: [], passes: [] },
  find: () => findings,
});

/** What a rule's policy, and then the one for the rest, report. */
async function report(rule: Rule, config: object = {}): Promise<{ under: string[]; rest: string[] }> {
  const [policy, last] = policiesOf([rule]) as [StackValidationPolicy, StackValidationPolicy];
  const run = async ({ validateStack }: StackValidationPolicy) => {
    const said: string[] = [];
    const args = { resources: [TOPIC], getConfig: () => config } as unknown as Parameters<typeof validateStack>[0];
    await validateStack(args, (message) => said.push(message));
    return said;
  };
  return { under: await run(policy), rest: await run(last) };
}

describe("the policy pack", () => {
  const violated: Finding = { message: "wrong", urn: TOPIC.urn };
  const open = undetermined("unclear", TOPIC.urn);

  it("says violations under the rule, and what can't be determined under a policy of its own, advisory", async () => {
    assert.deepEqual(await report(saying(violated, open)), { under: ["wrong"], rest: ["told: unclear"] });
    const last = policiesOf(RULES).at(-1);
    assert.equal(last?.name, CAN_BE_DETERMINED);
    assert.equal(last.enforcementLevel, "advisory");
  });
  it("makes what can't be determined a violation, or nothing, by option", async () => {
    assert.deepEqual(await report(saying(violated, open), { undetermined: "rule" }), {
      under: ["wrong", "unclear"],
      rest: [],
    });
    assert.deepEqual(await report(saying(violated, open), { undetermined: "ignore" }), { under: ["wrong"], rest: [] });
  });
  it("doesn't let an unknown value end a rule in silence", async () => {
    const stumbling = { ...saying(), find: () => [{ message: String(TOPIC.props["name"]) }] };
    const { under, rest } = await report(stumbling);
    assert.deepEqual(under, []);
    assert.match(rest.join(), /the stack can't be judged before the update/);
  });
  it("lets other errors through", async () => {
    const broken = {
      ...saying(),
      find: () => {
        throw new TypeError("a bug");
      },
    };
    await assert.rejects(report(broken), /a bug/);
  });
  it("names the option that a misspelt one is near to", async () => {
    assert.deepEqual((await report(saying(), { minumumZones: 3 })).under, [
      "rule told has no option minumumZones: did you mean minimumZones?",
    ]);
    assert.deepEqual(unknownOptions("told", { enforcementLevel: "mandatory", exclude: [] }, ["exclude"]), []);
    assert.match(suggestion("qwertyuiop", ["exclude", "undetermined"]), /: there are exclude, undetermined/);
  });

  describe("exclusions", () => {
    const exclude = (change: Partial<Exclusion> = {}): Exclusion[] => [
      { resource: "topic", reason: "moved in May", until: "2027-05-31", ...change },
    ];
    const said = (exclusions: readonly Exclusion[], day: string) =>
      sort([violated, open], { undetermined: "advisory", exclude: exclusions }, day);

    it("pass over a resource by name or URN, up to and with a day", () => {
      assert.deepEqual(said(exclude(), "2027-05-31"), { say: [], note: [] });
      assert.deepEqual(said(exclude({ resource: TOPIC.urn }), "2027-05-31"), { say: [], note: [] });
      assert.equal(said(exclude({ resource: "top" }), "2027-05-31").say.length, 1);
    });
    it("end, and say so", () =>
      assert.match(
        said(exclude(), "2027-06-01").say[0]?.message ?? "",
        /wrong \(its exclusion \(moved in May\) ended on 2027-05-31\)/,
      ));
  });

  for (const rule of RULES) {
    describe(rule.name, () => {
      for (const updated of [false, true]) {
        const when = updated ? "after the update" : "in a preview";
        it(`finds something in its failing example, nothing in its passing one, ${when}`, () => {
          assert.notEqual(violations(rule, asResources(rule.examples.fails, updated)).length, 0);
          assert.deepEqual(find(rule, asResources(rule.examples.passes, updated), {}), []);
        });
      }
      it("has a name, texts and pages", () => {
        assert.match(rule.name, /^[a-z0-9]+(-[a-z0-9]+)+$/);
        [rule.what, rule.why, rule.mend].forEach((text) => assert.match(text, /[.]$/));
        rule.pages.forEach((page) => assert.match(page, /^https:\/\/docs\.aws\.amazon\.com\//));
      });
    });
  }

  it("reads what is in the archives of functions", async () => {
    const { StringAsset, AssetArchive } = await import("@pulumi/pulumi/asset");
    const code = new AssetArchive({ "index.js": new StringAsset("exports.handler = 1") });
    const fn = resource("aws:lambda/function:Function", "fn", { code });
    const other = resource("aws:lambda/function:Function", "other", { s3Bucket: "code" });
    assert.deepEqual([...(await archivesOf([fn, other, TOPIC]))], [[fn.urn, { "index.js": "exports.handler = 1" }]]);
  });
  it("doesn't take an archive whose content a refresh has taken from the state for one that lacks its files", async () => {
    const { AssetArchive } = await import("@pulumi/pulumi/asset");
    const fn = resource("aws:lambda/function:Function", "fn", { code: new AssetArchive({}) });
    assert.deepEqual([...(await archivesOf([fn]))], []);
  });
  it("isn't asked about stacks and resources without what a rule is about", () => {
    const [stack, each] = policiesOf([
      { ...saying(), onlyWith: "aws:ecs/service:Service" },
      { ...saying(), onlyWith: "aws:ecs/service:Service", eachResource: true },
    ]) as [StackValidationPolicy, ResourceValidationPolicy];
    // The SDK's own helpers mark what they return so, and its server goes by it.
    class Service extends CustomResource {
      static readonly __pulumiType = "aws:ecs/service:Service";
    }
    const marked = validateResourceOfType(Service, () => undefined);
    assert.deepEqual({ ...stack.validateStack }, { ...marked });
    assert.deepEqual({ ...each.validateResource }, { ...marked });
    assert.deepEqual({ ...(policiesOf([saying()])[0] as StackValidationPolicy).validateStack }, {});
  });
  it("has a request's resources deserialized once, and one graph made of them, however many rules there are", async () => {
    const seen: Graph[] = [];
    const looking = (name: string): Rule => ({
      ...saying(),
      name,
      find: (graph) => {
        seen.push(graph);
        return graph.resources.map((r) => ({ message: `${name} sees ${String(r.props["name"])}` }));
      },
    });
    const policies = policiesOf([looking("one"), looking("other")]);
    const ask = (...names: string[]) =>
      analyzeStack(policies, names.map((name) => ({ type: "aws:sns/topic:Topic", name, props: { name } }))); // prettier-ignore
    deserializeOnce();
    const first = await ask("a", "b");
    assert.deepEqual(first.messages, ["one sees a", "one sees b", "other sees a", "other sees b"]);
    assert.equal(first.deserialized, 2);
    assert.deepEqual((await ask("a", "c")).messages, ["one sees a", "one sees c", "other sees a", "other sees c"]);
    assert.equal(new Set(seen).size, 2);
  });
  it("judges single resources as soon as they are registered", () => {
    const [policy] = policiesOf(RULES.filter((r) => r.eachResource === true)) as [ResourceValidationPolicy];
    assert.ok(typeof policy.validateResource === "function");
  });
});
