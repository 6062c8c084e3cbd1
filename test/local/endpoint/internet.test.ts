import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../../../local/common/paths";
import { Rig, startRig } from "./rig";

const exec = promisify(execFile);

const PRELOAD = join(ROOT, "local/endpoint/preload.js");

describe("hosts that are not AWS, as a deployed function sees them", () => {
  let rig: Rig;
  before(async () => {
    rig = await startRig((_, response) => response.end());
    await rig.clients.endpoint.set({
      world: { internet: { "slow.example.com": "hangs", "ill.example.com": { status: 503 } } },
    });
  });
  after(() => rig.close());

  /** What a function is told that waits an hour for an answer. */
  const asks = async (host: string) => {
    const script = `fetch("https://${host}/", { signal: AbortSignal.timeout(3_600_000) })
      .then((answer) => console.log(answer.status), (error) => console.log(error.name));`;
    const env = { ...process.env, AWS_ENDPOINT_URL: rig.clients.endpoint.url, AWS_REGION: "us-east-1" };
    const { stdout } = await exec(process.execPath, ["-r", PRELOAD, "-e", script], { env });
    return stdout.trim();
  };

  it("are well unless the drill says otherwise", async () => assert.equal(await asks("www.example.com"), "200"));
  it("answer as the drill says", async () => assert.equal(await asks("ill.example.com"), "503"));
  it("hang without that the hour is waited for", async () =>
    assert.equal(await asks("slow.example.com"), "TimeoutError"));
  it("are remembered", async () => {
    const hosts = (await rig.clients.endpoint.received()).map((r) => [r.host, r.url]);
    assert.deepEqual(hosts.at(-1), ["slow.example.com", "https://slow.example.com/"]);
  });
});
