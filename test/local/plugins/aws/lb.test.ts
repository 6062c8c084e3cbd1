import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import assert from "node:assert/strict";
import { reading, setting } from "../../../../local/plugins/aws/attributes";
import { lifecycleOf } from "./calls";

const PATHS = { idleTimeout: "idle", "logs.enabled": "logs.enabled", "logs.bucket": "logs.bucket" };
const { with: attributesOf } = setting(PATHS, { idleTimeout: 60, logs: { enabled: false } });

describe("a load balancer's attributes", () => {
  it("are set by the paths of their properties, and as AWS has them when they aren't given any more", () => {
    assert.deepEqual(attributesOf?.({ logs: { enabled: true, bucket: "b" } }, {}, {}), {
      Attributes: [
        { Key: "logs.enabled", Value: "true" },
        { Key: "logs.bucket", Value: "b" },
      ],
    });
    assert.deepEqual(attributesOf?.({}, {}, { idleTimeout: 30, logs: { enabled: true, bucket: "b" } }), {
      Attributes: [
        { Key: "idle", Value: "60" },
        { Key: "logs.enabled", Value: "false" },
      ],
    });
  });
  it("are found again as they were written, and only those that were given", () => {
    const Attributes = [
      { Key: "idle", Value: "31" },
      { Key: "logs.enabled", Value: "false" },
    ];
    assert.deepEqual(reading(PATHS).also?.({ Attributes }, { idleTimeout: 30, logs: { enabled: true } }), {
      idleTimeout: 31,
      logs: { enabled: false },
    });
    assert.deepEqual(reading(PATHS).also?.({ Attributes }, {}), {});
  });
});

describe("a target group of the stand-in", () => {
  const type = "aws:lb/targetGroup:TargetGroup";
  const answers = { CreateTargetGroup: { TargetGroups: [{ TargetGroupArn: "arn:tg" }] } };
  const { created, updated } = lifecycleOf(ElasticLoadBalancingV2Client, type, answers);
  const healthCheck = { path: "/healthz", interval: 10, matcher: "200" };
  const check = { HealthCheckPath: "/healthz", HealthCheckIntervalSeconds: 10, Matcher: { HttpCode: "200" } };

  it("is created with its health check, and gets its attributes in one call", async () => {
    const targetGroupHealth = { dnsFailover: { minimumHealthyTargetsCount: "2" } };
    assert.deepEqual(await created({ name: "tg", port: 80, protocol: "HTTP", healthCheck, targetGroupHealth }), [
      ["CreateTargetGroup", { Name: "tg", Port: 80, Protocol: "HTTP", ...check }],
      [
        "ModifyTargetGroupAttributes",
        {
          TargetGroupArn: "arn:tg",
          Attributes: [{ Key: "target_group_health.dns_failover.minimum_healthy_targets.count", Value: "2" }],
        },
      ],
    ]);
  });
  it("has its health check modified without being replaced", async () => {
    const olds = { id: "arn:tg", name: "tg", port: 80, healthCheck: { ...healthCheck, path: "/" } };
    assert.deepEqual(await updated(olds, { name: "tg", port: 80, healthCheck }), [
      ["ModifyTargetGroup", { TargetGroupArn: "arn:tg", ...check }],
    ]);
  });
});

describe("a listener's rule of the stand-in", () => {
  it("says by fields what the provider says by blocks", async () => {
    const { created } = lifecycleOf(ElasticLoadBalancingV2Client, "aws:lb/listenerRule:ListenerRule", {
      CreateRule: { Rules: [{ RuleArn: "arn:rule" }] },
    });
    const conditions = [{ hostHeader: { values: ["a.example.com"] } }, { pathPattern: { values: ["/x"] } }];
    const actions = [{ type: "redirect", redirect: { port: "443", statusCode: "HTTP_301" } }];
    assert.deepEqual(await created({ listenerArn: "arn:l", priority: 1, conditions, actions }), [
      [
        "CreateRule",
        {
          ListenerArn: "arn:l",
          Priority: 1,
          Actions: [{ Type: "redirect", RedirectConfig: { Port: "443", StatusCode: "HTTP_301" } }],
          Conditions: [
            { Field: "host-header", HostHeaderConfig: { Values: ["a.example.com"] } },
            { Field: "path-pattern", PathPatternConfig: { Values: ["/x"] } },
          ],
        },
      ],
    ]);
  });
});
