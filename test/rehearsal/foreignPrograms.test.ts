import * as pulumi from "@pulumi/pulumi";
import { EngineEvent, Stack } from "@pulumi/pulumi/automation";
import assert from "node:assert/strict";
import { join } from "node:path";
import { ExampleResource, Reference } from "../../policy/core/example";
import { FOREIGN } from "../policy/foreign";
import { unpacked } from "../policy/packed";
import { openRecorded } from "./recordAnything/open";
import { temporaryFolder } from "./up";

const POLICY_PACK = join(process.cwd(), "policy");

/** A resource of any type. */
class Any extends pulumi.CustomResource {}

/** The program that makes these resources, as the engine sees any program. */
function programOf(resources: readonly ExampleResource[]): () => Promise<void> {
  return () => {
    const made = new Map<string, pulumi.CustomResource>();
    const value = (given: unknown): unknown => {
      if (given instanceof Reference) {
        const resource = made.get(given.name);
        assert.ok(resource, `${given.name} is referred to before it is made`);
        return given.property === "id" ? resource.id : (resource as unknown as Record<string, unknown>)[given.property];
      }
      if (Array.isArray(given)) {
        return given.map(value);
      }
      return typeof given === "object" && given !== null
        ? Object.fromEntries(Object.entries(given).map(([k, v]) => [k, value(v)]))
        : given;
    };
    for (const { type, name, props } of resources) {
      const inputs = Object.fromEntries(Object.entries(props).map(([k, v]) => [k, value(v)]));
      made.set(name, new Any(type, name, { ...inputs, arn: undefined }));
    }
    return Promise.resolve();
  };
}

/** What the pack said while the engine previewed, or deployed. */
async function said(stack: Stack, operation: "preview" | "up", pack = POLICY_PACK): Promise<string[]> {
  const events: EngineEvent[] = [];
  const options = {
    onEvent: (event: EngineEvent) => void events.push(event),
    onOutput: () => undefined,
    policyPacks: [pack],
  };
  await (operation === "preview" ? stack.preview(options) : stack.up(options)).catch((error: unknown) => {
    if (!events.some((e) => e.policyEvent !== undefined)) {
      throw error;
    }
  });
  assert.ok(
    events.some((e) => JSON.stringify(e).includes("policyAnalyze")),
    "the pack was not asked",
  );
  return events.flatMap(({ policyEvent: p }) =>
    p ? [`[${p.enforcementLevel}] ${p.policyName}: ${p.message.trim()}`] : [],
  );
}

describe("programs that aren't this one, run by the engine", () => {
  const all = FOREIGN.flatMap(({ sound }, i) => renamed(sound, `p${i}`));

  it(`${FOREIGN.length} sound ones in one stack: the pack says nothing, in a preview and after an update`, async () => {
    assert.ok(FOREIGN.length >= 12);
    const stack = await openRecorded(programOf(all));
    assert.deepEqual(await said(stack, "preview"), []);
    assert.deepEqual(await said(stack, "up"), []);
  });

  it("the same broken: a preview is refused for each", async () => {
    await refusesEachBroken(POLICY_PACK);
  });

  it("the same broken, judged by the pack as npm packs it, with nothing else in its folder", async () => {
    await refusesEachBroken(unpacked(temporaryFolder()));
  });

  async function refusesEachBroken(pack: string): Promise<void> {
    const broken = FOREIGN.flatMap(({ broken: [first], sound }, i) =>
      first === undefined ? [] : [{ first, resources: renamed(first.change(sound), `p${i}`) }],
    );
    const findings = await said(await openRecorded(programOf(broken.flatMap((b) => b.resources))), "preview", pack);
    for (const { first, resources } of broken) {
      const names = resources.map((r) => r.name);
      const found = findings.some(
        (f) => f.startsWith(`[mandatory] ${first.rule}:`) && names.some((name) => f.includes(name)),
      );
      assert.ok(found, `${first.rule}: ${first.what}, among\n${findings.join("\n")}`);
    }
  }
});

/** The same resources under names of their own. */
function renamed(resources: readonly ExampleResource[], prefix: string): ExampleResource[] {
  const value = (given: unknown): unknown => {
    if (given instanceof Reference) {
      return new Reference(`${prefix}-${given.name}`, given.property);
    }
    if (Array.isArray(given)) {
      return given.map(value);
    }
    return typeof given === "object" && given !== null
      ? Object.fromEntries(Object.entries(given).map(([k, v]) => [k, value(v)]))
      : given;
  };
  return resources.map(({ type, name, props }) => ({
    type,
    name: `${prefix}-${name}`,
    props: value(props) as ExampleResource["props"],
  }));
}
