import assert from "node:assert/strict";
import { Dns } from "../../../../local/drills/dnsFailover/dns";
import { Scene } from "../../../../local/drills/dnsFailover/scene";

const OWN = { "us-east-1": "us-east-1.shop.example.com", "eu-west-1": "eu-west-1.shop.example.com" };
type Region = keyof typeof OWN;
const REGIONS = ["us-east-1", "eu-west-1"] as const;

const record = (region: Region, Failover: "PRIMARY" | "SECONDARY") => ({
  ...{ Name: "shop.example.com.", Type: "A" as const, SetIdentifier: region, Failover, HealthCheckId: region },
  AliasTarget: { DNSName: `${region}.Balancer.`, HostedZoneId: "Z1", EvaluateTargetHealth: false },
});
const shop = {
  domainName: "shop.example.com",
  records: [record("us-east-1", "PRIMARY"), record("eu-west-1", "SECONDARY")],
};
const scene = new Scene({
  names: [shop],
  checks: REGIONS.map((Id) => ({
    ...{ Id, CallerReference: Id, HealthCheckVersion: 1 },
    HealthCheckConfig: { Type: "HTTP", FullyQualifiedDomainName: OWN[Id], RequestInterval: 10, FailureThreshold: 3 },
  })),
  leadsTo: new Map(REGIONS.map((region) => [OWN[region], `${region}.balancer`])),
  regionOf: new Map(REGIONS.map((region) => [`${region}.balancer`, region])),
  alarms: [],
});

describe("Dns", () => {
  it("leads to the primary while neither answers, and to the standby once it does", () => {
    const answered = new Set<string>([OWN["us-east-1"]]);
    const asked = new Set<string>();
    const dns = new Dns(scene, (region, _, name) => {
      asked.add(`${region} by ${name}`);
      return answered.has(name);
    });
    dns.pass(600);
    assert.deepEqual(dns.answers(shop), ["us-east-1"]);
    answered.clear();
    assert.equal(dns.watch(600, shop), 0, "an unlit standby is no way out");
    assert.deepEqual(dns.answers(shop), ["us-east-1"]);
    answered.add(OWN["eu-west-1"]);
    const seconds = dns.until(() => dns.answers(shop).join() === "eu-west-1");
    assert.ok(seconds > 0 && seconds <= scene.noticedWithin(shop), `after ${seconds} s`);
    assert.deepEqual([...asked].sort(), REGIONS.map((region) => `${region} by ${OWN[region]}`).sort());
  });
});
