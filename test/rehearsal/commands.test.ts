import { IAMClient, GetRolePolicyCommand, ListRolePoliciesCommand, ListRolesCommand } from "@aws-sdk/client-iam";
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DrillResult } from "../../local/drills/drill";
import { bringUp, local, localJson } from "./up";

interface Deployment {
  readonly deployment: { readonly resources: { readonly type: string; readonly urn: string }[] };
}

describe("the rehearsal", () => {
  before(bringUp);

  it("has both stacks up", () => {
    for (const stack of ["prod-us-east-1", "prod-eu-west-1"]) {
      const { status, stdout } = local(["export", "--stack", stack]);
      assert.equal(status, 0);
      const { resources } = (JSON.parse(stdout) as Deployment).deployment;
      const zones = resources.filter((r) => r.type === "nplusone:index:ZoneGateway");
      assert.equal(zones.length, 3);
    }
  });

  it("changes nothing when it comes up again, nor what is previewed", () => {
    assert.equal(local(["preview", "--stack", "prod-us-east-1"]).status, 0);
  });

  describe("drills", () => {
    let results: DrillResult[] = [];
    before(() => (results = localJson<{ drills: DrillResult[] }>(["drill"]).json.drills));

    it("all hold in both stacks", () => {
      const failed = results.filter((d) => !d.passed);
      assert.deepEqual(
        failed.map((d) => [d.name, d.stack, d.expectations.filter((e) => !e.held)]),
        [],
      );
      assert.ok(results.length >= 18);
    });

    it("read all there is to know before they write the first route", () => {
      const { calls } = results.find((d) => d.name === "gateway-planned-replacement") as DrillResult;
      const firstWrite = calls.findIndex((c) => c.action === "ReplaceRoute");
      const readsBefore = calls.slice(0, firstWrite);
      assert.ok(firstWrite > 0 && readsBefore.every((c) => c.action.startsWith("Describe")));
      assert.ok(
        calls
          .slice(firstWrite)
          .every((c) => !c.action.startsWith("Describe") || c.startMs > (calls[firstWrite]?.endMs ?? 0)),
      );
    });

    it("make only calls that the deployed roles permit", async () => {
      const iam = bringUp().make(IAMClient, "us-east-1");
      const { Roles = [] } = await iam.send(new ListRolesCommand({}));
      const permitted = new Set<string>();
      for (const { RoleName } of Roles.filter((r) => /failover|restore|relaunch|failback/.test(r.RoleName ?? ""))) {
        const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
        for (const PolicyName of PolicyNames) {
          const { PolicyDocument = "" } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
          const { Statement } = JSON.parse(decodeURIComponent(PolicyDocument)) as {
            Statement: { Action: string | string[] }[];
          };
          Statement.flatMap((s) => s.Action).forEach((action) => permitted.add(action));
        }
      }
      const made = new Set(results.flatMap((d) => d.calls.map((c) => `${c.service}:${c.action}`)));
      const missing = [...made].map((c) => c.replace(/^monitoring:/, "cloudwatch:")).filter((c) => !permitted.has(c));
      assert.deepEqual(missing, []);
      assert.ok(made.has("ec2:ReplaceRoute"));
    });
  });
});

describe("bad input", () => {
  const refused = (args: string[], message: RegExp, env: NodeJS.ProcessEnv = {}) => {
    const { status, stderr } = local(args, process.cwd(), env);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /^\s+at /m, "no stack trace");
    assert.equal(status, 2);
  };

  it("an unknown drill", () =>
    refused(["drill", "gateway-melted"], /no drill gateway-melted: the drills are gateway-terminated/));
  it("an unknown stack", () => refused(["preview", "--stack", "dev"], /no stack dev: the stacks are prod-us-east-1/));
  it("an unknown command", () => refused(["destroy"], /unknown command 'destroy'/));
  it("a drill with nothing up", () => refused(["drill"], /nothing is up/, { NPLUSONE_DIR: ".local/nothing" }));
  it("a port that is no port", () =>
    refused(["up"], /NPLUSONE_PORT is high, but must be a port/, {
      NPLUSONE_DIR: ".local/nothing",
      NPLUSONE_PORT: "high",
    }));

  it("a port in use", (done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      // The check connects, so the server has to stay responsive: run the command from a worker's point of view.
      const env = { NPLUSONE_DIR: ".local/nothing", NPLUSONE_PORT: String(port) };
      try {
        refused(["up"], new RegExp(`port ${port} on 127.0.0.1 is in use`), env);
        done();
      } catch (error) {
        done(error);
      } finally {
        server.close();
      }
    });
  });

  const elsewhere = () => mkdtempSync(join(tmpdir(), "nplusone-"));
  it("Python missing", () =>
    refused(["up"], /python3 was not found. python3 3.10 or newer is needed to run the AWS emulators/, {
      NPLUSONE_DIR: ".local/nothing",
      XDG_CACHE_HOME: cacheWithEngine(),
      PATH: elsewhere(),
    }));
  it("Go missing", () =>
    refused(["up"], /go was not found. go 1.24 or newer is needed to build the Pulumi engine/, {
      NPLUSONE_DIR: ".local/nothing",
      XDG_CACHE_HOME: elsewhere(),
      PULUMI_HOME: elsewhere(),
      PATH: elsewhere(),
    }));
});

