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
      assert.equal(results.length, 2 * 9 + 8 + 2 * 8);
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
      for (const { RoleName } of Roles.filter((r) =>
        /failover|restore|relaunch|failback|recovery/.test(r.RoleName ?? ""),
      )) {
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
      const permission = (call: string) =>
        call.replace(/^monitoring:/, "cloudwatch:").replace("dynamodb:TransactWriteItems", "dynamodb:UpdateItem");
      const missing = [...made].map(permission).filter((c) => !permitted.has(c));
      assert.deepEqual(missing, []);
      assert.ok(made.has("ec2:ReplaceRoute") && made.has("ec2:RebootInstances"));
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
      edits: [
        { file: "index.ts", from: "network.zones.map((zone) => ({", to: "network.zones.slice(0, 1).map((zone) => ({" },
      ],
      rules: [/private-subnets-use-own-zone-gateway[^]*gateways stand in 1 zone/],
    },
    {
      what: "a route at another zone's gateway",
      edits: [
        {
          file: "index.ts",
          from: "routeTableIds: [zone.privateRouteTableId]",
          to: "routeTableIds: [(network.zones[(network.zones.indexOf(zone) + 1) % 3] ?? zone).privateRouteTableId]",
        },
      ],
      rules: [/private-subnets-use-own-zone-gateway[^]*leads to the gateway in/],
    },
    {
      what: "a missing restore target, and a state machine that can fail or hang in silence",
      edits: [
        { file: "components/gateway/haGateway.ts", from: "    this.createRestore(gateways, settings);\n", to: "" },
        { file: "components/recovery/definition.ts", from: "Catch: [PAGE],", to: "Catch: []," },
        { file: "components/recovery/recoveryMachine.ts", from: 'level: "ERROR"', to: 'level: "OFF"' },
        { file: "components/recovery/recoveryMachine.ts", from: "alarmActions: [this.args.topicArn],", to: "" },
        {
          file: "components/recovery/recoveryTrigger.ts",
          from: "deadLetterConfig: { arn: args.machine.deadLetterQueueArn },",
          to: "",
        },
      ],
      rules: [
        /gateways-fail-over-and-back[^]*no restore target/,
        /state-machines-end-or-tell[^]*task FirstUrl has no Catch/,
        /state-machines-end-or-tell[^]*recovery-machine has no logs/,
        /state-machines-end-or-tell[^]*target recovery-reports-target has no dead-letter queue/,
        /alarms-are-heard[^]*alarm recovery-failed tells nobody/,
      ],
    },
  ];

  for (const { what, edits, rules } of BREAKAGES) {
    it(`${what} fails the preview with the rule's name`, () => {
      const clone = copyOfProgram();
      edits.forEach((edit) => change(clone, edit.file, edit.from, edit.to));
      const { status, stderr } = local(["preview", "--stack", "prod-us-east-1"], clone);
      local(["down"], clone);
      rules.forEach((rule) => assert.match(stderr, rule));
      assert.equal(status, 1);
    });
  }

  /** Replaces something in a file of a copy, and makes sure that it was there. */
  function change(clone: string, file: string, from: string, to: string): void {
    const path = join(clone, file);
    const source = readFileSync(path, "utf8");
    assert.ok(source.includes(from), `${file} no longer has what the test breaks`);
    writeFileSync(path, source.replace(from, to));
  }

  it("a configuration with several problems fails before anything is registered, and lists them all", () => {
    const clone = copyOfProgram();
    const file = "Pulumi.prod-us-east-1.yaml";
    change(clone, file, "[us-east-1a, us-east-1b, us-east-1c]", "[us-east-1a]");
    change(clone, file, "flavour: nat", "flavour: router");
    change(clone, file, "      teamId: 4513b7ea-3b91-438f-b7e4-e3e54af9147c\n", "");
    change(clone, file, "type: slack", "type: carrier-pigeon");
    const { status, stderr } = local(["preview", "--stack", "prod-us-east-1"], clone);
    local(["down"], clone);
    assert.match(stderr, /nplusone:network.availabilityZones: expected at least 2/);
    assert.match(stderr, /nplusone:gateway.flavour: expected nat or squid/);
    assert.match(stderr, /nplusone:recovery.pager.teamId: expected the id of the OpsGenie team/);
    assert.match(stderr, /nplusone:recovery.chat.type: expected type to be slack, webhook or sns/);
    assert.doesNotMatch(stderr, /^\s+at /m);
    assert.notEqual(status, 0);
  });

  it("an unknown pager and a Region without instances are told from each other, and from the rest", () => {
    const clone = copyOfProgram();
    const file = join(clone, "Pulumi.prod-eu-west-1.yaml");
    const text = readFileSync(file, "utf8").replace(/ {4}instances:[^]*? {4}chat:/, "    instances: []\n    chat:");
    writeFileSync(file, text);
    change(clone, "Pulumi.prod-eu-west-1.yaml", "type: pagerduty", "type: pigeon");
    const { status, stderr } = local(["preview", "--stack", "prod-eu-west-1"], clone);
    local(["down"], clone);
    assert.match(stderr, /Pulumi.prod-eu-west-1.yaml has 2 problem\(s\)/);
    assert.match(stderr, /recovery.instances: expected at least one instance: in a Region without any/);
    assert.match(stderr, /recovery.pager.type: expected type to be opsgenie, pagerduty or sns, not "pigeon"/);
    assert.notEqual(status, 0);
  });

  it("a configuration that names what AWS doesn't have fails as early, and as clearly", () => {
    const clone = copyOfProgram();
    const file = "Pulumi.prod-eu-west-1.yaml";
    const unknown = "ffffffff-6c21-4f97-8d3e-52a9b7c61f08";
    const landscape = "local/drills/recovery/landscape.ts";
    // The rehearsal makes what the files name: here it is kept from that.
    change(clone, landscape, "[i.healthCheckId, well]", '["", well]');
    change(clone, landscape, "await runInstance(ec2, tags);", "void tags;");
    change(clone, file, "0e4b8d5a-6c21-4f97-8d3e-52a9b7c61f08", unknown);
    const { status, stderr } = local(["preview", "--stack", "prod-eu-west-1"], clone);
    local(["down"], clone);
    assert.match(stderr, /Pulumi.prod-eu-west-1.yaml has 2 problem\(s\)/);
    assert.match(
      stderr,
      /recovery.instances.0.healthCheckId: expected a Route 53 health check that exists: .*NoSuchHealthCheck/,
    );
    assert.match(stderr, /recovery.instances.0.tags: expected exactly one instance in this Region, but 0 have/);
    assert.doesNotMatch(stderr, /^\s+at /m);
    assert.notEqual(status, 0);
  });

  it("a function that can't be serialized fails at once, and says which", () => {
    const clone = copyOfProgram();
    const file = "lambdas/recovery/checkSsh.ts";
    change(clone, file, "setTimeout(() => settle", "const timer = setTimeout(() => settle");
    change(clone, file, "socket.destroy();", "clearTimeout(timer); socket.destroy();");
    const { status, stderr } = local(["preview", "--stack", "prod-eu-west-1"], clone);
    local(["down"], clone);
    assert.match(stderr, /Error serializing[^]*checkSsh[^]*timer/);
    assert.equal(status, 1);
  });
});

/** A copy of the sources, to be broken. */
function copyOfProgram(): string {
  const clone = mkdtempSync(join(tmpdir(), "nplusone-"));
  const sources = [
    "index.ts",
    "config.ts",
    "config",
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
