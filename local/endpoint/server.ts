import { createProxyServer } from "http-proxy-3";
import { Agent, createServer, IncomingMessage, OutgoingHttpHeaders, Server, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Call, parseRequest, Request } from "./call";
import { answerError } from "./errors";
import { fail, Fault, Faults } from "./faults";
import { AllowedBy, Iam } from "./iam/authorize";
import { answerHttp, answerTcp, INTERNET, Received, receivedOf, Site } from "./internet";
import { answer, healthCheckId, merge, PEACE, Reboot, World } from "./world";

/** Services that know each other's ids and so stay together on moto; the rest are ministack's. */
const MOTO = new Set([
  ...["ec2", "autoscaling", "elasticloadbalancing", "rds", "ecs", "ecr", "elasticache", "application-autoscaling"],
  ...["iam", "acm", "ssm", "secretsmanager", "kms", "route53", "fis", "sts"],
]);

/** Where the endpoint's own controls live; no AWS path begins like this. */
export const CONTROL = "/_nplusone";

/** What can be set through the controls. */
export interface Settings {
  /** Milliseconds that every call of callers whose access keys begin so takes at least. */
  readonly latency?: { readonly ms: number; readonly caller: string };
  readonly fault?: Fault;
  readonly world?: Partial<World>;
  /** What the next restart of an instance changes. */
  readonly reboot?: Reboot;
  /** Calls that wait, before AWS has them, until something else is set: of these callers, whose access keys begin so. */
  readonly hold?: { readonly caller: string; readonly action: string };
}

/** How an emulator's answer is passed on. */
interface Pending {
  /** When it may go out: emulators share one processor, and a slow call must not add to the latency asked for. */
  readonly notBefore: number;
  /** Whether it gets lost on its way. */
  readonly lost: boolean;
  readonly log: (status: number, executed: boolean) => void;
}

interface Scope {
  readonly settings: Settings;
  readonly faults: Faults;
  /** Changed by a restart. */
  world: Partial<World>;
  /** The instance that is starting again, and how often EC2 is still to say so. */
  starting: { readonly instanceId: string; polls: number } | undefined;
  /** Lets the calls go that are held. */
  readonly held: (() => void)[];
}

const scope = (settings: Settings): Scope => ({
  settings,
  faults: new Faults(settings.fault),
  world: settings.world ?? {},
  starting: undefined,
  held: [],
});

/** What holds until the rehearsal is taken down: the world to which drills add. */
export const BASE = `${CONTROL}/base`;

/** What deployed functions have sent to hosts that are not AWS. */
export const RECEIVED = `${CONTROL}/received`;

/** The statements of roles that calls have needed so far. */
export const NEEDED = `${CONTROL}/needed`;

/** How many calls a Region's `hold` holds. */
export const HELD = `${CONTROL}/held`;

