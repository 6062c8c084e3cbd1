import assert from "node:assert/strict";
import fc from "fast-check";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { createServer, Server } from "node:http";
import { join } from "node:path";
import { Application, ApplicationDatabase, applicationScript } from "../../../components/web/applicationScript";
import { bastionScript } from "../../../components/web/bastionScript";
import { WORK } from "../../../local/common/paths";
import { BootResult, runUserData } from "../../../local/drills/web/boot/boot";

const APPLICATION: Application = { command: "/opt/shop/start --fast", port: 8080, environment: { LOG_LEVEL: "info" } };
const DATABASE: ApplicationDatabase = {
  ...{ engine: "postgres", host: "orders.example.com", port: 5432, name: "orders" },
  secretArn: "arn:aws:secretsmanager:us-east-1:123456789012:secret:orders",
};
const SECRET = '{"username":"app","password":"a \\"quoted\\" $word"}';

/** Boots an instance's user data. */
function boot(script: string, over: { secret?: string; endpointUrl?: string } = {}): Promise<BootResult> {
  mkdirSync(join(WORK, "tmp"), { recursive: true });
  return runUserData(script, {
    instanceId: "i-1",
    accessKeyId: "AKIAINSTANCE",
    endpointUrl: "http://127.0.0.1:1",
    ...over,
  });
}
const script = (application: Partial<Application> = {}, database?: ApplicationDatabase) =>
  applicationScript({ region: "us-east-1", application: { ...APPLICATION, ...application }, database });
const read = ({ root }: BootResult, path: string) => readFileSync(join(root, path), "utf8");

describe("the user data of a tier's instances", () => {
  it("makes the application a service that starts at every boot and whenever it ends, but not as root", async () => {
    const booted = await boot(script());
    assert.equal(booted.exitCode, 0, booted.output);
    assert.ok(booted.journal.includes("systemctl enable nplusone-application.service"));
    assert.ok(booted.journal.includes("systemctl start --no-block nplusone-application.service"));
    const unit = read(booted, "etc/systemd/system/nplusone-application.service");
    assert.match(unit, /^ExecStart=.*\/opt\/shop\/start --fast$/m);
    assert.match(unit, /^Restart=always$/m);
    assert.match(unit, /^WantedBy=multi-user\.target$/m);
    assert.match(unit, /^User=nplusone-app$/m);
    assert.ok(booted.journal.some((line) => line.startsWith("useradd") && line.endsWith("nplusone-app")));
  });

  it("sets the instance up before the application starts, and doesn't start it if that fails", async () => {
    const good = await boot(script({ setUp: "dnf install -y nodejs22" }));
    const [setUp, start] = ["dnf install -y nodejs22", "systemctl start --no-block nplusone-application.service"].map(
      (line) => good.journal.indexOf(line),
    );
    assert.ok(setUp !== undefined && start !== undefined && setUp >= 0 && setUp < start, good.journal.join("\n"));
    const bad = await boot(script({ setUp: "false\ndnf install -y nodejs22" }));
    assert.notEqual(bad.exitCode, 0);
    assert.ok(!bad.journal.some((line) => line.startsWith("systemctl start") || line.startsWith("dnf")));
  });

  it("keeps no instance out of service for want of the CloudWatch agent, and says so", async () => {
    const booted = await boot(script());
    assert.equal(booted.exitCode, 0);
    assert.ok(booted.journal.includes("dnf install -y amazon-cloudwatch-agent"));
    assert.match(booted.output, /memory and disk are not watched/);
    const { metrics } = JSON.parse(read(booted, "opt/nplusone/cloudwatch-agent.json")) as {
      metrics: { aggregation_dimensions: string[][] };
    };
    assert.deepEqual(metrics.aggregation_dimensions, [["AutoScalingGroupName"]]);
  });

  it("writes variables that say what they were, whatever is in them", () => {
    const value = fc.string({ unit: fc.constantFrom(..."ab \"'\\$`#;&|(){}!~*?<>%=é"), minLength: 1 });
    fc.assert(
      fc.property(value, (given) => {
        const text = script({ environment: { GIVEN: given } });
        const line = /^GIVEN=.*$/m.exec(text)?.[0] ?? "";
        // systemd and the shell read double quotes alike.
        const { stdout } = spawnSync("/bin/bash", ["-c", `${line}; printf %s "$GIVEN"`], { encoding: "utf8" });
        assert.equal(stdout, given);
      }),
      { numRuns: 50 },
    );
  });

  it("keeps the database's password in memory, where only the application reads it, and out of the user data", async () => {
    const text = script({}, DATABASE);
    assert.ok(!text.includes('password":'));
    const booted = await boot(text, { secret: SECRET });
    assert.equal(booted.exitCode, 0, booted.output);
    assert.equal(read(booted, "run/nplusone/database.json").trim(), SECRET);
    assert.equal(statSync(join(booted.root, "run/nplusone/database.json")).mode & 0o077, 0);
    assert.ok(booted.journal.some((line) => line.startsWith("chown nplusone-app ")));
    assert.ok(booted.journal.some((line) => line.includes(`--secret-id ${DATABASE.secretArn} `)));
    assert.match(read(booted, "etc/nplusone/application.env"), /^DATABASE_HOST="orders\.example\.com"$/m);
    const timer = read(booted, "etc/systemd/system/nplusone-secret.timer");
    assert.match(timer, /^OnUnitActiveSec=60$/m);
  });

  it("doesn't start the application without a secret, but goes on with the last one", async () => {
    const without = await boot(script({}, DATABASE));
    assert.equal(existsSync(join(without.root, "application.pid")), false);
    const before = await boot(script({}, DATABASE), { secret: SECRET });
    assert.equal(existsSync(join(before.root, "application.pid")), true);
    const program = join(before.root, "opt/nplusone/secret");
    const env = { PATH: join(process.cwd(), "local/drills/web/boot/bin"), BOOT_DIR: before.root, BOOT_SECRET: "" };
    assert.equal(spawnSync(program, { env }).status, 0);
    assert.equal(read(before, "run/nplusone/database.json").trim(), SECRET);
  });

  it("is refused if it is longer than EC2 takes", () => {
    assert.throws(
      () => script({ setUp: "#".repeat(16 * 1024) }),
      /EC2 takes 16384: move parts of setUp into the image/,
    );
  });
});

