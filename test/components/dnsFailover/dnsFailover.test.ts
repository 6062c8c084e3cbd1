import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { Connections } from "../../../components/common/connections";
import { Foundation, Partner, StackOutputs } from "../../../components/common/foundation";
import { Topics } from "../../../components/common/topics";
import { deployDnsFailover } from "../../../components/dnsFailover/deploy";
import { ofType, record, Registered, settled } from "../recorded";

const RECORD = "aws:route53/record:Record";
const CHECK = "aws:route53/healthCheck:HealthCheck";
const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const PARTNER: Partner = { role: "primary", stack: "other", region: "eu-west-1", mode: "warm" };
const NAME = {
  ...{ name: "shop", domainName: "shop.example.com", zoneId: "Z1", target: "shop" },
  healthCheck: { path: "/status", intervalSeconds: 30, failureThreshold: 5 },
};

/** What a stack of a Region registers for a public name. */
async function deploy(
  over: Partial<Partner> = {},
  { protocol = "HTTPS", region = "us-east-1" }: { protocol?: "HTTP" | "HTTPS"; region?: string } = {},
): Promise<{ registered: Registered[]; outputs: StackOutputs }> {
  const registered = await record();
  const connections = new Connections("vpc-1");
  connections.entrances.offer("shop", {
    ...{ dnsName: pulumi.output("lb.example.com"), hostedZoneId: pulumi.output("Z2"), protocol },
  });
  const topics = new Topics({ region, topicArn: pulumi.output("arn:own-topic") }, ["sre@example.com"]);
  const foundation = { connections, topics, partner: { ...PARTNER, ...over } } as unknown as Foundation;
  const outputs = deployDnsFailover([NAME], foundation);
  await settled();
  return { registered, outputs };
}

const named = (registered: readonly Registered[], name: string) =>
  registered.find((r) => r.name === name)?.inputs ?? assert.fail(`no ${name}`);

describe("DNS failover", () => {
  let registered: Registered[];
  let outputs: StackOutputs;
  before(async () => ({ registered, outputs } = await deploy()));

  it("gives the Region a name of its own, and checks that, by the balancer's protocol", async () => {
    assert.equal(named(registered, "shop-dns-own")["name"], "us-east-1.shop.example.com");
    const { type, fqdn, port, enableSni, resourcePath, requestInterval, failureThreshold } = named(
      registered,
      "shop-dns-endpoint",
    );
    assert.deepEqual(
      [type, fqdn, port, enableSni, resourcePath, requestInterval, failureThreshold],
      ["HTTPS", "us-east-1.shop.example.com", 443, true, "/status", 30, 5],
    );
    const plain = named((await deploy({}, { protocol: "HTTP" })).registered, "shop-dns-endpoint");
    assert.deepEqual([plain["type"], plain["port"], plain["enableSni"]], ["HTTP", 80, false]);
  });

  it("makes a record by the stack's role, with the check, that doesn't evaluate its target's health", async () => {
    const failover = named(registered, "shop-dns-failover");
    assert.equal(failover["name"], "shop.example.com");
    assert.equal(failover["healthCheckId"], "shop-dns-check-id");
    assert.deepEqual(failover["failoverRoutingPolicies"], [{ type: "PRIMARY" }]);
    for (const { inputs } of ofType(registered, RECORD)) {
      const [alias] = inputs["aliases"] as { name: string; evaluateTargetHealth: boolean }[];
      assert.deepEqual([alias?.name, alias?.evaluateTargetHealth], ["lb.example.com", false]);
    }
    const standby = named((await deploy({ role: "standby" })).registered, "shop-dns-failover");
    assert.deepEqual(standby["failoverRoutingPolicies"], [{ type: "SECONDARY" }]);
  });

  it("makes records by latency if both Regions are active", async () => {
    const active = named((await deploy({ mode: "active-active" })).registered, "shop-dns-failover");
    assert.deepEqual(active["latencyRoutingPolicies"], [{ region: "us-east-1" }]);
    assert.equal(active["failoverRoutingPolicies"], undefined);
    assert.equal(active["healthCheckId"], "shop-dns-check-id");
  });

  it("takes the Region out if it doesn't serve or is held back, by a metric in the partner's Region", () => {
    const { childHealthchecks, childHealthThreshold } = named(registered, "shop-dns-check");
    assert.deepEqual(childHealthchecks, ["shop-dns-endpoint-id", "hold-check-id"]);
    assert.equal(childHealthThreshold, 2);
    const check = named(registered, "hold-check");
    assert.deepEqual(
      [check["cloudwatchAlarmName"], check["cloudwatchAlarmRegion"], check["insufficientDataHealthStatus"]],
      ["hold-alarm", "eu-west-1", "LastKnownStatus"],
    );
    const alarm = named(registered, "hold-alarm");
    assert.equal(alarm["region"], "eu-west-1");
    const { hold, release } = outputs["dnsFailover"] as { hold: string; release: string };
    const { namespace, metricName, dimensions } = alarm;
    const put = `--region eu-west-1 --namespace ${String(namespace)} --metric-name ${String(metricName)}`;
    const [[key, value] = []] = Object.entries(dimensions as object);
    assert.equal(hold, `aws cloudwatch put-metric-data ${put} --dimensions ${key}=${value} --value 1`);
    assert.equal(release, hold.replace(/1$/, "0"));
  });

  it("tells people where Route 53 has its metrics, by a topic there", async () => {
    const own = named(registered, "shop-dns-out");
    assert.deepEqual([own["region"], own["alarmActions"]], ["us-east-1", ["arn:own-topic"]]);
    assert.deepEqual(own["dimensions"], { HealthCheckId: "shop-dns-check-id" });
    const abroad = (await deploy({ region: "us-east-1", role: "standby" }, { region: "eu-west-1" })).registered;
    const alarm = named(abroad, "shop-dns-out");
    assert.deepEqual(alarm["alarmActions"], ["arn:aws:::notifications-us-east-1-topic"]);
    const made = abroad.filter(
      ({ name, type }) => name.startsWith("notifications-us-east-1") && type.startsWith("aws:"),
    );
    assert.equal(made.length, 5);
    made.forEach(({ name, inputs }) => assert.equal(inputs["region"], "us-east-1", name));
  });

  it("tells nobody that a pilot light isn't lit", async () => {
    const { registered } = await deploy({ role: "standby", mode: "pilot-light" });
    assert.deepEqual(
      ofType(registered, ALARM).map(({ name }) => name),
      ["hold-alarm"],
    );
    assert.equal(ofType(registered, CHECK).length, 3);
  });
});
