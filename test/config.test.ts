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

describe("config of Outposts pairs", () => {
  const server = (digit: string, over: object = {}) => ({
    outpost: `op-${digit.repeat(17)}`,
    subnetIds: [`subnet-${digit.repeat(17)}`],
    capacity: { "c6id.large": 4 },
    ...over,
  });
  const app = (name: string, over: object = {}) => ({
    name,
    launchTemplate: { name: `lt-of-${name}` },
    instanceType: "c6id.large",
    count: 1,
    ...over,
  });
  const pair = { name: "store", source: "a", destination: "b", applications: [app("pos")] };
  const config = (over: object = {}, servers: object = {}) => ({
    ...good,
    outposts: { servers: { a: server("a"), b: server("b"), ...servers }, pairs: [{ ...pair, ...over }] },
  });

  it("accepts a pair and fills in what the published design has", () => {
    const [parsed] = parseConfig(config(), "test").outposts?.pairs ?? [];
    assert.deepEqual(
      [parsed?.mode, parsed?.failback, parsed?.alarm],
      ["active-passive", "notify", { periodSeconds: 60, evaluationPeriods: 3 }],
    );
  });
  it("refuses the same Outpost on both sides, by id or ARN", () => {
    const arn = `arn:aws:outposts:us-east-1:123456789012:outpost/op-${"a".repeat(17)}`;
    expectProblem(config({}, { b: server("b", { outpost: arn }) }), "outposts.pairs.0.destination", /another Outpost/);
  });
  it("refuses an empty list of applications", () =>
    expectProblem(config({ applications: [] }), "outposts.pairs.0.applications", /nothing to relaunch/));
  it("refuses a subnet that is not on the destination", () => {
    const applications = [app("pos", { destinationSubnetId: `subnet-${"a".repeat(17)}` })];
    expectProblem(
      config({ applications }),
      "outposts.pairs.0.applications.0.destinationSubnetId",
      /a subnet on the other server/,
    );
  });
  it("refuses an application and a launch template that are named twice", () => {
    const found = problems(config({ applications: [app("pos"), app("pos")] }));
    assert.match(found.join("\n"), /applications\.1\.name: .*pos is named twice/);
    assert.match(found.join("\n"), /applications\.1\.launchTemplate: .*lt-of-pos is named twice/);
  });
  it("refuses an instance type that the destination doesn't offer, and says which it does", () =>
    expectProblem(
      config({ applications: [app("pos", { instanceType: "c6id.metal" })] }),
      "outposts.pairs.0.applications.0.instanceType",
      /offers \(c6id.large\), not c6id.metal/,
    ));
  it("refuses a launch template by both id and name, or neither", () => {
    for (const launchTemplate of [{}, { id: "lt-1", name: "pos" }]) {
      const applications = [app("pos", { launchTemplate })];
      expectProblem(config({ applications }), "outposts.pairs.0.applications.0.launchTemplate", /an id or a name/);
    }
  });
  it("refuses an application at home on the destination of an active-passive pair", () =>
    expectProblem(
      config({ applications: [app("pos"), app("signage", { home: "destination" })] }),
      "outposts.pairs.0.applications.1.home",
      /active-active/,
    ));
  it("refuses servers that don't exist or have no subnet", () => {
    const found = problems(config({ source: "x" }, { b: server("b", { subnetIds: [] }) }));
    assert.match(found.join("\n"), /pairs\.0\.source: expected one of the servers \(a, b\), not x/);
    assert.match(found.join("\n"), /servers\.b: expected subnetIds on the server, or a subnet/);
  });
});
