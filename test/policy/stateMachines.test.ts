import { PolicyResource } from "@pulumi/policy";
import assert from "node:assert/strict";
import { EVENT_TARGET, IAM_ROLE, METRIC_ALARM, QUEUE, STATE_MACHINE } from "../../policy/core/graph";
import { stateMachinesEndOrTell as rule } from "../../policy/workflows/stateMachinesEndOrTell";
import { violations } from "./find";
import { resource } from "./graph";
import { unknownStringValue as UNKNOWN } from "./unknowns";

const TASK = {
  Type: "Task",
  TimeoutSeconds: 30,
  Retry: [{ ErrorEquals: ["Lambda.ServiceException"] }],
  Catch: [{ ErrorEquals: ["States.ALL"], Next: "Page" }],
};
const DEFINITION = { TimeoutSeconds: 3600, States: { Check: TASK, Page: { Type: "Fail" }, Done: { Type: "Succeed" } } };
const ENDS = ["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"];

interface Breakage {
  readonly definition?: unknown;
  readonly level?: string | undefined;
  readonly alarms?: readonly string[];
  readonly alarmActions?: unknown;
  readonly deadLetters?: boolean;
  readonly retryPolicy?: object | undefined;
  readonly role?: boolean;
  readonly type?: string;
}

function stack(broken: Breakage = {}): PolicyResource[] {
  const { definition = DEFINITION, alarms = ENDS, deadLetters = true, role = true, type } = broken;
  const machine = resource(STATE_MACHINE, "recovery", {
    definition: typeof definition === "string" ? definition : JSON.stringify(definition),
    loggingConfiguration: { level: "level" in broken ? broken.level : "ERROR", logDestination: UNKNOWN },
    ...(type === undefined ? {} : { type }),
  });
  const queue = resource(QUEUE, "dead-letters", {});
  const startRole = resource(IAM_ROLE, "start", {});
  const refers: Record<string, PolicyResource> = {
    arn: machine,
    ...(deadLetters ? { deadLetterConfig: queue } : {}),
    ...(role ? { roleArn: startRole } : {}),
  };
  const retryPolicy = "retryPolicy" in broken ? broken.retryPolicy : { maximumRetryAttempts: 10 };
  const alarmActions = broken.alarmActions ?? ["arn:topic"];
  return [
    machine,
    queue,
    startRole,
    ...alarms.map((metricName) =>
      resource(METRIC_ALARM, metricName, { metricName, alarmActions }, { dimensions: machine }),
    ),
    resource(EVENT_TARGET, "target", { arn: UNKNOWN, retryPolicy }, refers),
  ];
}

const findings = (broken?: Breakage, options?: object) => violations(rule, stack(broken), options);
const withTask = (task: object) => ({ ...DEFINITION, States: { ...DEFINITION.States, Check: task } });
const text = (broken: Breakage) => findings(broken).join("\n");

describe("state-machines-end-or-tell", () => {
  it("holds for a machine that ends or tells", () => assert.deepEqual(findings(), []));
  it("breaks without logs, with logs off, and with a level that can't be read", () => {
    for (const level of [undefined, "OFF", UNKNOWN]) {
      assert.match(text({ level }), /recovery has no logs/);
    }
  });
  it("breaks without a timeout for the whole", () =>
    assert.match(text({ definition: { States: DEFINITION.States } }), /recovery has no timeout/));
  it("breaks for a timeout of a year, and goes by the configured longest", () => {
    assert.match(text({ definition: { ...DEFINITION, TimeoutSeconds: 31_536_000 } }), /may hang for 31536000 s/);
    assert.match(findings({}, { longestSeconds: 600 }).join("\n"), /recovery may hang for 3600 s: .* 600 or less/);
    assert.match(text({ definition: withTask({ ...TASK, TimeoutSeconds: 99_999_999 }) }), /task Check may hang/);
  });
  it("breaks for a task without a timeout", () => {
    const { TimeoutSeconds: _, ...task } = TASK;
    assert.match(text({ definition: withTask(task) }), /task Check has no timeout/);
    assert.deepEqual(findings({ definition: withTask({ ...task, TimeoutSecondsPath: "$.timeout" }) }), []);
  });
  it("breaks for a task without a Catch, or with an empty one", () => {
    const { Catch: _, ...task } = TASK;
    assert.match(text({ definition: withTask(task) }), /task Check has no Catch/);
    assert.match(text({ definition: withTask({ ...task, Catch: [] }) }), /task Check has no Catch/);
  });
  it("breaks for a Catch of one error, and for one that takes failure for success", () => {
    const one = [{ ErrorEquals: ["States.Timeout"], Next: "Page" }];
    assert.match(text({ definition: withTask({ ...TASK, Catch: one }) }), /catches some errors only/);
    const silent = [{ ErrorEquals: ["States.ALL"], Next: "Done" }];
    assert.match(text({ definition: withTask({ ...TASK, Catch: silent }) }), /takes its errors for success/);
  });
  it("breaks for a task that is not tried again", () => {
    const { Retry: _, ...task } = TASK;
    assert.match(text({ definition: withTask(task) }), /task Check is not tried again/);
    const none = [{ ErrorEquals: ["States.ALL"], MaxAttempts: 0 }];
    assert.match(text({ definition: withTask({ ...TASK, Retry: none }) }), /task Check is not tried again/);
  });
  it("finds tasks in branches, iterators and item processors", () => {
    const inner = { States: { Inner: { Type: "Task", TimeoutSeconds: 1 } } };
    for (const state of [
      { Type: "Parallel", Branches: [inner] },
      { Type: "Map", Iterator: inner },
      { Type: "Map", ItemProcessor: inner },
    ]) {
      assert.match(text({ definition: withTask(state) }), /task Inner has no Catch/);
    }
  });
  it("says what is no definition, and leaves an unknown one to the update", () => {
    assert.match(text({ definition: "StartAt: Check" }), /definition can't be read: it is not JSON/);
    for (const none of ["null", "[null]", "{}", '{"States":{"A":null}}']) {
      assert.match(text({ definition: none }), /definition can't be read: it has no States/);
    }
    assert.deepEqual(findings({ definition: UNKNOWN }), []);
  });
  it("breaks for each missing alarm, and for alarms that nobody hears", () => {
    for (const end of ENDS) {
      assert.deepEqual(findings({ alarms: ENDS.filter((e) => e !== end) }), [
        `state machine recovery has no alarm on ${end} that somebody hears: add one, with alarmActions`,
      ]);
    }
    assert.equal(findings({ alarmActions: [] }).length, 3);
  });
  it("asks no alarm on aborted executions of an express machine", () =>
    assert.deepEqual(findings({ type: "EXPRESS", alarms: ENDS.slice(0, 2) }), []));
  it("breaks for a target without a dead-letter queue, a retry policy or a role", () => {
    assert.match(text({ deadLetters: false }), /target target has no dead-letter queue/);
    assert.match(text({ retryPolicy: undefined }), /target target has no retry policy/);
    assert.match(text({ retryPolicy: { maximumRetryAttempts: 0 } }), /target target never tries again/);
    assert.match(text({ role: false }), /target target has no role/);
  });
});
