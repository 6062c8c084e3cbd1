import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { createServer, Server } from "node:http";
import { join } from "node:path";
import { bootScript, GatewayFlavour } from "../../../components/gateway/bootScript";
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

  const script = (flavour: GatewayFlavour) =>
    bootScript({
      flavour,
      region: "us-east-1",
      vpcCidrBlock: "10.20.0.0/16",
      networkInterfaceId: "eni-1",
      autoScalingGroupName: "group",
      launchHookName: "hook",
      allowedDomains: [".example.com"],
    });
  const boot = (flavour: GatewayFlavour, noWayOut = false): Promise<BootResult> =>
    runBootScript(script(flavour), {
      instanceId: "i-1",
      networkInterfaceId: "eni-1",
      accessKeyId: "any",
      endpointUrl,
      noWayOut,
    });
  const order = ({ journal }: BootResult, ...commands: RegExp[]) =>
    commands.map((c) => journal.findIndex((line) => c.test(line)));

  for (const flavour of ["nat", "squid"] as const) {
    it(`${flavour}: attaches, moves its default route, forwards, proves it, and only then completes the launch`, async () => {
      const result = await boot(flavour);
      const steps = order(
        result,
        /^aws ec2 attach-network-interface --network-interface-id eni-1 --instance-id i-1 --device-index 1/,
        /^ip route replace default via 10.0.0.1 dev ens6/,
        /^sysctl -w net.ipv4.ip_forward=1/,
        /^nft -f/,
        /^curl .*--interface ens6 .*checkip/,
        /^aws autoscaling complete-lifecycle-action .*--lifecycle-action-result CONTINUE$/,
      );
      assert.ok(!steps.includes(-1), `a step is missing: ${steps.join(", ")}\n${result.output}`);
      assert.deepEqual(
        steps,
        [...steps].sort((a, b) => a - b),
      );
      assert.equal(result.lifecycleResult, "CONTINUE");
    });
  }

  it("squid: starts the proxy before traffic is redirected to it", async () => {
    const [proxy = -1, rules = -1] = order(await boot("squid"), /^systemctl enable --now squid/, /^nft -f/);
    assert.ok(proxy >= 0 && proxy < rules);
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
