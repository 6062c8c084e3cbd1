import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { HANGS } from "./faults";

/** What a host does when it is spoken to. @default an HTTP server answers 200, an SSH server sends its banner */
export type Site =
  { readonly status: number; readonly body?: string } | { readonly sends: string } | "hangs" | "closes";

/** What a deployed function sent to a host that is not AWS. */
export interface Received {
  readonly region: string;
  /** Host, and for SSH `host:port`. */
  readonly host: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Where the preload of deployed functions (`preload.js`) leads what they send to hosts that are not AWS. */
export const INTERNET = "/_nplusone/internet";

/** What a function really asked for: the preload says so in headers. */
export function receivedOf(incoming: IncomingMessage, body: string): Received {
  const header = (name: string) => String(incoming.headers[`x-nplusone-${name}`] ?? "");
  const own = Object.entries(incoming.headers).filter(([name]) => !name.startsWith("x-nplusone-"));
  const url = header("url");
  return {
    region: header("region"),
    host: header("host"),
    method: incoming.method ?? "",
    url,
    headers: Object.fromEntries(own.map(([name, value]) => [name, String(value)])),
    body,
  };
}

/** An HTTP server's part; of one that hangs the preload is told at once. Slack, OpsGenie, PagerDuty and web servers are all content with this. */
export function answerHttp(site: Site | undefined, response: ServerResponse): void {
  if (site === "closes") {
    response.destroy();
  } else if (site === "hangs") {
    response.writeHead(504, { [HANGS]: "true" }).end();
  } else {
    const { status, body } = site !== undefined && "status" in site ? site : { status: 200, body: undefined };
    response
      .writeHead(status, { "content-type": "application/json" })
      .end(body ?? JSON.stringify({ ok: status < 300 }));
  }
}

/** An SSH server's part. */
export function answerTcp(site: Site | undefined, socket: Socket): void {
  socket.on("error", () => undefined);
  if (site === "closes") {
    socket.end();
  } else if (site !== "hangs") {
    socket.write(site !== undefined && "sends" in site ? site.sends : "SSH-2.0-OpenSSH_9.6\r\n");
  }
}