/** Starts the one AWS endpoint of a rehearsal: forwards each call to the emulator that models its service, and logs it. */
export function serve(port: number, moto: string, ministack: string): Server {
  const proxy = createProxyServer({ agent: new Agent({ keepAlive: true }) });
  const pending = new WeakMap<ServerResponse, Pending>();
  const calls: Call[] = [];
  /** What was set for one Region, or for all others (""): drills in two Regions don't disturb each other. */
  const scopes = new Map<string, Scope>();
  const scopeOf = (region: string): Scope => scopes.get(region) ?? scopes.get("") ?? scope({});
  let base: World = PEACE;
  const iam = new Iam(moto, ministack);
  /** The statements that have allowed a call since the endpoint was started. */
  const needed = new Map<string, AllowedBy>();
  const received: Received[] = [];

  /** Route 53 is one for all Regions: what is asked about a health check counts for the stack that names it. */
  const parse = (incoming: IncomingMessage, body: Buffer): Request => {
    const request = parseRequest(incoming, body);
    const { region = request.region } = base.healthChecks[healthCheckId(request)] ?? {};
    return { ...request, region };
  };

  /** What a host that is not AWS does when a deployed function speaks to it. */
  const speakTo = (incoming: IncomingMessage, body: string): Site | undefined => {
    const one = receivedOf(incoming, body);
    received.push(one);
    return merge(base, scopeOf(one.region).world).internet[one.host];
  };

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await read(incoming);
    if (incoming.url === INTERNET) {
      answerHttp(speakTo(incoming, body.toString()), response);
      return;
    }
    if (incoming.url?.startsWith(CONTROL)) {
      control(incoming, response, body);
      return;
    }
    const request = parse(incoming, body);
    const current = scopeOf(request.region);
    const { settings, faults } = current;
    const start = Date.now();
    let allowedBy: readonly AllowedBy[] = [];
    const log = (status: number, executed: boolean) => {
      const { service, action, region, caller } = request;
      calls.push({ service, action, region, caller, start, end: Date.now(), status, executed, allowedBy });
      if (service === "iam" && !/^(Get|List)/.test(action)) {
        iam.forget();
      }
    };
    const { latency } = settings;
    const notBefore = start + (latency !== undefined && request.caller.startsWith(latency.caller) ? latency.ms : 0);
    const kind = faults.match(request);
    if (kind !== undefined && kind !== "lostAnswer") {
      log(await fail(kind, incoming, request, response), false);
      return;
    }
    const authorization = await iam.authorize(request);
    if ("refusal" in authorization) {
      answerError(authorization.refusal, request, incoming.headers, response);
      log(authorization.refusal.status, false);
      return;
    }
    ({ allowedBy } = authorization);
    allowedBy.forEach((statement) => needed.set(Object.values(statement).join(" "), statement));
    if (request.action === settings.hold?.action && request.caller.startsWith(settings.hold.caller)) {
      await new Promise<void>((resolve) => current.held.push(resolve));
    }
    pending.set(response, { notBefore, lost: kind === "lostAnswer", log });
    const own = answer(request, merge(base, worldOf(current, request)));
    if (own === undefined) {
      forward(request, incoming, response, body);
    } else {
      await passOn(response, 200, { "content-type": own.contentType }, Readable.from([own.body]));
    }
  };

  /** Passes an answer on to the caller, or loses it. */
  const passOn = async (response: ServerResponse, status: number, headers: OutgoingHttpHeaders, body: Readable) => {
    const { notBefore, lost, log } = pending.get(response) ?? { notBefore: 0, lost: false, log: () => undefined };
    const executed = status < 300;
    if (lost) {
      await finished(body.resume());
      response.destroy();
      log(0, executed);
      return;
    }
    await sleep(notBefore - Date.now());
    response.once("close", () => log(status, executed));
    response.writeHead(status, headers);
    body.pipe(response);
  };

  const forward = (request: Request, incoming: IncomingMessage, response: ServerResponse, body: Buffer): void => {
    const target = MOTO.has(request.service) ? moto : ministack;
    proxy.web(incoming, response, { target, buffer: Readable.from([body]), selfHandleResponse: true }, (error) => {
      response.writeHead(502).end(`${target} doesn't answer: ${error.message}`);
    });
  };

  proxy.on("proxyRes", (answered, _incoming, response) => {
    passOn(response as ServerResponse, answered.statusCode ?? 502, answered.headers, answered).catch(console.error);
  });

  const control = (incoming: IncomingMessage, response: ServerResponse, body: Buffer): void => {
    const { pathname, searchParams } = new URL(incoming.url ?? "", "http://endpoint");
    const region = searchParams.get("region") ?? "";
    if (incoming.method === "PUT" && incoming.url === BASE) {
      base = merge(PEACE, JSON.parse(body.toString()) as Partial<World>);
    } else if (incoming.method === "PUT") {
      const settings = JSON.parse(body.toString()) as Settings;
      const replaced = region === "" ? [...scopes.values()] : [scopes.get(region)];
      if (region === "") {
        scopes.clear();
      }
      scopes.set(region, scope(settings));
      replaced.flatMap((r) => r?.held ?? []).forEach((release) => release());
      const others = <T extends { region: string }>(list: T[]) =>
        list.filter((c) => region !== "" && c.region !== region);
      calls.splice(0, calls.length, ...others(calls));
      received.splice(0, received.length, ...others(received));
    }
    const answers: Record<string, unknown> = {
      [RECEIVED]: received,
      [NEEDED]: [...needed.values()],
      [HELD]: scopeOf(region).held.length,
    };
    const asked = answers[pathname] ?? calls;
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(asked));
  };

  return createServer((incoming, response) => {
    handle(incoming, response).catch((error: unknown) => {
      console.error(error);
      response.destroy();
    });
  })
    .on("upgrade", (incoming: IncomingMessage, socket: Socket) => answerTcp(speakTo(incoming, ""), socket))
    .listen(port, "127.0.0.1");
}

/** The world as it is for a request; a restart changes it. */
function worldOf(current: Scope, request: Request): Partial<World> {
  const { reboot } = current.settings;
  const asked = [...request.parameters].filter(([name]) => name.startsWith("InstanceId.")).map(([, id]) => id);
  if (request.action === "RebootInstances" && reboot !== undefined) {
    current.world = merge(merge(PEACE, current.world), reboot.then);
    current.starting = { instanceId: asked[0] ?? "", polls: reboot.polls };
  }
  const { starting, world } = current;
  if (request.action !== "DescribeInstanceStatus" || starting === undefined || !asked.includes(starting.instanceId)) {
    return world;
  }
  const isStarting = starting.polls-- > 0;
  return isStarting
    ? { ...world, statusChecks: { ...world.statusChecks, [starting.instanceId]: "initializing" } }
    : world;
}

async function read(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