/** A cache that has the engine but no emulators. */
function cacheWithEngine(): string {
  const cache = mkdtempSync(join(tmpdir(), "nplusone-"));
  const own = join(
    process.env["XDG_CACHE_HOME"] ?? join(process.env["HOME"] ?? "", ".cache"),
    "nplusone",
    "pulumi-3.230.0",
  );
  cpSync(join(own, "bin"), join(cache, "nplusone", "pulumi-3.230.0", "bin"), { recursive: true });
  return cache;
}

describe("a program broken on purpose", () => {
  const BREAKAGES = [
    {
      what: "a gateway only in one zone",
      file: "index.ts",
      from: "network.zones.map(",
      to: "network.zones.slice(0, 1).map(",
      rule: /private-subnets-use-own-zone-gateway[^]*gateways stand in 1 zone/,
    },
    {
      what: "a route at another zone's gateway",
      file: "index.ts",
      from: "routeTableIds: [zone.privateRouteTableId]",
      to: "routeTableIds: [(network.zones[(network.zones.indexOf(zone) + 1) % 3] ?? zone).privateRouteTableId]",
      rule: /private-subnets-use-own-zone-gateway[^]*leads to the gateway in/,
    },
    {
      what: "a missing restore target",
      file: "components/haGateway.ts",
      from: "    this.createRestore(gateways, settings);\n",
      to: "",
      rule: /gateways-fail-over-and-back[^]*no restore target/,
    },
  ];

  for (const { what, file, from, to, rule } of BREAKAGES) {
    it(`${what} fails the preview with the rule's name`, () => {
      const clone = copyOfProgram();
      const path = join(clone, file);
      const source = readFileSync(path, "utf8");
      assert.ok(source.includes(from), `${file} no longer has what the test breaks`);
      writeFileSync(path, source.replace(from, to));
      const { status, stderr } = local(["preview", "--stack", "prod-us-east-1"], clone);
      local(["down"], clone);
      assert.match(stderr, rule);
      assert.equal(status, 1);
    });
  }

  it("a configuration with several problems fails before anything is registered, and lists them all", () => {
    const clone = copyOfProgram();
    const path = join(clone, "Pulumi.prod-us-east-1.yaml");
    const file = readFileSync(path, "utf8");
    writeFileSync(
      path,
      file
        .replace(/availabilityZones: .*/, "availabilityZones: [us-east-1a]")
        .replace("flavour: nat", "flavour: router"),
    );
    const { status, stderr } = local(["preview", "--stack", "prod-us-east-1"], clone);
    local(["down"], clone);
    assert.match(stderr, /nplusone:network.availabilityZones: expected at least 2/);
    assert.match(stderr, /nplusone:gateway.flavour: expected nat or squid/);
    assert.doesNotMatch(stderr, /^\s+at /m);
    assert.notEqual(status, 0);
  });
});

/** A copy of the sources, to be broken. */
function copyOfProgram(): string {
  const clone = mkdtempSync(join(tmpdir(), "nplusone-"));
  const sources = [
    "index.ts",
    "config.ts",
    "package.json",
    "tsconfig.json",
    "Pulumi.yaml",
    "components",
    "lambdas",
    "policy",
    "local",
  ];
  for (const source of [...sources, "Pulumi.prod-us-east-1.yaml", "Pulumi.prod-eu-west-1.yaml"]) {
    cpSync(source, join(clone, source), { recursive: true });
  }
  symlinkSync(join(process.cwd(), "node_modules"), join(clone, "node_modules"));
  return clone;
}
