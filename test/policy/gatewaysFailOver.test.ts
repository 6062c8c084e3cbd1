import assert from "node:assert/strict";
import { FUNCTION, Graph } from "../../policy/core/graph";
import { gatewaysFailOver as rule } from "../../policy/network/gatewaysFailOver";
import { allowed, Breakage, gatewayStack, Occasion } from "./gatewayStack";
import { breaks, holds } from "./find";

const THREE = ["us-east-1a", "us-east-1b", "us-east-1c"];
const ONE = "gateway-us-east-1a";

const WHEN: Record<Exclude<Occasion, "schedule">, RegExp> = {
  terminating: /before its instance is terminated/,
  terminated: /when its instance has been terminated/,
  stopping: /when its instance stops/,
  launched: /when an instance has been launched/,
  attached: /when its interface is attached/,
  alarm: /when its instance fails its checks/,
};

describe("gateways-fail-over-and-back", () => {
  const preview = (broken: Breakage = {}) => gatewayStack(THREE, broken);
  const update = (broken: Breakage = {}) => gatewayStack(THREE, { ...broken, updated: true });

  it("holds for gateways with all that belongs to them, in a preview and after an update", () => {
    holds(rule, preview());
    holds(rule, update());
  });
  it("has nothing to say of a stack without gateways", () => holds(rule, gatewayStack(THREE, { without: THREE })));

  for (const [occasion, when] of Object.entries(WHEN) as [Occasion, RegExp][]) {
    it(`breaks if nothing hears ${occasion}, or the rule is disabled, may not invoke, or drops events`, () => {
      for (const make of [preview, update]) {
        breaks(rule, make({ noRule: occasion }), when, ONE);
        breaks(rule, make({ disabled: occasion }), /is disabled: enable it/, ONE);
        breaks(rule, make({ noPermission: occasion }), /may not invoke callback/, ONE);
        breaks(rule, make({ noDeadLetters: occasion }), /set deadLetterConfig/, ONE);
      }
    });
  }
  it("breaks without a schedule", () => breaks(rule, preview({ noRule: "schedule" }), /from time to time/, ONE));

  it("breaks for a pattern that names two of three groups, for the third", () => {
    const to = (pattern: object) => ({
      ...pattern,
      detail: { AutoScalingGroupName: ["group-us-east-1b", "group-us-east-1c"] },
    });
    breaks(rule, preview({ pattern: { of: "terminating", to } }), WHEN.terminating, ONE);
  });
  it("breaks for a pattern of another source, and for one of what is detached", () => {
    const source = (pattern: object) => ({ ...pattern, source: ["aws.ecs"] });
    breaks(rule, preview({ pattern: { of: "terminated", to: source } }), WHEN.terminated, ONE);
    const detached = (pattern: object) => ({ ...pattern, detail: { eventName: ["DetachNetworkInterface"] } });
    breaks(rule, update({ pattern: { of: "attached", to: detached } }), WHEN.attached, ONE);
  });
  it("breaks for a pattern that takes all but what counts", () => {
    const to = (pattern: object) => ({ ...pattern, detail: { state: [{ "anything-but": ["stopping"] }] } });
    breaks(rule, preview({ pattern: { of: "stopping", to } }), WHEN.stopping, ONE);
  });
  it("breaks for a pattern that is none, and says so", () => {
    for (const to of [() => "null", () => "[null]", () => "not JSON"]) {
      breaks(rule, preview({ pattern: { of: "launched", to } }), /the pattern of rule launched is not valid/, ONE);
    }
  });
  it("breaks for another bus, on which AWS puts nothing", () =>
    breaks(rule, preview({ rule: { eventBusName: "apps" } }), /no EventBridge rule gets/, ONE));
  it("breaks for a permission of another action or another rule", () => {
    breaks(rule, preview({ permission: { action: "lambda:GetFunction" } }), /may not invoke/, ONE);
    breaks(
      rule,
      update({ permission: { sourceArn: "arn:aws:events:us-east-1:123456789012:rule/other" } }),
      /may not invoke/,
      ONE,
    );
  });
  it("breaks if the role may not change one of the tables, or none", () => {
    const two = (tables: readonly string[], groups: readonly string[]) => allowed(tables.slice(0, 2), groups);
    breaks(rule, update({ statements: two }), /doesn't allow ec2:ReplaceRoute on Private-us-east-1c/, ONE);
    breaks(rule, update({ statements: () => allowed([], []) }), /doesn't allow ec2:ReplaceRoute/, ONE);
  });
  it("breaks if the role may not complete the hook", () =>
    breaks(
      rule,
      update({ statements: (tables) => allowed(tables, []) }),
      /CompleteLifecycleAction on group-us-east-1a/,
      ONE,
    ));
  it("breaks if the role is denied what it is allowed", () => {
    const statements = (tables: readonly string[], groups: readonly string[]) => [
      ...allowed(tables, groups),
      { Effect: "Deny", Action: "ec2:Replace*", Resource: "*" },
    ];
    breaks(rule, update({ statements }), /doesn't allow ec2:ReplaceRoute/, ONE);
  });
  it("breaks for a function that never runs, is cut off, or has no such handler", () => {
    breaks(rule, preview({ fn: { reservedConcurrentExecutions: 0 } }), /reservedConcurrentExecutions is 0/, ONE);
    breaks(rule, preview({ fn: { timeout: 1 } }), /cut off after 1 s/, ONE);
    const judged = (handler: string) => {
      const stack = preview({ fn: { runtime: "nodejs22.x", handler } });
      const fn = stack.find((r) => r.type === FUNCTION)?.urn ?? "";
      return rule
        .find(new Graph(stack, new Map([[fn, { "index.js": "exports.handler = 1" }]])), {})
        .map((f) => f.message);
    };
    assert.deepEqual(judged("index.handler"), []);
    assert.match(judged("main.handler").join(), /has no main.js in its archive \(index.js\)/);
    assert.match(judged("index.main").join(), /index.js of callback exports no main/);
  });
  it("breaks for hooks that are missing or put unproven gateways in service", () => {
    const launching = { lifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING", defaultResult: "CONTINUE" };
    breaks(rule, preview({ hooks: [] }), /tells nobody before it terminates/, "group-us-east-1a");
    breaks(
      rule,
      preview({ hooks: [launching] }),
      /has proven nothing: set defaultResult .* ABANDON/,
      "group-us-east-1a",
    );
  });
  it("breaks for suspended processes, Spot capacity, and an interface without an address", () => {
    const on = "group-us-east-1a";
    breaks(rule, preview({ group: { suspendedProcesses: ["Launch"] } }), /while Launch is suspended/, on);
    breaks(rule, preview({ template: { instanceMarketOptions: { marketType: "spot" } } }), /Spot capacity/, on);
    const mixed = { instancesDistribution: { onDemandPercentageAboveBaseCapacity: 0 } };
    breaks(rule, preview({ group: { mixedInstancesPolicy: mixed } }), /Spot capacity/, on);
    breaks(rule, preview({ noAddress: true }), /has no address: associate an Elastic IP/, ONE);
  });
  it("breaks for a trail that records nothing", () =>
    breaks(rule, preview({ trail: { enableLogging: false } }), /management records nothing/, "management"));
});
