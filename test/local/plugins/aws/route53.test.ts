import { Route53Client } from "@aws-sdk/client-route-53";
import assert from "node:assert/strict";
import { Props } from "../../../../local/plugins/aws/record";
import { lifecycleOf } from "./calls";

const alias = { name: "lb.example.com", zoneId: "Z1", evaluateTargetHealth: true };
const record = { zoneId: "Z0", name: "shop.example.com", type: "A", aliases: [alias] };

describe("a Route 53 record of the stand-in", () => {
  const { created, updated, removed } = lifecycleOf(Route53Client, "aws:route53/record:Record", {});
  const changes = (calls: readonly [string, Props][]): Props[] =>
    calls.flatMap(([, request]) => request["ChangeBatch"].Changes as Props[]);

  it("is created, changed in its place, and deleted as it is", async () => {
    const [made] = changes(await created(record));
    assert.deepEqual(made, {
      Action: "CREATE",
      ResourceRecordSet: {
        Name: "shop.example.com",
        Type: "A",
        AliasTarget: { DNSName: "lb.example.com", HostedZoneId: "Z1", EvaluateTargetHealth: true },
      },
    });
    const id = "Z0_shop.example.com_A";
    const news = { ...record, aliases: [{ ...alias, evaluateTargetHealth: false }] };
    const [changed] = changes(await updated({ id, ...record }, news));
    assert.equal(changed?.["Action"], "UPSERT");
    assert.equal(changed?.["ResourceRecordSet"].AliasTarget.EvaluateTargetHealth, false);
    const [deleted] = changes(await removed({ id, ...record }));
    assert.deepEqual(deleted, { ...made, Action: "DELETE" });
  });

  it("says which part of a set it is", async () => {
    const part = { ...record, setIdentifier: "one", healthCheckId: "check" };
    const [failover] = changes(await created({ ...part, failoverRoutingPolicies: [{ type: "PRIMARY" }] }));
    const { SetIdentifier, HealthCheckId, Failover } = failover?.["ResourceRecordSet"] ?? {};
    assert.deepEqual([SetIdentifier, HealthCheckId, Failover], ["one", "check", "PRIMARY"]);
    const [latency] = changes(await created({ ...part, latencyRoutingPolicies: [{ region: "eu-west-1" }] }));
    assert.equal(latency?.["ResourceRecordSet"].Region, "eu-west-1");
  });
});

describe("a Route 53 health check of the stand-in", () => {
  const type = "aws:route53/healthCheck:HealthCheck";
  const { created, updated, removed } = lifecycleOf(Route53Client, type, {
    CreateHealthCheck: { HealthCheck: { Id: "check" } },
  });
  const ofAlarm = { type: "CLOUDWATCH_METRIC", cloudwatchAlarmName: "held", cloudwatchAlarmRegion: "eu-west-1" };

  it("is created with its settings in one structure, and tagged by another call", async () => {
    const endpoint = { type: "HTTPS", fqdn: "us-east-1.shop.example.com", port: 443, enableSni: true };
    const asked = { resourcePath: "/healthz", requestInterval: 10, failureThreshold: 3, tags: { Name: "shop" } };
    const [[, made], [tagging, tagged]] = (await created({ ...endpoint, ...asked })) as [
      [string, Props],
      [string, Props],
    ];
    assert.deepEqual(made["HealthCheckConfig"], {
      ...{ Type: "HTTPS", FullyQualifiedDomainName: "us-east-1.shop.example.com", Port: 443, EnableSNI: true },
      ...{ ResourcePath: "/healthz", RequestInterval: 10, FailureThreshold: 3 },
    });
    assert.equal(tagging, "ChangeTagsForResource");
    assert.deepEqual(tagged, {
      ...{ ResourceType: "healthcheck", ResourceId: "check", AddTags: [{ Key: "Name", Value: "shop" }] },
      RemoveTagKeys: [],
    });
  });

  it("is created of an alarm or of other checks, changed in its place, and deleted", async () => {
    const [[, made] = ["", {}]] = await created({ ...ofAlarm, triggers: { threshold: "1" } });
    assert.deepEqual(made["HealthCheckConfig"], {
      Type: "CLOUDWATCH_METRIC",
      AlarmIdentifier: { Name: "held", Region: "eu-west-1" },
    });
    const calculated = { type: "CALCULATED", childHealthchecks: ["a", "b"], childHealthThreshold: 2 };
    const [[, other] = ["", {}]] = await created(calculated);
    assert.deepEqual(other["HealthCheckConfig"], {
      ...{ Type: "CALCULATED", ChildHealthChecks: ["a", "b"], HealthThreshold: 2 },
    });
    const [[action, change] = ["", {}]] = await updated(
      { id: "check", ...ofAlarm },
      { ...ofAlarm, invertHealthcheck: true },
    );
    assert.deepEqual([action, change["HealthCheckId"], change["Inverted"]], ["UpdateHealthCheck", "check", true]);
    assert.deepEqual(await removed({ id: "check", ...ofAlarm }), [["DeleteHealthCheck", { HealthCheckId: "check" }]]);
  });
});
