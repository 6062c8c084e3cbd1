import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { DrillResult, NotPlayed } from "../../local/drills/drill";
import { StackResult } from "../../local/stacks/stacks";
import { local, localJson, temporaryFolder } from "./up";

type Config = Record<string, Record<string, unknown>>;

/** The configuration of one of the tests' own stacks, to be edited. */
function configOf(stack: string): Config {
  const { config } = parse(readFileSync(join("test", "stacks", `Pulumi.${stack}.yaml`), "utf8")) as { config: Config };
  return config;
}

/** A rehearsal of stack files with these texts, beside the tests' own, and the environment in which to run its commands. */
function rehearsalOf(files: Record<string, string>): NodeJS.ProcessEnv {
  const folder = temporaryFolder();
  const stacks = join(folder, "stacks");
  mkdirSync(stacks);
  for (const [stack, text] of Object.entries(files)) {
    writeFileSync(join(stacks, `Pulumi.${stack}.yaml`), text);
  }
  return { NPLUSONE_STACKS: stacks, NPLUSONE_DIR: join(folder, "rehearsal") };
}

interface Started {
  readonly stacks: StackResult[];
  readonly drills: DrillResult[];
  readonly notPlayed: NotPlayed[];
}

/** Rehearses stack files from nothing to nothing, and expects every drill that is played to hold. */
function start(files: Record<string, string>, environment: NodeJS.ProcessEnv = {}): Started & { stderr: string } {
  const { status, stderr, json } = localJson<Started>(["start"], { ...rehearsalOf(files), ...environment });
  assert.deepEqual([status, json.drills.filter((d) => !d.passed).map((d) => [d.name, d.stack])], [0, []], stderr);
  return { ...json, stderr };
}

/** What the Pulumi CLI adds to a stack's file for its own backend, and what only that backend can decrypt. */
const FROM_THE_CLI = {
  secretsprovider: "awskms://alias/pulumi",
  encryptedkey: "AQICAHh",
  encryptionsalt: "v1:b2xk:v1:c2FsdA",
  environment: ["shared"],
};

/** An AWS set-up that isn't there, another Region's, a dead proxy, and another Pulumi backend. */
const HOSTILE = {
  AWS_PROFILE: "nobody",
  AWS_REGION: "eu-central-1",
  AWS_DEFAULT_REGION: "eu-central-1",
  AWS_CONFIG_FILE: "/nowhere/config",
  AWS_SHARED_CREDENTIALS_FILE: "/nowhere/credentials",
  AWS_CA_BUNDLE: "/nowhere/ca.pem",
  AWS_ENDPOINT_URL: "http://127.0.0.1:9",
  AWS_USE_FIPS_ENDPOINT: "true",
  HTTP_PROXY: "http://127.0.0.1:9",
  HTTPS_PROXY: "http://127.0.0.1:9",
  http_proxy: "http://127.0.0.1:9",
  https_proxy: "http://127.0.0.1:9",
  PULUMI_BACKEND_URL: "https://127.0.0.1:9",
  PULUMI_CONFIG_PASSPHRASE: "other",
  PULUMI_STACK: "other",
};

