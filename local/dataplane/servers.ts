import { createSocket, Socket } from "node:dgram";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createHttpServer, RequestListener } from "node:http";
import { connect, createServer as createTcpServer, Server } from "node:net";
import { createServer as createTlsServer } from "node:https";
import { TLSSocket } from "node:tls";
import { answer } from "./dns";

/** What a server of the laboratory has been asked, one line of JSON each on standard output. */
export interface Asked {
  readonly protocol: "http" | "tls" | "udp";
  readonly port: number;
  /** The address of the world that was asked. */
  readonly address: string;
  /** Who asked, as the world sees it. */
  readonly from: string;
  /** The name that was asked for: Host header or server name. */
  readonly name: string;
}

/** What the servers print when all of them listen. */
const READY = "ready";

type Listening = Server | Socket;

function note(asked: Asked): void {
  process.stdout.write(`${JSON.stringify(asked)}\n`);
}

/** The Internet: HTTP, TLS and UDP on every address, and AWS's endpoint, which is a socket outside of the laboratory. */
function internet(awsSocket: string, awsAddress: string, awsPort: number): Listening[] {
  const serve =
    (protocol: "http" | "tls", port: number): RequestListener =>
    (request, response) => {
      const { localAddress = "", remoteAddress = "" } = request.socket;
      const name = request.socket instanceof TLSSocket ? serverName(request.socket) : request.headers.host;
      note({ protocol, port, address: localAddress, from: remoteAddress, name: name ?? "" });
      response.end(`${remoteAddress}\n`);
    };
  const tls = { key: readFileSync("/srv/key.pem"), cert: readFileSync("/srv/cert.pem") };
  const web = [443, 8443].map((port) => createTlsServer(tls, serve("tls", port)).listen(port, "0.0.0.0"));
  const udp = createSocket("udp4", (message, from) => {
    note({ protocol: "udp", port: 443, address: "", from: from.address, name: message.toString() });
    udp.send(message, from.port, from.address);
  });
  return [
    createHttpServer(serve("http", 80)).listen(80, "0.0.0.0"),
    ...web,
    udp.bind(443, "0.0.0.0"),
    forward(awsSocket, awsAddress, awsPort),
  ];
}

function serverName(socket: TLSSocket): string {
  return (socket as TLSSocket & { servername?: string | false }).servername || "";
}

/** The VPC's resolver, and the instance metadata, which is a socket outside of the laboratory. */
function vpc(metadataSocket: string, resolver: string, names: Record<string, string[]>): Listening[] {
  let asked = 0;
  const dns = createSocket("udp4", (query, from) => {
    dns.send(
      answer(query, (name) => names[name]?.[asked++ % names[name].length]),
      from.port,
      from.address,
    );
  });
  return [dns.bind(53, resolver), forward(metadataSocket, "169.254.169.254", 80)];
}

function forward(socket: string, address: string, port: number): Server {
  return createTcpServer((outer) => {
    const inner = connect(socket);
    outer.pipe(inner).pipe(outer);
    for (const end of [outer, inner]) {
      end.on("error", () => {
        outer.destroy();
        inner.destroy();
      });
    }
  }).listen(port, address);
}

const [role, socket = "", address = "", rest = ""] = process.argv.slice(2);
const listening =
  role === "internet"
    ? internet(socket, address, Number(rest))
    : vpc(socket, address, JSON.parse(rest) as Record<string, string[]>);
void Promise.all(listening.map((server) => once(server, "listening"))).then(() => {
  process.stdout.write(`${READY}\n`);
});
