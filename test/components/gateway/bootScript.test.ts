import assert from "node:assert/strict";
import fc from "fast-check";
import { mkdirSync } from "node:fs";
import { createServer, Server } from "node:http";
import { join } from "node:path";
import { bootScript } from "../../../components/gateway/bootScript";
import { BootScriptArgs, GatewayFlavour } from "../../../components/gateway/boot/settings";
import { BootResult, runBootScript } from "../../../local/drills/gateway/boot/boot";
import { WORK } from "../../../local/common/paths";

describe("the gateway's boot script", () => {
  let server: Server;
  let endpointUrl = "";
  /** Statuses that the AWS endpoint answers attach calls with, one after the other; then 200. */
  let refusals: number[] = [];

  before((done) => {
    mkdirSync(join(WORK, "tmp"), { recursive: true });
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        const status = body.includes("AttachNetworkInterface") ? (refusals.shift() ?? 200) : 200;
        response.writeHead(status).end();
      });
    }).listen(0, "127.0.0.1", () => {
      endpointUrl = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
      done();
    });
  });
  after(() => server.close());

  const script = (flavour: GatewayFlavour, args: Partial<BootScriptArgs> = {}) =>
    bootScript({
      flavour,
      region: "us-east-1",
      vpcCidrBlock: "10.20.0.0/16",
      networkInterfaceId: "eni-1",
      autoScalingGroupName: "group",
      launchHookName: "hook",
      gateway: "gateway",
      availabilityZone: "us-east-1a",
      metricNamespace: "nplusone/Gateway",
      allowedDomains: [".example.com"],
      imageIsBaked: false,
      proofTargets: ["checkip.example.com", "192.0.2.1", "192.0.2.2"],
      ...args,
    });
  const boot = (flavour: GatewayFlavour, noWayOut = false): Promise<BootResult> => run(script(flavour), noWayOut);
  const run = (text: string, noWayOut = false): Promise<BootResult> =>
    runBootScript(text, {
      instanceId: "i-1",
      networkInterfaceId: "eni-1",
      accessKeyId: "any",
      endpointUrl,
      noWayOut,
    });
  const order = ({ journal }: BootResult, ...commands: RegExp[]) =>
    commands.map((c) => journal.findIndex((line) => c.test(line)));

  for (const flavour of ["nat", "squid"] as const) {
    it(`${flavour}: attaches, owns its interface, forwards, proves it, and only then completes the launch`, async () => {
      const result = await boot(flavour);
      const steps = order(
        result,
        /^dnf install -y nftables/,
        /^systemctl start nplusone-gateway.service/,
        /^aws ec2 attach-network-interface --network-interface-id eni-1 --instance-id i-1 --device-index 1/,
        /^systemctl mask --now refresh-policy-routes@ens6.timer .*policy-routes@ens6.service/,
        /^tee \/etc\/systemd\/network\/10-nplusone.network/,
        /^networkctl reload/,
        /^sysctl -q -p/,
        /^nft -f/,
        /^ip netns exec probe curl .*https:\/\/checkip.example.com\/$/,
        /^systemctl start nplusone-watchdog.timer/,
        /^aws autoscaling complete-lifecycle-action .*--lifecycle-action-result CONTINUE$/,
      );
      assert.ok(!steps.includes(-1), `a step is missing: ${steps.join(", ")}\n${result.output}`);
      assert.deepEqual(
        steps,
        [...steps].sort((a, b) => a - b),
      );
      assert.equal(result.lifecycleResult, "CONTINUE");
    });

    it(`${flavour}: says in the zone's metric that it forwards`, async () => {
      const [put = -1] = order(await boot(flavour), /^aws cloudwatch put-metric-data .*Forwarding .*--value 1$/);
      assert.ok(put >= 0);
    });

    it(`${flavour}: a baked image is asked for its programs, and no package mirror for any`, async () => {
      const { journal, lifecycleResult } = await run(script(flavour, { imageIsBaked: true }));
      assert.deepEqual(
        journal.filter((line) => line.startsWith("dnf")),
        [],
      );
      assert.equal(lifecycleResult, "CONTINUE");
    });
  }

  it("asks the first target alone, and all others if that doesn't answer", async () => {
    const asked = (await boot("nat", true)).journal.flatMap(
      (line) => /^ip netns exec probe curl .*https:\/\/(.+)\/$/.exec(line)?.[1] ?? [],
    );
    assert.equal(asked[0], "checkip.example.com");
    assert.deepEqual(asked.slice(1, 3).sort(), ["192.0.2.1", "192.0.2.2"]);
    assert.equal(asked[3], "checkip.example.com");
  });

  it("fits into EC2's user data, or says what doesn't", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 600 }), (count) => {
        const allowedDomains = Array.from({ length: count }, (_, i) => `.domain-${i}.example.com`);
        try {
          assert.ok(Buffer.byteLength(script("squid", { allowedDomains })) <= 16_384);
        } catch (error) {
          assert.match(String(error), /allowedDomains: the list has \d+ bytes, and at most \d+ fit/);
          assert.ok(count > 50, `only ${count} domains fit`);
        }
      }),
    );
  });

  it("squid: configures the proxy after it knows its address, and restarts it", async () => {
    const [rules = -1, configured = -1, started = -1] = order(
      await boot("squid"),
      /^nft -f/,
      /^tee \/etc\/squid\/squid.conf/,
      /^systemctl restart squid/,
    );
    assert.ok(rules >= 0 && rules < configured && configured < started);
  });

  it("retries while the predecessor holds the interface", async () => {
    refusals = [400, 400, 400];
    const { journal, lifecycleResult } = await boot("nat");
    assert.equal(journal.filter((line) => line.includes("attach-network-interface")).length, 4);
    assert.equal(lifecycleResult, "CONTINUE");
  });

  it("abandons the launch if the interface can't be attached in five minutes", async () => {
    refusals = Array<number>(60).fill(400);
    const { journal, lifecycleResult } = await boot("nat");
    assert.equal(journal.filter((line) => line === "sleep 5").length, 60);
    assert.equal(lifecycleResult, "ABANDON");
  });

  it("abandons the launch if nothing comes back through the interface", async () => {
    assert.equal((await boot("nat", true)).lifecycleResult, "ABANDON");
  });

  it("completes the launch once, whatever happens", async () => {
    const { journal } = await boot("nat", true);
    assert.equal(journal.filter((line) => line.includes("complete-lifecycle-action")).length, 1);
  });

  it("writes to no file but by commands that the rehearsal stands in for", () => {
    for (const flavour of ["nat", "squid"] as const) {
      assert.doesNotMatch(script(flavour), />\s*\/(?!dev\/null)/);
    }
  });
});
