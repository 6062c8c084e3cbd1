import { PolicyResource } from "@pulumi/policy";
import assert from "node:assert/strict";
import { EVENT_RULE, EVENT_TARGET, FUNCTION, Graph, METRIC_ALARM, PERMISSION, QUEUE } from "../../policy/graph";
import { helplessOutposts } from "../../policy/outposts";
import { resource } from "./graph";
import { unknownStringValue as UNKNOWN } from "./unknowns";

interface Server {
  readonly outpost: string;
  readonly capacity: string;
  readonly runs: string;
  readonly on?: string;
  readonly actions?: unknown[];
  readonly deaf?: "no rule" | "disabled" | "no dead letters";
}

const A: Server = { outpost: "op-a", capacity: "c6id.large=4", runs: "c6id.large=2", on: "op-b" };
const B: Server = { outpost: "op-b", capacity: "c6id.large=4", runs: "c6id.large=1" };
const C: Server = { outpost: "op-c", capacity: "c6id.large=4", runs: "c6id.large=1", on: "op-b" };

/** The resources that watch servers and relaunch what runs on them. */
function stack(...servers: Server[]): PolicyResource[] {
  const fn = resource(FUNCTION, "relaunch", {});
  const queue = resource(QUEUE, "dead-letters", {});
  return [
    fn,
    queue,
    ...servers.flatMap((server) => {
      const tags = {
        "nplusone:outpost": server.outpost,
        "nplusone:outpost-capacity": server.capacity,
        "nplusone:outpost-runs": server.runs,
        ...(server.on === undefined ? {} : { "nplusone:relaunched-on": server.on }),
      };
      const alarm = resource(METRIC_ALARM, server.outpost, { tags, alarmActions: server.actions ?? ["arn:topic"] });
      if (server.on === undefined || server.deaf === "no rule") {
        return [alarm];
      }
      const state = server.deaf === "disabled" ? "DISABLED" : "ENABLED";
      const eventPattern = '{"detail":{"state":{"value":["ALARM"]}}}';
      const rule = resource(EVENT_RULE, server.outpost, { state, eventPattern }, { eventPattern: alarm });
      const deadLetters: Record<string, PolicyResource> =
        server.deaf === "no dead letters" ? {} : { deadLetterConfig: queue };
      return [
        alarm,
        rule,
        resource(EVENT_TARGET, server.outpost, { arn: UNKNOWN }, { rule, arn: fn, ...deadLetters }),
        resource(PERMISSION, server.outpost, { principal: "events.amazonaws.com" }, { function: fn, sourceArn: rule }),
      ];
    }),
  ];
}

const findings = (...servers: Server[]) => helplessOutposts(new Graph(stack(...servers))).map((f) => f.message);

describe("outposts-can-relaunch", () => {
  it("holds for a pair with room, and for two sources that fit together", () =>
    assert.deepEqual(findings(A, B, C), []));
  it("has nothing to say of other alarms", () =>
    assert.deepEqual(helplessOutposts(new Graph([resource(METRIC_ALARM, "cpu", { tags: UNKNOWN })])), []));
  it("breaks for the same server on both sides", () =>
    assert.match(findings({ ...A, on: "op-a" }).join("\n"), /op-a is to be relaunched on itself/));
  it("breaks if nothing watches the destination", () => assert.match(findings(A).join("\n"), /nothing watches op-b/));
  it("breaks for an alarm without actions", () =>
    assert.match(findings(A, { ...B, actions: [] }).join("\n"), /alarm op-b on op-b tells nobody/));
  it("breaks if the sources of one destination don't fit together, though each would alone", () => {
    assert.deepEqual(findings({ ...A, runs: "c6id.large=3" }, B), []);
    const both = findings({ ...A, runs: "c6id.large=3" }, B, C);
    assert.match(both.join("\n"), /op-b holds 4 c6id.large, but would have to run 5/);
  });
  it("breaks for a type that the destination doesn't hold", () =>
    assert.match(findings({ ...A, runs: "c6id.metal=1" }, B).join("\n"), /op-b holds 0 c6id.metal/));
  it("breaks without a rule, for a disabled one, and without a dead-letter queue", () => {
    assert.match(findings({ ...A, deaf: "no rule" }, B).join("\n"), /op-a has no relaunch target: no EventBridge rule/);
    assert.match(findings({ ...A, deaf: "disabled" }, B).join("\n"), /is disabled: enable it/);
    assert.match(findings({ ...A, deaf: "no dead letters" }, B).join("\n"), /set deadLetterConfig/);
  });
  it("doesn't fail open for a type whose capacity can't be read", () =>
    assert.match(findings(A, { ...B, capacity: UNKNOWN }).join("\n"), /op-b holds 0 c6id.large/));
});
