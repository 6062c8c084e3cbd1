import * as t from "../../../policy/core/graph";
import { edit, Mutation, set, Where, without } from "./mutate";
import { Definition, text, START, alarmOn, withoutAction, nowhere } from "./parts";

/** The policy of the role by which targets start executions. */
const STARTING: Where = {
  type: "aws:iam/rolePolicy:RolePolicy",
  is: (r) => text(r, "policy").includes("states:StartExecution"),
};

const MACHINES = "state-machines-end-or-tell";
const MACHINE: Where = { type: t.STATE_MACHINE };
const tasks = (change: (task: Record<string, unknown>) => object) => (definition: Definition) => ({
  ...definition,
  States: Object.fromEntries(
    Object.entries(definition.States).map(([name, state]) => [name, state.Type === "Task" ? change(state) : state]),
  ),
});
const machine = (what: string, says: RegExp, change: Mutation["change"]): Mutation => ({
  what,
  rule: MACHINES,
  says,
  change,
});

export const recovery: readonly Mutation[] = [
  machine(
    "tasks without a Catch",
    /has no Catch/,
    edit(
      MACHINE,
      "definition",
      tasks((s) => ({ ...s, Catch: [] })),
    ),
  ),
  machine("tasks that catch one error", /catches some errors only/, edit(MACHINE, "definition", tasks((s) => ({ ...s, Catch: [{ ErrorEquals: ["States.Timeout"], Next: "Page" }] })))), // prettier-ignore
  machine("tasks that take errors for success", /takes its errors for success/, edit(MACHINE, "definition", tasks((s) => ({ ...s, Catch: [{ ErrorEquals: ["States.ALL"], Next: "FalseAlarm" }] })))), // prettier-ignore
  machine(
    "tasks that are not tried again",
    /is not tried again/,
    edit(
      MACHINE,
      "definition",
      tasks((s) => ({ ...s, Retry: [] })),
    ),
  ),
  machine("retries of none", /is not tried again/, edit(MACHINE, "definition", tasks((s) => ({ ...s, Retry: [{ ErrorEquals: ["States.ALL"], MaxAttempts: 0 }] })))), // prettier-ignore
  machine(
    "tasks without a timeout",
    /has no timeout/,
    edit(
      MACHINE,
      "definition",
      tasks(({ TimeoutSeconds: _, ...s }) => s),
    ),
  ),
  machine(
    "tasks of a year",
    /may hang for/,
    edit(
      MACHINE,
      "definition",
      tasks((s) => ({ ...s, TimeoutSeconds: 31_536_000 })),
    ),
  ),
  machine(
    "no timeout for the whole",
    /has no timeout/,
    edit(MACHINE, "definition", ({ TimeoutSeconds: _, ...d }: Definition) => d),
  ),
  machine(
    "a year for the whole",
    /may hang for/,
    edit(MACHINE, "definition", (d: Definition) => ({ ...d, TimeoutSeconds: 31_536_000 })),
  ),
  machine(
    "a definition that is none",
    /has no States/,
    edit(MACHINE, "definition", () => [null]),
  ),
  machine(
    "no logs",
    /has no logs/,
    set(MACHINE, () => ({ loggingConfiguration: { level: "OFF" } })),
  ),
  ...["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"].flatMap((metric) => [
    machine(`no alarm on ${metric}`, new RegExp(`no alarm on ${metric}`), without(alarmOn(metric))),
    machine(
      `an alarm on ${metric} that nobody hears`,
      new RegExp(`no alarm on ${metric}`),
      set(alarmOn(metric), () => ({ alarmActions: [] })),
    ),
  ]),
  machine("a start without a dead-letter queue", /has no dead-letter queue/, set(START, () => ({ deadLetterConfig: undefined }))), // prettier-ignore
  machine(
    "a start without retries",
    /has no retry policy/,
    set(START, () => ({ retryPolicy: undefined })),
  ),
  machine("a start that is never tried again", /never tries again/, set(START, () => ({ retryPolicy: { maximumRetryAttempts: 0 } }))), // prettier-ignore
  machine(
    "a start without a role",
    /has no role/,
    set(START, () => ({ roleArn: undefined })),
  ),
  machine("a start by a role that may not", /may not start/, edit(STARTING, "policy", withoutAction("states:StartExecution"))), // prettier-ignore
  machine("a start by a role for another machine", /may not start/, edit(STARTING, "policy", nowhere("states:StartExecution"))), // prettier-ignore
];
