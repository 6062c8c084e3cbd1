import assert from "node:assert/strict";
import type { HealthCheck, ResourceRecordSet } from "@aws-sdk/client-route-53";
import fc from "fast-check";
import {
  answerOf,
  answersOf,
  DescribedHealthCheck,
  DescribedRecord,
  healthChecksOf,
  isHealthy,
  keptSeconds,
  stepHealthChecks,
} from "../../model/route53";

const endpoint = (Id: string, config: object = {}): DescribedHealthCheck => ({
  Id,
  HealthCheckConfig: { Type: "HTTPS", RequestInterval: 10, FailureThreshold: 3, ...config },
});

const PRIMARY: DescribedRecord = { Name: "shop", Type: "A", Failover: "PRIMARY", HealthCheckId: "one", TTL: 30 };
const SECONDARY: DescribedRecord = { Name: "shop", Type: "A", Failover: "SECONDARY", HealthCheckId: "two", TTL: 30 };

/** The statuses of checks after a while in which the endpoints answer so many checkers. */
function statuses(
  checks: readonly DescribedHealthCheck[],
  share: Readonly<Record<string, number>>,
  alarms = new Map(),
) {
  const { state, decisions } = stepHealthChecks(
    healthChecksOf(checks, 0),
    { answers: (id) => share[id] ?? 1, alarms },
    100,
  );
  return { state, healthy: state.map(isHealthy), told: decisions.map((d) => `${d.at} ${d.Id} ${d.action}`) };
}

