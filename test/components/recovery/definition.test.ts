import assert from "node:assert/strict";
import { maxWaitSeconds, recoveryDefinition } from "../../../components/recovery/definition";
import { State } from "../../../components/recovery/stateLanguage";

const NAMES = { status: "status", url: "url", ssh: "ssh", cpu: "cpu", report: "report", page: "page" };
const TIMES = { deadlineSeconds: 600, warmUpSeconds: 60 };
const definition = recoveryDefinition(NAMES, TIMES, "aws");
const states = Object.entries<State<string>>(definition.States);
const tasks = states.flatMap(([name, state]) => (state.Type === "Task" ? [{ name, ...state }] : []));

/** The states that a state can lead to. */
function nexts(state: State<string>): string[] {
  switch (state.Type) {
    case "Task":
      return [state.Next, ...state.Catch.map((c) => c.Next)];
    case "Choice":
      return [state.Default, ...state.Choices.map((c) => c.Next)];
    case "Wait":
    case "Pass":
      return [state.Next];
    default:
      return [];
  }
}

describe("recoveryDefinition", () => {
  it("leads only to states that are there, and to all of them", () => {
    const reached = new Set([definition.StartAt, ...states.flatMap(([, state]) => nexts(state))]);
    assert.deepEqual([...reached].sort(), Object.keys(definition.States).sort());
  });
  it("has tasks with retries, which the next tests look at", () => {
    assert.ok(tasks.length > 10 && tasks.every((task) => task.Retry.length > 0));
  });
  it("gives every task a timeout, and leads every error to the page, and the pager's own to SNS", () => {
    for (const { name, TimeoutSeconds, Catch } of tasks) {
      assert.ok(TimeoutSeconds > 20 && TimeoutSeconds <= 60, name);
      const next = { Page: "PageBySns", PageBySns: "NobodyTold" }[name] ?? "Page";
      assert.deepEqual(
        Catch.map((c) => [c.ErrorEquals, c.Next]),
        [[["States.ALL"], next]],
        name,
      );
    }
  });
  it("retries transient errors with full jitter, and no others", () => {
    for (const { name, Retry } of tasks) {
      for (const { ErrorEquals, JitterStrategy } of Retry) {
        assert.equal(JitterStrategy, "FULL", name);
        for (const error of ErrorEquals) {
          assert.match(error, /^(Lambda\.|SNS\.|TransientError$|NoDatum$)/, name);
        }
      }
    }
  });
  it("waits for minutes until Lambda has attached a function that it took out of the VPC", () => {
    const waiting = tasks.filter(({ Retry }) =>
      Retry.some((r) => r.ErrorEquals.includes("Lambda.ResourceNotReadyException")),
    );
    assert.deepEqual(
      waiting.map(({ name }) => name),
      ["FirstSsh", "SecondSsh"],
    );
    for (const { Retry } of waiting) {
      const { IntervalSeconds = 0, MaxAttempts = 0 } = Retry.find((r) => r.ErrorEquals[0]?.includes("NotReady")) ?? {};
      assert.ok((IntervalSeconds * MaxAttempts) / 2 >= 240, "four minutes on average");
    }
  });
  it("is the same in every partition, but for its ARNs", () => {
    const china = JSON.stringify(recoveryDefinition(NAMES, TIMES, "aws-cn"));
    assert.doesNotMatch(china, /arn:aws:/);
    assert.equal(china.replaceAll("arn:aws-cn:", "arn:aws:"), JSON.stringify(definition));
  });
  it("waits in total for less than its timeout", () => {
    const waits = 2 * maxWaitSeconds(TIMES) + TIMES.deadlineSeconds + TIMES.warmUpSeconds;
    assert.ok(definition.TimeoutSeconds > waits);
    assert.ok(definition.TimeoutSeconds < 86_400);
  });
  it("holds no ARN of an account: policies can read it in a preview", () =>
    assert.doesNotMatch(JSON.stringify(definition), /arn:aws:(?!states:::)/));
});
