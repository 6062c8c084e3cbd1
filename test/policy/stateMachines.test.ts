import { PolicyResource } from "@pulumi/policy";
import assert from "node:assert/strict";
import { EVENT_TARGET, Graph, IAM_ROLE, METRIC_ALARM, QUEUE, STATE_MACHINE } from "../../policy/graph";
import { unreliableMachines } from "../../policy/stateMachines";
import { resource } from "./graph";
import { unknownStringValue as UNKNOWN } from "./unknowns";

const TASK = { Type: "Task", TimeoutSeconds: 30, Catch: [{ ErrorEquals: ["States.ALL"], Next: "Page" }] };
const DEFINITION = { TimeoutSeconds: 3600, States: { Check: TASK, Done: { Type: "Succeed" } } };
const ENDS = ["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"];

interface Breakage {
  readonly definition?: unknown;
  readonly level?: string | undefined;
  readonly alarms?: readonly string[];
  readonly deadLetters?: boolean;
  readonly retryPolicy?: object | undefined;
  readonly role?: boolean;
}

function stack(broken: Breakage = {}): PolicyResource[] {
  const { definition = DEFINITION, alarms = ENDS, deadLetters = true, role = true } = broken;
  const machine = resource(STATE_MACHINE, "recovery", {
    definition: typeof definition === "string" ? definition : JSON.stringify(definition),
    loggingConfiguration: { level: "level" in broken ? broken.level : "ERROR", logDestination: UNKNOWN },
  });
  const queue = resource(QUEUE, "dead-letters", {});
  const startRole = resource(IAM_ROLE, "start", {});
  const refers: Record<string, PolicyResource> = {
    arn: machine,
    ...(deadLetters ? { deadLetterConfig: queue } : {}),
    ...(role ? { roleArn: startRole } : {}),
  };
  const retryPolicy = "retryPolicy" in broken ? broken.retryPolicy : { maximumRetryAttempts: 10 };
  return [
    machine,
    queue,
    startRole,
    ...alarms.map((metricName) => resource(METRIC_ALARM, metricName, { metricName }, { dimensions: machine })),
    resource(EVENT_TARGET, "target", { arn: UNKNOWN, retryPolicy }, refers),
  ];
}

const findings = (broken?: Breakage) => unreliableMachines(new Graph(stack(broken))).map((f) => f.message);
const withTask = (task: object) => ({ ...DEFINITION, States: { Check: task } });

describe("state-machines-end-or-tell", () => {
  it("holds for a machine that ends or tells", () => assert.deepEqual(findings(), []));
  it("breaks without logs, with logs off, and with a level that can't be read", () => {
    for (const level of [undefined, "OFF", UNKNOWN]) {
      assert.match(findings({ level }).join("\n"), /recovery has no logs/);
    }
  });
  it("breaks without a timeout for the whole", () =>
    assert.match(findings({ definition: { States: DEFINITION.States } }).join("\n"), /recovery has no timeout/));
  it("breaks for a task without a timeout", () => {
    const { TimeoutSeconds: _, ...task } = TASK;
    assert.match(findings({ definition: withTask(task) }).join("\n"), /task Check has no timeout/);
    assert.deepEqual(findings({ definition: withTask({ ...task, TimeoutSecondsPath: "$.timeout" }) }), []);
  });
  it("breaks for a task without a Catch, or with an empty one", () => {
    const { Catch: _, ...task } = TASK;
    assert.match(findings({ definition: withTask(task) }).join("\n"), /task Check has no Catch/);
    assert.match(findings({ definition: withTask({ ...task, Catch: [] }) }).join("\n"), /task Check has no Catch/);
  });
  it("finds tasks in branches, iterators and item processors", () => {
    const inner = { States: { Inner: { Type: "Task", TimeoutSeconds: 1 } } };
    for (const state of [
      { Type: "Parallel", Branches: [inner] },
      { Type: "Map", Iterator: inner },
      { Type: "Map", ItemProcessor: inner },
    ]) {
      assert.match(findings({ definition: withTask(state) }).join("\n"), /task Inner has no Catch/);
    }
  });
  it("breaks for a definition that is not JSON, and leaves an unknown one to the update", () => {
    assert.match(findings({ definition: "StartAt: Check" }).join("\n"), /definition is not JSON/);
    assert.deepEqual(findings({ definition: UNKNOWN }), []);
  });
  it("breaks for each missing alarm", () => {
    for (const end of ENDS) {
      assert.deepEqual(findings({ alarms: ENDS.filter((e) => e !== end) }), [
        `state machine recovery has no alarm on ${end}: add one, with alarmActions`,
      ]);
    }
  });
  it("breaks for a target without a dead-letter queue, a retry policy or a role", () => {
    assert.match(findings({ deadLetters: false }).join("\n"), /target target has no dead-letter queue/);
    assert.match(findings({ retryPolicy: undefined }).join("\n"), /target target has no retry policy/);
    assert.match(findings({ role: false }).join("\n"), /target target has no role/);
  });
});
