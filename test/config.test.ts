import assert from "node:assert/strict";
import { parseConfig } from "../config";

const good = {
  network: { cidrBlock: "10.20.0.0/16", availabilityZones: ["us-east-1a", "us-east-1b"] },
  notifications: { emails: ["oncall@example.com"] },
  gateway: { flavour: "nat" },
};

/** The problems that a configuration is refused with, a line each. */
function problems(raw: Record<string, unknown>): string[] {
  try {
    parseConfig(raw, "test");
  } catch (error) {
    return (error as Error).message.split("\n").slice(1);
  }
  return [];
}

/** Expects exactly one problem, at a path, that says what was expected. */
function expectProblem(raw: Record<string, unknown>, path: string, expected: RegExp): void {
  const [first = "", ...others] = problems(raw);
  assert.deepEqual(others, []);
  assert.match(first, new RegExp(`^  nplusone:${path.replaceAll(".", "\\.")}: `));
  assert.match(first, expected);
}

describe("config", () => {
  it("accepts a good configuration and fills in defaults", () => {
    const { gateway, network } = parseConfig(good, "test");
    assert.equal(gateway?.instanceType, "t4g.small");
    assert.equal(network?.flowLogRetentionDays, 90);
  });

  it("takes an empty object for an absent one", () => {
    assert.equal(parseConfig({ ...good, gateway: {} }, "test").gateway, undefined);
    assert.deepEqual(parseConfig({ network: {}, notifications: {}, gateway: {} }, "test"), {});
  });

  it("refuses a single Availability Zone", () => {
    const network = { ...good.network, availabilityZones: ["us-east-1a"] };
    expectProblem({ ...good, network }, "network.availabilityZones", /at least 2/);
  });

  it("refuses a zone that is named twice", () => {
    const network = { ...good.network, availabilityZones: ["us-east-1a", "us-east-1b", "us-east-1a"] };
    expectProblem({ ...good, network }, "network.availabilityZones.2", /named twice/);
  });

  it("refuses subnets that overlap, and says which", () => {
    const subnetCidrBlocks = {
      public: ["10.20.0.0/24", "10.20.1.0/24"],
      private: ["10.20.2.0/24", "10.20.1.128/25"],
      isolated: ["10.20.4.0/24", "10.20.5.0/24"],
    };
    const network = { ...good.network, subnetCidrBlocks };
    expectProblem(
      { ...good, network },
      "network.subnetCidrBlocks.private.1",
      /10\.20\.1\.128\/25 overlaps .*public\.1/,
    );
  });

  it("refuses subnets outside the VPC, or too few of them", () => {
    const subnetCidrBlocks = { public: ["10.20.0.0/24"], private: ["10.21.0.0/24", "10.20.3.0/24"], isolated: [] };
    const found = problems({ ...good, network: { ...good.network, subnetCidrBlocks } });
    assert.equal(found.length, 3);
    assert.match(found.join("\n"), /subnetCidrBlocks\.private\.0: expected a range within/);
    assert.match(found.join("\n"), /subnetCidrBlocks\.isolated: expected one range a zone \(2\), not 0/);
  });

  it("refuses an unknown gateway flavour", () => {
    expectProblem({ ...good, gateway: { flavour: "router" } }, "gateway.flavour", /nat or squid/);
  });

  it("refuses squid without domains", () => {
    expectProblem({ ...good, gateway: { flavour: "squid" } }, "gateway.allowedDomains", /at least one domain/);
  });

  it("refuses a malformed e-mail address", () => {
    expectProblem({ ...good, notifications: { emails: ["oncall"] } }, "notifications.emails.0", /e-mail address/);
  });

  it("refuses an x86 instance type, since the image is arm64", () => {
    expectProblem({ ...good, gateway: { instanceType: "t3.small" } }, "gateway.instanceType", /Graviton/);
  });

  it("refuses a gateway without a network or somebody to tell", () => {
    const found = problems({ gateway: good.gateway });
    assert.deepEqual(
      found.map((p) => p.split(":")[1]),
      ["network", "notifications"],
    );
  });

  it("refuses keys that it doesn't know", () => {
    expectProblem({ ...good, gateway: { flavor: "nat" } }, "gateway", /flavor/);
  });

  it("lists every problem of a configuration at once", () => {
    const found = problems({
      network: { cidrBlock: "10.0.0.0/8", availabilityZones: ["us-east-1a"] },
      notifications: { emails: ["nobody"] },
      gateway: { flavour: "router" },
    });
    assert.deepEqual(
      found.map((p) => p.trim().split(": ")[0]),
      [
        "nplusone:network.availabilityZones",
        "nplusone:network.cidrBlock",
        "nplusone:notifications.emails.0",
        "nplusone:gateway.flavour",
      ],
    );
  });
});