describe("stack files of the user's own", () => {
  it("are rehearsed with other names, ids instead of tags and names, two zones, and what the Pulumi CLI adds", () => {
    const config = configOf("prod-us-east-1");
    const region = "ap-southeast-2";
    const zones = [`${region}a`, `${region}c`];
    const server = (digit: string) => ({
      outpost: `op-${digit.repeat(17)}`,
      subnetIds: [`subnet-${digit.repeat(17)}`],
      capacity: { "m5.large": 4 },
    });
    const own = {
      "aws:region": region,
      "aws:profile": "nobody",
      "other:token": { secure: "v1:AAAA:BBBB" },
      "nplusone:network": { cidrBlock: "10.40.0.0/16", availabilityZones: zones },
      "nplusone:notifications": { emails: ["sre@example.com", { secure: "v1:CCCC:DDDD" }] },
      "nplusone:gateway": { ...config["nplusone:gateway"], flavour: "squid", allowedDomains: [".example.com"] },
      "nplusone:outposts": {
        servers: { left: server("a"), right: server("b") },
        pairs: [
          {
            name: "tills",
            source: "left",
            destination: "right",
            applications: [
              {
                name: "till",
                launchTemplate: { id: "lt-0123456789abcdef0", version: "3" },
                instanceType: "m5.large",
                count: 2,
                destinationSubnetId: server("b").subnetIds[0],
              },
            ],
          },
        ],
      },
      "nplusone:recovery": {
        instances: [
          {
            name: "erp",
            instanceId: "i-0123456789abcdef0",
            url: "https://erp.example.com/health",
            healthCheckId: "0e4b8d5a-6c21-4f97-8d3e-52a9b7c61f08",
          },
        ],
        subnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
        chat: { type: "webhook", secretArn: `arn:aws:secretsmanager:${region}:111122223333:secret:chat-AbCdEf` },
      },
    };
    const only = ["nplusone:network", "nplusone:notifications", "nplusone:gateway", "aws:region"];
    const { stacks, drills, notPlayed, stderr } = start(
      {
        [`shop-${region}`]: stringify({ ...FROM_THE_CLI, config: own }),
        // Only a gateway, in as many zones as a stack can have; JSON is YAML, too.
        "six-zones": JSON.stringify({
          config: {
            ...Object.fromEntries(Object.entries(config).filter(([key]) => only.includes(key))),
            "nplusone:network": {
              cidrBlock: "10.50.0.0/16",
              availabilityZones: ["b", "a", "f", "c", "d", "e"].map((letter) => `us-east-1${letter}`),
            },
          },
        }),
      },
      HOSTILE,
    );
    assert.deepEqual(
      stacks.map((s) => [s.stack, s.region]),
      [
        [`shop-${region}`, region],
        ["six-zones", "us-east-1"],
      ],
    );
    const systems = (of: string) => new Set(drills.filter((d) => d.stack === of).map((d) => d.system));
    assert.deepEqual([...systems(`shop-${region}`)], ["gateway", "outposts", "recovery"]);
    assert.deepEqual([...systems("six-zones")], ["gateway"]);
    const reason = (name: string, stack: string) =>
      notPlayed.find((n) => n.name === name && n.stack === stack)?.reason ?? "it was played";
    assert.equal(reason("gateways-two-of-three-down", `shop-${region}`), "the stack has no third zone");
    assert.equal(reason("gateways-two-of-three-down", "six-zones"), "it was played");
    assert.equal(reason("outpost-disconnected", "six-zones"), "the stack has no nplusone:outposts");
    assert.equal(reason("recovery-pager-down", `shop-${region}`), "the stack has no pager but its topic");
    assert.match(stderr, /rehearsed without what is encrypted there: other:token, nplusone:notifications.emails.1/);
  });

  it("that share a Region are rehearsed one after the other", () => {
    const config = configOf("prod-us-east-1");
    const gateway = (cidrBlock: string) =>
      stringify({
        config: {
          "aws:region": "us-west-2",
          "nplusone:network": { cidrBlock, availabilityZones: ["us-west-2a", "us-west-2b"] },
          "nplusone:notifications": config["nplusone:notifications"],
          "nplusone:gateway": { cloudTrail: "existing" },
        },
      });
    const { stacks, drills } = start({ blue: gateway("10.1.0.0/16"), green: gateway("10.2.0.0/16") });
    assert.deepEqual(
      stacks.map((s) => s.stack),
      ["blue", "green"],
    );
    const played = (stack: string) => drills.filter((d) => d.stack === stack).map((d) => d.name);
    assert.ok(played("blue").length > 5);
    assert.deepEqual(played("blue"), played("green"));
  });

  it("that are a primary and its pilot light are rehearsed with the light out, lit, and out again", () => {
    const of = configOf("prod-us-east-1");
    const half = (role: string, region: string, partner: { stack: string; region: string }, cidrBlock: string) =>
      stringify({
        config: {
          "aws:region": region,
          "nplusone:network": { cidrBlock, availabilityZones: [`${region}a`, `${region}b`] },
          "nplusone:notifications": of["nplusone:notifications"],
          "nplusone:partner": { role, ...partner, mode: "pilot-light" },
          "nplusone:services": [
            {
              name: "market",
              services: [
                { name: "site", image: ":1.0.0", public: true, rule: { paths: ["/*"] } },
                { name: "prices", image: ":2.0.1" },
              ],
            },
          ],
          "nplusone:dnsFailover": [
            { name: "site", domainName: "shop.example.com", zoneId: "Z0123456789ABCDEFGHIJ", target: "market" },
          ],
        },
      });
    const { drills, notPlayed } = start({
      first: half("primary", "us-west-2", { stack: "second", region: "eu-west-1" }, "10.1.0.0/16"),
      second: half("standby", "eu-west-1", { stack: "first", region: "us-west-2" }, "10.2.0.0/16"),
    });
    const expected = drills.find((d) => d.name === "region-lost")?.expectations.map(({ what }) => what) ?? [];
    const inOrder = [
      "shop.example.com leads to us-west-2 as long as second isn't lit",
      'nplusone-second-market-light can be told {"light":"on"}',
      "every service of market has as many healthy tasks as it is to have",
      "shop.example.com leads to eu-west-1 within 40 s",
      'nplusone-second-market-light can be told {"light":"off"}',
    ].map((what) => expected.indexOf(what));
    assert.ok(!inOrder.includes(-1), expected.join("\n"));
    assert.deepEqual(
      inOrder,
      [...inOrder].sort((a, b) => a - b),
    );
    assert.ok(drills.some((d) => d.name === "region-returns"));
    assert.ok(drills.some((d) => d.stack === "first" && d.system === "services"));
    const reasons = notPlayed.filter((n) => n.stack === "second" && n.system === "services").map((n) => n.reason);
    assert.match([...new Set(reasons)].join(), /^the stack has no tasks until it is lit[^,]*$/);
  });

  describe("with problems", () => {
    const refused = (text: string, message: RegExp) => {
      const { status, stderr } = local(["preview"], process.cwd(), rehearsalOf({ mine: text }));
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /^\s+at /m, "no stack trace");
      assert.equal(status, 2);
    };

    it("say so: no YAML", () => refused("config: {", /Pulumi.mine.yaml is no YAML: .* at line \d/));
    it("say so: no Region", () => refused("config: {}", /Pulumi.mine.yaml names no Region: add `aws:region`/));
    it("say so: an empty file", () => refused("", /Pulumi.mine.yaml names no Region/));
    it("say so: a standby without its primary, and whatever else is wrong", () => {
      const partner = { role: "standby", stack: "theirs", region: "us-east-1" };
      const text = stringify({
        config: { "aws:region": "eu-west-1", "nplusone:partner": partner, "nplusone:tags": { team: 1 } },
      });
      const environment = rehearsalOf({ mine: text });
      const { status, stderr } = local(["preview"], process.cwd(), environment);
      // The program itself said so, for which the emulators had to be there.
      local(["down"], process.cwd(), environment);
      assert.match(stderr, /Pulumi\.mine\.yaml has 2 problem\(s\):/);
      assert.match(
        stderr,
        /partner\.stack: expected Pulumi\.theirs\.yaml beside Pulumi\.yaml: a standby needs a primary/,
      );
      assert.equal(status, 1);
    });
    it("say so: no files", () => {
      const { status, stderr } = local(["preview"], process.cwd(), rehearsalOf({}));
      assert.match(stderr, /there is no stack to rehearse: .* has no file Pulumi.NAME.yaml/);
      assert.equal(status, 2);
    });
  });
});
