import { createClient } from "@redis/client";
import { ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, Server, Socket, connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import getPort from "get-port";
import { ACCESS } from "../../components/sessionStore/sessionStore";

/** Programs that serve as a session store, the better one first. */
const SERVERS = ["valkey-server", "redis-server"];

function has(program: string, flag: string): boolean {
  try {
    execFileSync(program, [flag], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const server = SERVERS.find((program) => has(program, "--version"));

/** What this machine lacks for a session store; `undefined`: nothing. */
export const lacking = server === undefined ? SERVERS.join(" or ") : has("openssl", "version") ? undefined : "openssl";

/** Waits until something holds that a process does in its own time. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (let attempt = 0; attempt < 1200; attempt++) {
    const found = await look().catch(() => undefined);
    if (found !== undefined) {
      return found;
    }
    await sleep(50);
  }
  throw new Error(`waited for a minute in vain until ${what}`);
}

/** A certificate for `localhost`, which clients have to be told to trust. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export function makeCertificate(folder: string): Certificate {
  mkdirSync(folder, { recursive: true });
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, ...subject], {
    stdio: "ignore",
  });
  return { cert, key };
}

/** The user of the applications, with ElastiCache's access string. Its tokens only ElastiCache could check. */
export const USER = "prod-sessions";

/** One member of a store: a real server that talks TLS alone, to users that it knows alone. */
export class Member {
  private constructor(
    readonly port: number,
    private readonly process: ChildProcess,
    private readonly certificate: Certificate,
  ) {}

  /** Starts one, and waits until it answers. */
  static async start(folder: string, certificate: Certificate): Promise<Member> {
    const port = await getPort();
    mkdirSync(folder, { recursive: true });
    const { cert, key } = certificate;
    const config = [
      ...["port 0", `tls-port ${port}`, "bind 127.0.0.1", `dir ${folder}`, 'save ""', "tls-auth-clients no"],
      ...[`tls-cert-file ${cert}`, `tls-key-file ${key}`, `tls-ca-cert-file ${cert}`, "tls-replication yes"],
      ...["user default off", "user admin on nopass ~* &* +@all", `user ${USER} nopass ${ACCESS}`],
      ...["masteruser admin", "masterauth any", "repl-diskless-sync-delay 0"],
    ];
    writeFileSync(join(folder, "server.conf"), config.join("\n"));
    const child = spawn(server ?? "", [join(folder, "server.conf")], { stdio: "ignore" });
    const member = new Member(port, child, certificate);
    try {
      await eventually(`a server answers on ${port}`, () => member.ask("admin", "PING"));
    } catch (error) {
      await member.kill();
      throw error;
    }
    return member;
  }

  /** The answer to a command of a user. @throws what the server says against it */
  async ask(user: string, ...command: string[]): Promise<string> {
    const client = createClient({
      socket: {
        host: "localhost",
        port: this.port,
        tls: true,
        ca: readFileSync(this.certificate.cert),
        reconnectStrategy: false,
      },
      ...{ username: user, password: "any" },
    });
    client.on("error", () => undefined);
    await client.connect();
    try {
      return String(await client.sendCommand(command));
    } finally {
      client.destroy();
    }
  }

  async follow(primary: Member): Promise<void> {
    await this.ask("admin", "REPLICAOF", "127.0.0.1", String(primary.port));
    await eventually("the replica follows", async () => {
      const info = await this.ask("admin", "INFO", "replication");
      return /master_link_status:up/.test(info) ? true : undefined;
    });
  }

  /** Waits until a replica has all that has been written here. */
  async replicated(): Promise<void> {
    const client = createClient({
      socket: { host: "localhost", port: this.port, tls: true, ca: readFileSync(this.certificate.cert) },
      ...{ username: "admin", password: "any" },
    });
    await client.connect();
    await client.set("marker", "1");
    const replicas = await client.sendCommand(["WAIT", "1", "0"]);
    client.destroy();
    if (Number(replicas) < 1) {
      throw new Error("no replica has it");
    }
  }

  async promote(): Promise<void> {
    await this.ask("admin", "REPLICAOF", "NO", "ONE");
  }

  async kill(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      this.process.kill("SIGKILL");
      await once(this.process, "exit");
    }
  }
}

/** The store's name, which leads to whatever member takes writes: new connections go there. */
export class StoreName {
  private readonly sockets = new Set<Socket>();

  private constructor(
    readonly port: number,
    private readonly listener: Server,
    private target: Member,
  ) {}

  static async of(target: Member): Promise<StoreName> {
    const listener = createServer().listen(0, "127.0.0.1");
    await once(listener, "listening");
    const name = new StoreName((listener.address() as { port: number }).port, listener, target);
    listener.on("connection", (client) => name.forward(client));
    return name;
  }

  private forward(client: Socket): void {
    const upstream = connect(this.target.port, "127.0.0.1");
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.sockets.add(one);
      one
        .on("error", () => undefined)
        .on("close", () => {
          this.sockets.delete(one);
          other.destroy();
        });
      one.pipe(other);
    }
  }

  leadTo(target: Member): void {
    this.target = target;
  }

  close(): void {
    this.listener.close();
    this.sockets.forEach((socket) => socket.destroy());
  }
}
