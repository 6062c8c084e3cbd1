import assert from "node:assert/strict";
import { parseConfig } from "../../config";
import { expectProblem, good, problems } from "./problems";

const partner = { role: "primary", stack: "other", region: "eu-west-1" };
const web = [{ name: "shop", requiredInstances: 2, application: { command: "/opt/shop/start" } }];
const zoneId = "Z0123456789ABCDEFGHIJ";
const shop = { name: "shop", domainName: "shop.example.com", zoneId, target: "shop" };
const config = (over: object = {}, others: object = {}) => ({
  ...good,
  ...{ partner, web },
  dnsFailover: [{ ...shop, ...over }],
  ...others,
});
const problem = (over: object, path: string, expected: RegExp, others: object = {}) =>
  expectProblem(config(over, others), `dnsFailover.0.${path}`, expected);

describe("the configuration of DNS failover", () => {
  it("is filled with defaults", () => {
    const [one] = parseConfig(config(), "test").dnsFailover ?? [];
    assert.deepEqual(one?.healthCheck, { path: "/healthz", intervalSeconds: 10, failureThreshold: 3 });
  });

  it("needs a partner", () => expectProblem(config({}, { partner: {} }), "partner", /because dnsFailover needs it/));

  it("names something behind the name that Route 53 can reach", () => {
    problem({ target: "api" }, "target", /there are shop\), not api/);
    const closed = [{ ...web[0], allowedCidrBlocks: ["203.0.113.0/24"] }];
    problem({}, "target", /admit 0\.0\.0\.0\/0/, { web: closed });
    const clusters = (over: object, entrance = {}) => [
      {
        name: "api",
        entrance,
        services: [{ name: "cart", image: `repo@sha256:${"a".repeat(64)}`, memoryMiB: 256, ...over }],
      },
    ];
    const target = { target: "api" };
    problem(target, "target", /api to have a public service/, { services: clusters({ public: false }) });
    const narrow = clusters({ public: true, rule: { paths: ["/*"] } }, { allowedCidrBlocks: ["203.0.113.0/24"] });
    problem(target, "target", /api to admit 0\.0\.0\.0\/0/, { services: narrow });
  });

  it("asks for a path that one of a cluster's services answers", () => {
    const cluster = (rule: object) => [
      {
        name: "api",
        services: [{ name: "cart", image: `repo@sha256:${"a".repeat(64)}`, memoryMiB: 256, public: true, rule }],
      },
    ];
    const refused = (rule: object) =>
      problem({ target: "api" }, "healthCheck.path", /a rule of api's public services has.*not \/healthz: .*404/, {
        services: cluster(rule),
      });
    refused({ paths: ["/cart", "/cart/*"] });
    refused({ paths: ["/health"] });
    refused({ paths: ["/h?"], hosts: ["*"] });
    refused({ hosts: ["shop.example.com"] });
    const fine = (rule: object, healthCheck = {}) =>
      assert.doesNotThrow(() =>
        parseConfig(config({ target: "api", healthCheck }, { services: cluster(rule) }), "test"),
      );
    fine({ paths: ["/*"] });
    fine({ paths: ["/cart", "/h*z"] });
    fine({ paths: ["/cart/*"] }, { path: "/cart/healthz" });
    fine({ paths: ["/healthz"] }, { path: "/healthz?by=route53" });
    fine({ hosts: ["*.shop.example.com"] });
    fine({ hosts: ["us-east-1.shop.example.com"], paths: ["/health?"] });
  });

  it("has no name that a tier makes a record for", () => {
    const named = [{ ...web[0], domainName: "shop.example.com", zoneId }];
    problem({}, "domainName", /another name than the domainName of shop/, { web: named });
  });

  it("refuses intervals that Route 53 doesn't have, and names given twice", () => {
    problem({ healthCheck: { intervalSeconds: 20 } }, "healthCheck.intervalSeconds", /10 or 30/);
    const twice = config({}, { dnsFailover: [shop, shop] });
    assert.deepEqual(
      problems(twice).map((line) => /dnsFailover\.1\.(\w+)/.exec(line)?.[1]),
      ["name", "domainName"],
    );
  });

  it("has its other half in the partner's file, in the same zone", () => {
    const says = (dnsFailover: unknown) => {
      const theirs = { role: "standby", stack: "test", region: "us-east-1" };
      const file = { "aws:region": "eu-west-1", "nplusone:partner": theirs, "nplusone:dnsFailover": dnsFailover };
      try {
        parseConfig(config(), "test", "us-east-1", () => file);
      } catch (error) {
        return (error as Error).message.split("\n").slice(1).join("\n");
      }
      return "";
    };
    assert.equal(says([shop]), "");
    assert.match(
      says(undefined),
      /dnsFailover\.0\.domainName: expected Pulumi\.other\.yaml to have shop\.example\.com too/,
    );
    assert.match(says([{ ...shop, zoneId: "Z9999999999" }]), /dnsFailover\.0\.zoneId: .* names .*, Z9999999999, not/);
  });
});
