import { connect } from "net";
import { CheckSettings } from "./settings";
import { CheckResult, targetOf } from "./task";

/** Milliseconds until the SSH server must have sent its banner. */
const TIMEOUT_MS = 5000;
/** How much a server may send before its banner (RFC 4253 allows other lines), in characters. */
const MAX_PREAMBLE = 4096;

/** Connects to the instance's SSH port and waits for its banner. Run inside the VPC. */
export async function checkSsh(event: unknown, settings: CheckSettings): Promise<CheckResult> {
  const { host, port } = targetOf(event, settings).ssh;
  const { passed, detail } = await readBanner(host, port);
  return { passed, detail: `SSH on ${host}:${port} ${detail}` };
}

/** Never rejects, and settles at the timeout whatever the server does. */
function readBanner(host: string, port: number): Promise<CheckResult> {
  return new Promise((resolve) => {
    let received = "";
    const socket = connect(port, host);
    const settle = (passed: boolean, detail: string) => {
      socket.destroy();
      resolve({ passed, detail });
    };
    setTimeout(() => settle(false, `sends no banner within ${TIMEOUT_MS / 1000} s`), TIMEOUT_MS).unref();
    socket.on("error", (error) => settle(false, `can't be reached (${(error as NodeJS.ErrnoException).code})`));
    socket.on("close", () => settle(false, "closes the connection without a banner"));
    socket.on("data", (data) => {
      received += data.toString("latin1");
      const banner = received.split(/\r?\n/).find((line) => line.startsWith("SSH-"));
      if (banner !== undefined) {
        settle(true, `answers with ${banner}`);
      } else if (received.length > MAX_PREAMBLE) {
        settle(false, "sends something else than a banner");
      }
    });
  });
}
