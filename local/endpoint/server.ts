import { createServer, IncomingMessage, Server, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { AutoScaling, KeptRefresh } from "./autoScaling";
import { Call, parseRequest, Request } from "./call";
import { Answered, ClientTokens } from "./clientTokens";
import { Ecs } from "./ecs/ecs";
import { DeploymentChange } from "./ecs/services";
import { answerError, AwsError } from "./errors";
import { fail } from "./faults";
import { Forwarding } from "./forwarding";
import { AllowedBy, Iam } from "./iam/authorize";
import { answerHttp, answerTcp, INTERNET, Received, receivedOf, Site } from "./internet";
import { Scope, Settings } from "./scope";
import { amend, answer, healthCheckId, merge, PEACE, World } from "./world";

/** Where the endpoint's own controls live; no AWS path begins like this. */
export const CONTROL = "/_nplusone";

/** What holds until the rehearsal is taken down: the world to which drills add. */
export const BASE = `${CONTROL}/base`;

/** What deployed functions have sent to hosts that are not AWS. */
export const RECEIVED = `${CONTROL}/received`;

/** The statements of roles that calls have needed so far. */
export const NEEDED = `${CONTROL}/needed`;

/** How many calls a Region's `hold` holds. */
export const HELD = `${CONTROL}/held`;

/** How far a group's newest instance refresh is, as whoever plays Auto Scaling says. */
export const REFRESH = `${CONTROL}/refresh`;

/** What has become of a service's deployment, as whoever plays ECS says. */
export const DEPLOYMENT = `${CONTROL}/deployment`;

/** Starts the one AWS endpoint of a rehearsal: forwards each call to the emulator that models its service, and logs it. */
export function serve(port: number, moto: string, ministack: string): Server {
  const forwarding = new Forwarding(moto, ministack);
  const iam = new Iam(moto, ministack);
  const tokens = new ClientTokens();
  const autoScaling = new AutoScaling(moto);
  const ecs = new Ecs(moto);
  const calls: Call[] = [];
  /** What was set for one Region, or for all others (""): drills in two Regions don't disturb each other. */
  const scopes = new Map<string, Scope>();
  const scopeOf = (region: string): Scope => scopes.get(region) ?? scopes.get("") ?? new Scope({});
  let base: World = PEACE;
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
    return merge(base, scopeOf(one.region).now).internet[one.host];
  };

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(incoming);
    if (incoming.url === INTERNET) {
      answerHttp(speakTo(incoming, body.toString()), response);
    } else if (incoming.url?.startsWith(CONTROL)) {
      control(incoming, response, body);
    } else {
      await call(parse(incoming, body), incoming, response, body);
    }
  };

  /** An AWS call: it fails, is refused, or is executed and answered. */
  const call = async (request: Request, incoming: IncomingMessage, response: ServerResponse, body: Buffer) => {
    const scope = scopeOf(request.region);
    const start = Date.now();
    let allowedBy: readonly AllowedBy[] = [];
    const log = (status: number, executed: boolean) => {
      const { service, action, region, caller } = request;
      calls.push({ service, action, region, caller, start, end: Date.now(), status, executed, allowedBy });
    };
    const refuse = (error: AwsError) => {
      answerError(error, request, incoming.headers, response);
      log(error.status, false);
    };
    const kind = scope.faults.match(request);
    if (kind !== undefined && kind !== "lostAnswer") {
      log(await fail(kind, incoming, request, response), false);
      return;
    }
    const authorization = await iam.authorize(request);
    if ("refusal" in authorization) {
      refuse(authorization.refusal);
      return;
    }
    ({ allowedBy } = authorization);
    allowedBy.forEach((statement) => needed.set(Object.values(statement).join(" "), statement));
    await scope.letGo(request);
    const unseen = scope.lagging.refuse(request);
    if (unseen !== undefined) {
      refuse(unseen);
      return;
    }
    const world = merge(base, scope.worldFor(request));
    const kept = (await autoScaling.answer(request)) ?? (await ecs.answer(request, world));
    if (kept !== undefined && "refusal" in kept) {
      refuse(kept.refusal);
      return;
    }
    const tokened = await tokens.claim(request);
    if ("refusal" in tokened) {
      refuse(tokened.refusal);
      return;
    }
    const executing = async () => execute(scope, world, request, incoming, response, body);
    const answered = "before" in tokened ? tokened.before : (kept ?? (await executing()));
    if ("done" in tokened) {
      tokened.done(answered);
    }
    const executed = answered.status < 300;
    if (kind === "lostAnswer") {
      response.destroy();
      log(0, executed);
      return;
    }
    // Emulators share one processor, and a slow call must not add to the latency asked for.
    await sleep(start + scope.latency(request) - Date.now());
    const { status, headers, body: answeredBody } = scope.lagging.withoutUnseen(request, answered);
    response.once("close", () => log(status, executed));
    response.writeHead(status, headers).end(answeredBody);
  };

  /** What the world has to say, or else the emulator. */
  const execute = async (
    scope: Scope,
    world: World,
    request: Request,
    incoming: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
  ): Promise<Answered> => {
    const own = answer(request, world);
    if (own !== undefined) {
      return { status: 200, headers: { "content-type": own.contentType }, body: Buffer.from(own.body) };
    }
    const answered = await forwarding.answer(request, incoming, response, body);
    scope.lagging.launched(request, answered);
    if (request.service === "iam" && !/^(Get|List)/.test(request.action)) {
      iam.forget();
    }
    return ecs.amend(request, await autoScaling.amend(request, amend(request, world, answered)));
  };

  const control = (incoming: IncomingMessage, response: ServerResponse, body: Buffer): void => {
    const { pathname, searchParams } = new URL(incoming.url ?? "", "http://endpoint");
    const region = searchParams.get("region") ?? "";
    if (incoming.method === "PUT" && pathname === BASE) {
      base = merge(PEACE, JSON.parse(body.toString()) as Partial<World>);
    } else if (incoming.method === "PUT" && pathname === REFRESH) {
      autoScaling.advance(region, searchParams.get("group") ?? "", JSON.parse(body.toString()) as Partial<KeptRefresh>);
    } else if (incoming.method === "PUT" && pathname === DEPLOYMENT) {
      ecs.advance(region, searchParams.get("service") ?? "", JSON.parse(body.toString()) as DeploymentChange);
    } else if (incoming.method === "PATCH") {
      const scope = scopeOf(region);
      scope.change(JSON.parse(body.toString()) as Partial<World>);
      scopes.set(region, scope);
    } else if (incoming.method === "PUT") {
      const replaced = region === "" ? [...scopes.values()] : [scopes.get(region)];
      if (region === "") {
        scopes.clear();
      }
      scopes.set(region, new Scope(JSON.parse(body.toString()) as Settings));
      replaced.forEach((one) => one?.release());
      const others = <T extends { region: string }>(list: T[]) =>
        list.filter((c) => region !== "" && c.region !== region);
      calls.splice(0, calls.length, ...others(calls));
      received.splice(0, received.length, ...others(received));
    }
    const questions: Record<string, () => unknown> = {
      [RECEIVED]: () => received,
      [NEEDED]: () => [...needed.values()],
      [HELD]: () => scopeOf(region).heldCalls,
    };
    const asked = incoming.method === "GET" ? (questions[pathname]?.() ?? calls) : {};
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(asked));
  };

  // Connections are kept for as long as clients like: one that is closed just when it is used again is a failed call.
  return createServer({ keepAliveTimeout: 0 }, (incoming, response) => {
    handle(incoming, response).catch((error: unknown) => {
      console.error(error);
      response.destroy();
    });
  })
    .on("upgrade", (incoming: IncomingMessage, socket: Socket) => answerTcp(speakTo(incoming, ""), socket))
    .listen(port, "127.0.0.1");
}
