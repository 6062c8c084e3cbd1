import assert from "node:assert/strict";
import { parseConfig } from "../../config";
import { expectProblem, good, problems } from "./problems";

const CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";
const tier = (over: object = {}) => ({
  name: "shop",
  requiredInstances: 2,
  application: { command: "/opt/shop/start" },
  ...over,
});
const config = (...tiers: object[]) => ({ ...good, web: tiers });

describe("web configuration", () => {
  it("accepts a minimal tier and fills in the defaults, among them the published thresholds", () => {
    const [web] = parseConfig(config(tier()), "test").web ?? [];
    assert.deepEqual(web?.scaling, {
      ...{ type: "steps", metric: "cpu", outAbovePercent: 75, inBelowPercent: 10 },
      ...{ periodSeconds: 60, outPeriods: 3, inPeriods: 15, notify: true },
    });
    assert.deepEqual(
      [web.application.port, web.application.healthCheckPath, web.instanceType, web.deletionProtection],
      [8080, "/healthz", "t4g.small", true],
    );
  });
  it("refuses a maximum or a minimum with which the loss of a zone would leave too few, and says how many it takes", () => {
    const why = /expected 4 or more, because 2 of them must be left when one of 2 zones is lost/;
    expectProblem(config(tier({ maxInstances: 3 })), "web.0.maxInstances", why);
    expectProblem(config(tier({ minInstances: 3 })), "web.0.minInstances", why);
  });
  it("refuses a minimum over the maximum", () =>
    expectProblem(
      config(tier({ minInstances: 8, maxInstances: 6 })),
      "web.0.maxInstances",
      /minInstances \(8\) or more/,
    ));
  it("refuses a certificate of another Region than the stack's", () => {
    const withCertificate = config(tier({ certificateArn: CERTIFICATE }));
    expectProblem(withCertificate, "web.0.certificateArn", /Region us-east-1, not of eu-west-1/, "us-east-1");
    assert.deepEqual(problems(withCertificate, "eu-west-1"), []);
  });
  it("refuses names and domains that two tiers share, and names of which no balancer could be called", () => {
    const site = { domainName: "shop.example.com", zoneId: "Z0123456789ABCDEFGHIJ" };
    const found = problems(config(tier(site), tier(site))).join("\n");
    assert.match(found, /web\.1\.name: expected each name once, but shop is named twice/);
    assert.match(found, /web\.1\.domainName: expected each domain once/);
    expectProblem(config(tier({ name: "a".repeat(21) })), "web.0.name", /20 characters or fewer/);
  });
  it("refuses a domain without its zone, and a zone without a domain", () => {
    expectProblem(config(tier({ domainName: "shop.example.com" })), "web.0.zoneId", /domainName alone/);
    expectProblem(config(tier({ zoneId: "Z0123456789ABCDEFGHIJ" })), "web.0.domainName", /zoneId alone/);
  });
  it("refuses a bastion for the whole Internet, in one range or in two halves, and one for nobody", () => {
    for (const range of ["0.0.0.0/0", "128.0.0.0/1"]) {
      const bastion = { allowedCidrBlocks: [range] };
      expectProblem(config(tier({ bastion })), "web.0.bastion.allowedCidrBlocks.0", /not for the whole Internet/);
    }
    const bastion = { allowedCidrBlocks: [] };
    expectProblem(config(tier({ bastion })), "web.0.bastion.allowedCidrBlocks", /nobody could reach/);
  });
  it("refuses thresholds between which it would scale out and in at once, and scaling of another kind", () => {
    const scaling = { type: "steps", outAbovePercent: 40, inBelowPercent: 40 };
    expectProblem(config(tier({ scaling })), "web.0.scaling.inBelowPercent", /less than outAbovePercent \(40\)/);
    expectProblem(config(tier({ scaling: { type: "guess" } })), "web.0.scaling.type", /not "guess"/);
  });
  it("refuses commands and variables that would break out of their line, and ports that need root", () => {
    const application = { command: "start\nExecStop=x", port: 80, environment: { A: "b\nc" } };
    const found = problems(config(tier({ application }))).join("\n");
    assert.match(found, /application\.command: expected a command on one line/);
    assert.match(found, /application\.environment\.A: expected a value on one line/);
    assert.match(found, /application\.port: expected 1024 or more/);
  });
  it("refuses a site or a bastion on ports that the network's ACLs keep closed", () => {
    const network = { ...good.network, networkAcls: { publicPorts: [443] } };
    const bastion = { allowedCidrBlocks: ["203.0.113.0/24"] };
    expectProblem({ ...config(tier({ bastion })), network }, "web.0", /expected 80 and 22 among .*publicPorts/);
    const open = { ...good.network, networkAcls: {} };
    assert.deepEqual(problems({ ...config(tier()), network: open }), []);
  });
  it("lists what is wrong with several tiers at once", () => {
    const found = problems(
      config(tier({ maxInstances: 3 }), tier({ name: "intern", certificateArn: CERTIFICATE })),
      "us-east-1",
    );
    assert.deepEqual(
      found.map((line) => line.trim().split(": ")[0]),
      ["nplusone:web.0.maxInstances", "nplusone:web.1.certificateArn"],
    );
  });
});
