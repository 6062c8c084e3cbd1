import assert from "node:assert/strict";
import { unheardAlarms } from "../../policy/alarms";
import { EVENT_RULE, EVENT_TARGET, Graph, METRIC_ALARM } from "../../policy/graph";
import { resource } from "./graph";
import { unknownStringValue as UNKNOWN } from "./unknowns";

const TOPIC = resource("aws:sns/topic:Topic", "topic", {});
const unheard = (...resources: ReturnType<typeof resource>[]) =>
  unheardAlarms(new Graph(resources)).map((f) => f.message);

describe("alarms-are-heard", () => {
  const silent = resource(METRIC_ALARM, "cpu", {});
  const rule = (state: string) => resource(EVENT_RULE, "rule", { state }, { eventPattern: silent });
  const target = (of: ReturnType<typeof resource>) => resource(EVENT_TARGET, "target", { arn: UNKNOWN }, { rule: of });

  it("holds for an alarm with an action, known or not", () => {
    assert.deepEqual(unheard(resource(METRIC_ALARM, "cpu", { alarmActions: ["arn:topic"] })), []);
    assert.deepEqual(unheard(resource(METRIC_ALARM, "cpu", { alarmActions: [UNKNOWN] }, { alarmActions: TOPIC })), []);
  });
  it("holds for an alarm that a rule with a target names", () => {
    const enabled = rule("ENABLED");
    assert.deepEqual(unheard(silent, enabled, target(enabled)), []);
  });
  it("breaks for an alarm without either", () =>
    assert.deepEqual(unheard(silent), [
      "alarm cpu tells nobody: give it alarmActions, or a rule on its state change with a target",
    ]));
  it("breaks if the actions are switched off", () =>
    assert.equal(unheard(resource(METRIC_ALARM, "cpu", { alarmActions: ["arn:a"], actionsEnabled: false })).length, 1));
  it("breaks if the rule is disabled, or has no target", () => {
    const disabled = rule("DISABLED");
    assert.equal(unheard(silent, disabled, target(disabled)).length, 1);
    assert.equal(unheard(silent, rule("ENABLED")).length, 1);
  });
});