describe("the user data of a bastion", () => {
  let server: Server;
  let endpointUrl = "";
  const asked: string[] = [];
  before((done) => {
    server = createServer((request, response) => {
      request.on("data", (chunk: Buffer) => asked.push(chunk.toString()));
      request.on("end", () => response.writeHead(200).end());
    }).listen(0, "127.0.0.1", () => {
      endpointUrl = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
      done();
    });
  });
  after(() => server.close());
  const bastion = bastionScript({ region: "us-east-1", allocationId: "eipalloc-1" });

  it("takes the bastion's address, whoever has it", async () => {
    const booted = await boot(bastion, { endpointUrl });
    assert.equal(booted.exitCode, 0, booted.output);
    const body = new URLSearchParams(asked.join(""));
    assert.deepEqual(
      ["Action", "AllocationId", "InstanceId", "AllowReassociation"].map((name) => body.get(name)),
      ["AssociateAddress", "eipalloc-1", "i-1", "true"],
    );
  });
  it("tries until it has it, at every boot", async () => {
    const unit = read(await boot(bastion, { endpointUrl }), "etc/systemd/system/nplusone-address.service");
    assert.match(unit, /^Restart=on-failure$/m);
    assert.match(unit, /^WantedBy=multi-user\.target$/m);
  });
  it("admits keys only and leads on only; settings that sshd would refuse are found before it is restarted", async () => {
    const booted = await boot(bastion, { endpointUrl });
    const settings = read(booted, "etc/ssh/sshd_config.d/00-nplusone.conf");
    for (const setting of [
      "PermitRootLogin no",
      "PasswordAuthentication no",
      "AllowAgentForwarding no",
      "X11Forwarding no",
    ]) {
      assert.ok(settings.includes(`${setting}\n`), setting);
    }
    assert.ok(booted.journal.indexOf("sshd -t") < booted.journal.indexOf("systemctl restart sshd"));
  });
});