describe("Route 53 in virtual time", () => {
  it("takes what the SDK describes", () => {
    const check: HealthCheck = {
      Id: "one",
      CallerReference: "x",
      HealthCheckVersion: 1,
      HealthCheckConfig: { Type: "HTTPS", FailureThreshold: 2 },
    };
    const record: ResourceRecordSet = { Name: "shop", Type: "A", Failover: "PRIMARY", HealthCheckId: "one" };
    const [state] = healthChecksOf([check satisfies DescribedHealthCheck], 0);
    assert.equal(state?.nextRoundAt, 30);
    assert.equal(answerOf([record satisfies DescribedRecord], { checks: [] }), record);
  });

  it("changes after as many rounds in a row as the threshold says, down and up", () => {
    const answers = (_: string, at: number) => (at >= 15 && at < 65 ? 0 : 1);
    const { decisions } = stepHealthChecks(healthChecksOf([endpoint("one")], 0), { answers }, 200);
    assert.deepEqual(
      decisions.map((d) => `${d.at} ${d.action}`),
      ["40 unhealthy", "90 healthy"],
    );
  });

  it("needs more than 18 % of the checkers", () => {
    assert.deepEqual(statuses([endpoint("one"), endpoint("two")], { one: 0.18, two: 0.19 }).healthy, [false, true]);
  });

  it("comes to what the rounds come to by hand", () => {
    const rounds = fc.array(fc.boolean(), { minLength: 30, maxLength: 30 });
    fc.assert(
      fc.property(rounds, fc.integer({ min: 1, max: 5 }), (results, FailureThreshold) => {
        const answers = (_: string, at: number) => Number(results[at / 10 - 1]);
        const { state } = stepHealthChecks(
          healthChecksOf([endpoint("one", { FailureThreshold })], 0),
          { answers },
          300,
        );
        let healthy = true;
        results.forEach((_, i) => {
          const run = results.slice(Math.max(0, i + 1 - FailureThreshold), i + 1);
          healthy = run.length === FailureThreshold && run.every((r) => r !== healthy) ? !healthy : healthy;
        });
        assert.equal(state.every(isHealthy), healthy);
      }),
    );
  });

  it("counts the healthy children of a calculated check, also of one of these", () => {
    const of = (Id: string, HealthThreshold: number, ...ChildHealthChecks: string[]) =>
      endpoint(Id, { Type: "CALCULATED", HealthThreshold, ChildHealthChecks });
    const checks = [of("all", 2, "some", "one"), of("some", 1, "one", "two"), endpoint("one"), endpoint("two")];
    assert.deepEqual(statuses(checks, { two: 0 }).healthy, [true, true, true, false]);
    const { healthy, told } = statuses(checks, { one: 0 });
    assert.deepEqual(healthy, [false, true, false, true]);
    assert.deepEqual(told, ["30 one unhealthy", "100 all unhealthy"]);
  });

  it("goes by an alarm's state, and without one as it was told to", () => {
    const check = (status: string) =>
      endpoint(status, {
        Type: "CLOUDWATCH_METRIC",
        AlarmIdentifier: { Name: "errors" },
        InsufficientDataHealthStatus: status,
      });
    const checks = ["Healthy", "Unhealthy", "LastKnownStatus"].map(check);
    assert.deepEqual(statuses(checks, {}).healthy, [true, false, true]);
    assert.deepEqual(statuses(checks, {}, new Map([["errors", "ALARM"]])).healthy, [false, false, false]);
    assert.deepEqual(statuses(checks, {}, new Map([["errors", "OK"]])).healthy, [true, true, true]);
  });

  it("inverts, and takes what is disabled for healthy", () => {
    const checks = [endpoint("one", { Inverted: true }), endpoint("two", { Disabled: true })];
    assert.deepEqual(statuses(checks, { one: 0, two: 0 }).healthy, [true, true]);
    assert.deepEqual(statuses(checks, {}).healthy, [false, true]);
    assert.deepEqual(statuses([endpoint("one", { Inverted: true, Disabled: true })], { one: 0 }).healthy, [false]);
  });

  it("answers with the primary unless it alone is unhealthy", () => {
    const answer = (one: number, two: number) => {
      const { state } = statuses([endpoint("one"), endpoint("two")], { one, two });
      return answerOf([SECONDARY, PRIMARY], { checks: state })?.Failover;
    };
    assert.deepEqual(
      [answer(1, 1), answer(0, 1), answer(1, 0), answer(0, 0)],
      ["PRIMARY", "SECONDARY", "PRIMARY", "PRIMARY"],
    );
  });

  it("answers by latency with all that are healthy, and with all if none is", () => {
    const set = ["us-east-1", "eu-west-1"].map((Region, i) => {
      return { ...PRIMARY, Failover: undefined, Region, HealthCheckId: ["one", "two"][i] };
    });
    const answers = (one: number, two: number) => {
      const { state } = statuses([endpoint("one"), endpoint("two")], { one, two });
      return answersOf(set, { checks: state }).map((record) => record.Region);
    };
    const both = ["us-east-1", "eu-west-1"];
    assert.deepEqual([answers(1, 1), answers(0, 1), answers(1, 0), answers(0, 0)], [both, ["eu-west-1"], ["us-east-1"], both]); // prettier-ignore
    const pair = statuses([endpoint("one"), endpoint("two")], { one: 0, two: 1 }).state;
    assert.deepEqual(answersOf([PRIMARY, SECONDARY], { checks: pair }), [SECONDARY]);
  });

  it("evaluates an alias's target only if told to, and keeps an alias for a minute", () => {
    const alias = (EvaluateTargetHealth: boolean) => ({
      ...PRIMARY,
      TTL: undefined,
      AliasTarget: { DNSName: "balancer", EvaluateTargetHealth },
    });
    const health = { checks: healthChecksOf([endpoint("one")], 0), targets: (name: string) => name !== "balancer" };
    assert.equal(answerOf([alias(true), SECONDARY], health)?.Failover, "SECONDARY");
    assert.equal(answerOf([alias(false), SECONDARY], health)?.Failover, "PRIMARY");
    assert.deepEqual([keptSeconds(alias(true)), keptSeconds(PRIMARY)], [60, 30]);
  });
});
