import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { Bus } from "../../local/bus/bus";
import { alarmState } from "../../local/bus/events";
import { RecoveryWorld } from "../../local/drills/recovery/world";
import { Clients } from "../../local/endpoint/clients";
import { DrillCall, DrillResult, NotPlayed } from "../../local/drills/drill";
import { DRILLS } from "../../local/drills/all";
import { StackResult } from "../../local/stacks/stacks";
import { unneededStatements } from "./unneeded";
import { bringUp, local, localJson, temporaryFolder } from "./up";

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

  it("changes nothing when it is previewed or comes up again", () => {
    for (const command of ["preview", "up"]) {
      const { stacks } = localJson<{ stacks: StackResult[] }>([command]).json;
      assert.equal(stacks.length, 2);
      for (const { stack, changes } of stacks) {
        assert.deepEqual(Object.keys(changes), ["same"], `${stack}: ${JSON.stringify(changes)}`);
        assert.ok((changes["same"] ?? 0) > 100);
      }
    }
  });

  describe("drills", () => {
    let results: DrillResult[] = [];
    let notPlayed: NotPlayed[] = [];
    before(() => {
      ({ drills: results, notPlayed } = localJson<{ drills: DrillResult[]; notPlayed: NotPlayed[] }>(["drill"]).json);
    });

    it("all hold in both stacks", () => {
      const failed = results.filter((d) => !d.passed);
      assert.deepEqual(
        failed.map((d) => [d.name, d.stack, d.expectations.filter((e) => !e.held)]),
        [],
      );
    });

    it("are all played, or said to lack something in a stack", () => {
      for (const stack of ["prod-us-east-1", "prod-eu-west-1"]) {
        const names = [...results, ...notPlayed].filter((d) => d.stack === stack).map((d) => d.name);
        assert.deepEqual(names.sort(), DRILLS.map((d) => d.name).sort());
      }
      const played = new Set(results.map((d) => d.name));
      const nowhere = notPlayed.filter((d) => !played.has(d.name) && !d.reason.startsWith("this machine"));
      assert.deepEqual(nowhere, [], "the tests' stacks have what every drill breaks");
    });

    it("are listed with what they do", () => {
      const { stdout, json } = localJson<{ drills: { name: string; description: string }[] }>(["drills"]);
      assert.deepEqual(
        json.drills.map((d) => d.name),
        DRILLS.map((d) => d.name),
      );
      for (const { name, description } of DRILLS) {
        assert.ok(stdout.includes(name) && stdout.includes(description.split(" ").slice(0, 3).join(" ")), name);
      }
    });

    it("read all there is to know before they write the first route", () => {
      const { calls } = results.find((d) => d.name === "gateway-planned-replacement") as DrillResult;
      const write = calls.find((c) => c.action === "ReplaceRoute");
      assert.ok(write);
      const isRead = ({ action }: DrillCall) => /^(Describe|GetMetricData)/.test(action);
      const before = calls.filter((c) => c.startMs < write.startMs);
      const during = calls.filter((c) => isRead(c) && c.startMs >= write.startMs && c.startMs < write.endMs);
      assert.ok(before.length > 0 && before.every(isRead));
      assert.deepEqual(during, []);
    });

    it("need every statement of every deployed role, but for what AWS's services do with a role by themselves", async () => {
      const clients = bringUp();
      await alarmTwice("prod-eu-west-1", "eu-west-1", clients);
      assert.deepEqual(await unneededStatements(clients), []);
    });
  });
});

/** An instance that was restarted fails again soon: only then its last execution is asked about, which no drill does. */
async function alarmTwice(stack: string, region: string, clients: Clients): Promise<void> {
  const world = await RecoveryWorld.find(stack, clients);
  const [instance] = world.instances;
  assert.ok(instance);
  await clients.endpoint.set({ world: world.failing(instance) }, region);
  for (const minute of ["10:00", "10:10"]) {
    await new Bus(region, clients).publish(alarmState(instance.alarm, "ALARM", `2026-11-21T${minute}:00.000Z`));
  }
  await clients.endpoint.set({}, region);
  await world.forget();
}

describe("bad input", () => {
  const refused = (args: string[], message: RegExp, env: NodeJS.ProcessEnv = {}) => {
    const { status, stderr } = local(args, process.cwd(), env);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /^\s+at /m, "no stack trace");
    assert.equal(status, 2);
  };

  it("an unknown drill", () =>
    refused(["drill", "gateway-melted"], /no drill gateway-melted: the drills are .*gateway-terminated/));
  it("an unknown stack", () =>
    refused(["preview", "--stack", "dev"], /no stack dev: the stacks are prod-eu-west-1, prod-us-east-1/));
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

  it("Python missing", () =>
    refused(["up"], /python3 was not found. python3 3.10 or newer is needed to run the AWS emulators/, {
      NPLUSONE_DIR: ".local/nothing",
      XDG_CACHE_HOME: cacheWithEngine(),
      PATH: temporaryFolder(),
    }));
  it("Go missing", () =>
    refused(["up"], /go was not found. go 1.24 or newer is needed to build the Pulumi engine/, {
      NPLUSONE_DIR: ".local/nothing",
      XDG_CACHE_HOME: temporaryFolder(),
      PULUMI_HOME: temporaryFolder(),
      PATH: temporaryFolder(),
    }));
});

/** A cache that has the engine but no emulators. */
function cacheWithEngine(): string {
  const cache = temporaryFolder();
  const own = join(
    process.env["XDG_CACHE_HOME"] ?? join(process.env["HOME"] ?? "", ".cache"),
    "nplusone",
    "pulumi-3.230.0",
  );
  cpSync(join(own, "bin"), join(cache, "nplusone", "pulumi-3.230.0", "bin"), { recursive: true });
  return cache;
}
