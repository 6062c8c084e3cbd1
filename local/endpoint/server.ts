import { createProxyServer } from "http-proxy-3";
import { Agent, createServer, IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { Call, parseRequest, Request } from "./call";
import { fail, Fault, Faults } from "./faults";
import { answer, PEACE, World } from "./world";

/** Services that know each other's ids and so stay together on moto; the rest are ministack's. */
const MOTO = new Set([
  ...["ec2", "autoscaling", "elasticloadbalancing", "rds", "ecs", "ecr", "elasticache", "application-autoscaling"],
  ...["iam", "acm", "ssm", "secretsmanager", "kms", "route53", "fis", "sts"],
]);

/** Where the endpoint's own controls live; no AWS path begins like this. */
export const CONTROL = "/_nplusone";

/** What can be set through the controls. */
export interface Settings {
  /** Milliseconds that every call of the caller takes at least. */
  readonly latency?: { readonly ms: number; readonly caller: string };
  readonly fault?: Fault;
  readonly world?: Partial<World>;
}

interface Scope {
  readonly settings: Settings;
  readonly faults: Faults;
}

/** What holds until the rehearsal is taken down: the world to which drills add. */
export const BASE = `${CONTROL}/base`;

/** Starts the one AWS endpoint of a rehearsal: forwards each call to the emulator that models its service, and logs it. */
export function serve(port: number, moto: string, ministack: string): void {
  const proxy = createProxyServer({ agent: new Agent({ keepAlive: true }) });
  /** When an answer may go out: emulators share one processor, and a slow call must not add to the latency asked for. */
  const answerNotBefore = new WeakMap<ServerResponse, number>();
  const calls: Call[] = [];
  /** What was set for one Region, or for all others (""): drills in two Regions don't disturb each other. */
  const scopes = new Map<string, Scope>();
  const scopeOf = (region: string): Scope =>
    scopes.get(region) ?? scopes.get("") ?? { settings: {}, faults: new Faults() };
  let base: World = PEACE;

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await read(incoming);
    if (incoming.url?.startsWith(CONTROL)) {
      control(incoming, response, body);
      return;
    }
    const request = parseRequest(incoming, body);
    const { settings, faults } = scopeOf(request.region);
    const start = Date.now();
    const log = (status: number) => {
      const { service, action, region, caller } = request;
      calls.push({ service, action, region, caller, start, end: Date.now(), status });
    };
    const earliest = start + (settings.latency?.caller === request.caller ? settings.latency.ms : 0);
    const kind = faults.match(request);
    if (kind !== undefined) {
      log(await fail(kind, incoming, request, response));
      return;
    }
    const own = answer(request, { ...base, ...settings.world });
    if (own !== undefined) {
      await sleep(earliest - Date.now());
      response.writeHead(200, { "content-type": own.startsWith("<") ? "text/xml" : "application/json" }).end(own);
      log(200);
      return;
    }
    response.once("close", () => log(response.statusCode));
    answerNotBefore.set(response, earliest);
    forward(request, incoming, response, body);
  };

  const forward = (request: Request, incoming: IncomingMessage, response: ServerResponse, body: Buffer): void => {
    const target = MOTO.has(request.service) ? moto : ministack;
    proxy.web(incoming, response, { target, buffer: Readable.from([body]), selfHandleResponse: true }, (error) => {
      response.writeHead(502).end(`${target} doesn't answer: ${error.message}`);
    });
  };

  proxy.on("proxyRes", async (answered, _incoming, response) => {
    await sleep((answerNotBefore.get(response) ?? 0) - Date.now());
    response.writeHead(answered.statusCode ?? 502, answered.headers);
    answered.pipe(response);
  });

  const control = (incoming: IncomingMessage, response: ServerResponse, body: Buffer): void => {
    if (incoming.method === "PUT" && incoming.url === BASE) {
      base = { ...PEACE, ...(JSON.parse(body.toString()) as Partial<World>) };
    } else if (incoming.method === "PUT") {
      const region = new URL(incoming.url ?? "", "http://endpoint").searchParams.get("region") ?? "";
      const settings = JSON.parse(body.toString()) as Settings;
      if (region === "") {
        scopes.clear();
      }
      scopes.set(region, { settings, faults: new Faults(settings.fault) });
      calls.splice(0, calls.length, ...calls.filter((c) => region !== "" && c.region !== region));
    }
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(calls));
  };

  createServer((incoming, response) => {
    handle(incoming, response).catch((error: unknown) => {
      console.error(error);
      response.destroy();
    });
  }).listen(port, "127.0.0.1");
}

async function read(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
