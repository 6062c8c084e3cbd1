import assert from "node:assert/strict";
import { parseConfig } from "../../config";
import { expectProblem, good, problems } from "./problems";

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

  it("takes an empty list for an absent one", () => {
    assert.equal(parseConfig({ ...good, web: [] }, "test").web, undefined);
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

  it("refuses hosts that can't prove a gateway's forwarding", () => {
    const problem = (proofTargets: unknown, path: string, message: RegExp) =>
      expectProblem({ ...good, gateway: { proofTargets } }, path, message);
    problem(["checkip.amazonaws.com"], "gateway.proofTargets", /2 or more/);
    problem(["1.1.1.1", "1.1.1.1"], "gateway.proofTargets", /each host once/);
    problem(["1.1.1.1", "https://example.com/"], "gateway.proofTargets.1", /host name or an IPv4 address/);
    problem(["1.1.1.1", "$(reboot).com"], "gateway.proofTargets.1", /host name or an IPv4 address/);
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

describe("recovery configuration", () => {
  const uuid = (digit: string) => `${digit.repeat(8)}-${digit.repeat(4)}-4000-8000-${digit.repeat(12)}`;
  const secretArn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:nplusone/token-AbCdEf";
  const instance = (name: string, digit: string, over: object = {}) => ({
    name,
    tags: { Name: name },
    url: "https://app.example.com/",
    healthCheckId: uuid(digit),
    ...over,
  });
  const config = (over: object = {}) => ({ ...good, recovery: { instances: [instance("a", "1")], ...over } });
  const OPSGENIE = { type: "opsgenie", region: "eu", teamId: uuid("9"), secretArn };

  it("accepts a minimal configuration and fills in the defaults", () => {
    const { recovery } = parseConfig(config(), "test");
    assert.deepEqual(recovery?.alarm, {
      thresholdPercent: 95,
      periodSeconds: 60,
      evaluationPeriods: 3,
      datapointsToAlarm: 3,
    });
    assert.deepEqual(recovery.restart, { deadlineSeconds: 600, warmUpSeconds: 60, cooldownMinutes: 60 });
    assert.deepEqual([recovery.chat, recovery.pager], [{ type: "sns" }, { type: "sns" }]);
    assert.deepEqual(recovery.instances[0]?.ssh, { port: 22 });
  });
  it("refuses a Region without instances", () =>
    expectProblem(config({ instances: [] }), "recovery.instances", /leave nplusone:recovery out/));
  it("refuses a lone subnet for the SSH check", () =>
    expectProblem(config({ subnetIds: ["subnet-0a1b2c3d4e5f60718"] }), "recovery.subnetIds", /two or more zones/));
  it("refuses an unknown pager or chat, and says which there are", () => {
    expectProblem(
      config({ pager: { type: "pigeon" } }),
      "recovery.pager.type",
      /opsgenie, pagerduty or sns, not "pigeon"/,
    );
    expectProblem(config({ chat: { type: "irc" } }), "recovery.chat.type", /slack, webhook or sns, not "irc"/);
    expectProblem(config({ pager: {} }), "recovery.pager.type", /not absent/);
  });
  it("refuses a missing team id, and one that is none", () => {
    const { teamId: _, ...withoutTeam } = OPSGENIE;
    expectProblem(config({ pager: withoutTeam }), "recovery.pager.teamId", /id of the OpsGenie team that is paged/);
    expectProblem(config({ pager: { ...OPSGENIE, teamId: "sre" } }), "recovery.pager.teamId", /team .*, a UUID/);
  });
  it("refuses a secret in the place of its ARN, and doesn't repeat it", () => {
    const [problem = ""] = problems(config({ pager: { ...OPSGENIE, secretArn: "xoxb-my-token" } }));
    assert.match(problem, /recovery\.pager\.secretArn: expected the ARN of a Secrets Manager secret/);
    assert.doesNotMatch(problem, /xoxb/);
  });
  it("refuses an instance that is named by both id and tags, or neither", () => {
    for (const over of [{ tags: undefined }, { tags: {} }, { instanceId: "i-0123456789abcdef0" }]) {
      expectProblem(
        config({ instances: [instance("a", "1", over)] }),
        "recovery.instances.0",
        /either instanceId or tags/,
      );
    }
  });
  it("refuses a health check, a name or an instance that two share", () => {
    const twice = [instance("a", "1"), instance("a", "1")];
    const found = problems(config({ instances: twice })).join("\n");
    assert.match(found, /instances\.1\.name: expected each name once, but a is named twice/);
    assert.match(found, /instances\.1\.healthCheckId: expected each health check once/);
  });
  it("refuses a group that is not there, and one of which none could ever be restarted", () => {
    const found = problems(config({ instances: [instance("a", "1", { group: "web" })] })).join("\n");
    assert.match(found, /instances\.0\.group: expected one of the groups \(none are\), not web/);
    const pair = [instance("a", "1", { group: "web" }), instance("b", "2", { group: "web" })];
    const groups = (minHealthyPercentage: number) => ({ web: { minHealthyPercentage } });
    assert.deepEqual(problems(config({ instances: pair, groups: groups(50) })), []);
    expectProblem(
      config({ instances: pair, groups: groups(51) }),
      "recovery.groups.web.minHealthyPercentage",
      /lets one of the group's 2 instance\(s\) be restarted, not 51 %/,
    );
  });
  it("refuses more data points than are evaluated, and parts of minutes", () => {
    expectProblem(config({ alarm: { datapointsToAlarm: 4 } }), "recovery.alarm.datapointsToAlarm", /or fewer/);
    expectProblem(config({ alarm: { periodSeconds: 90 } }), "recovery.alarm.periodSeconds", /whole minutes/);
  });
  it("refuses a URL with a password, which would be readable in the code", () => {
    const instances = [instance("a", "1", { url: "https://me:pass@app.example.com/" })];
    expectProblem(config({ instances }), "recovery.instances.0.url", /without user and password/);
  });
  it("refuses a URL of another protocol, and a port that is none", () => {
    const instances = [instance("a", "1", { url: "ftp://app.example.com/", ssh: { port: 70000 } })];
    const found = problems(config({ instances })).join("\n");
    assert.match(found, /instances\.0\.url: expected a URL such as https/);
    assert.match(found, /instances\.0\.ssh\.port/);
  });
});
