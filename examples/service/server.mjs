// A small service on ECS: users log on, their visits are counted, and they keep files.
import { S3Client } from "@aws-sdk/client-s3";
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import { Files } from "./files.mjs";
import { Sessions, StoreAway } from "./sessions.mjs";

const env = process.env;
const LARGEST_FILE_BYTES = 5 * 1024 * 1024;
/** How long an answer of /healthz/deep holds: Route 53 asks from more than a dozen places. */
const DEEP_SECONDS = Number(env.DEEP_SECONDS ?? 5);

const sessions =
  env.SESSION_STORE_HOST === undefined
    ? undefined
    : new Sessions({
        host: env.SESSION_STORE_HOST,
        port: Number(env.SESSION_STORE_PORT),
        name: env.SESSION_STORE_NAME,
        user: env.SESSION_STORE_USER,
        region: env.SESSION_STORE_REGION,
        // The task role's, as every client of the SDK finds them.
        credentials: new S3Client({ region: env.SESSION_STORE_REGION }).config.credentials,
      });
const files =
  env.USER_FILES_BUCKET === undefined
    ? undefined
    : new Files({
        bucket: env.USER_FILES_BUCKET,
        region: env.USER_FILES_REGION,
        partner: env.USER_FILES_PARTNER_BUCKET && {
          bucket: env.USER_FILES_PARTNER_BUCKET,
          region: env.USER_FILES_PARTNER_REGION,
        },
      });

/** What a request is answered with: status, body and headers. */
const text = (status, body, headers = {}) => [
  status,
  `${body}\n`,
  { "content-type": "text/plain; charset=utf-8", ...headers },
];
const cookie = (id, seconds) => ({
  "set-cookie": `session=${id}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${seconds}${env.INSECURE_COOKIES ? "" : "; Secure"}`,
});
const sessionId = (request) => /(?:^|;\s*)session=([\w-]{20,})/.exec(request.headers.cookie ?? "")?.[1];

let deep = { at: -Infinity, answer: undefined };

/** Whether this Region can serve users: what its services need, beside this process. For Route 53, not for the balancer. */
async function deepHealth() {
  if (Date.now() - deep.at > 1000 * DEEP_SECONDS) {
    const checks = { sessions, files };
    const problems = [];
    for (const [name, used] of Object.entries(checks)) {
      await used?.check().catch((error) => problems.push(`${name}: ${error.message}`));
    }
    deep = { at: Date.now(), answer: problems.length === 0 ? text(200, "ok") : text(503, problems.join("\n")) };
  }
  return deep.answer;
}

async function logOn(request) {
  const user = (await buffer(request)).toString().trim();
  if (!/^[\w.-]{1,40}$/.test(user)) {
    return text(400, "Who are you? Send a name of letters, digits, dots and hyphens.");
  }
  // A real service would ask for a password, or have somebody else ask.
  return text(200, `Welcome, ${user}.`, cookie(await sessions.begin(user), 3600));
}

async function logOff(request) {
  const id = sessionId(request);
  if (id !== undefined) {
    await sessions.end(id);
  }
  return text(200, "Good-bye.", cookie("", 0));
}

async function upload(request, key) {
  if (Number(request.headers["content-length"] ?? Infinity) > LARGEST_FILE_BYTES) {
    return text(413, `Send a file of ${LARGEST_FILE_BYTES} bytes or less, and say how long it is.`);
  }
  await files.write(key, await buffer(request), request.headers["content-type"] ?? "application/octet-stream");
  return text(201, "Kept.");
}

async function download(key) {
  const file = await files.read(key);
  return file === undefined
    ? text(404, "There is no such file.")
    : [200, file.body, { "content-type": file.contentType, "content-disposition": "attachment" }];
}

/** The answer to a request. */
async function answer(request) {
  const { pathname } = new URL(request.url, "http://service");
  const route = `${request.method} ${pathname}`;
  if (route === "GET /healthz") {
    // Says that this process works, and nothing about what it uses: replacing tasks would help nobody.
    return text(200, "ok");
  }
  if (route === "GET /healthz/deep") {
    return deepHealth();
  }
  if (sessions === undefined) {
    return pathname === "/"
      ? text(200, "It works. This service has no session store.")
      : text(404, "There is no such page.");
  }
  if (route === "POST /login") {
    return logOn(request);
  }
  if (route === "POST /logout") {
    return logOff(request);
  }
  const [, name] = /^\/files\/([\w.-]{1,100})$/.exec(pathname) ?? [];
  if (pathname !== "/" && name === undefined) {
    return text(404, "There is no such page.");
  }
  const id = sessionId(request);
  const session = id && (await sessions.visit(id));
  if (!session) {
    return text(401, "Please log on: POST /login with your name.");
  }
  if (name === undefined) {
    return text(200, `Hello, ${session.user}. Visits: ${session.visits}`);
  }
  if (files === undefined) {
    return text(404, "This service has no files.");
  }
  const key = `${session.user}/${name}`;
  return request.method === "PUT"
    ? upload(request, key)
    : request.method === "GET"
      ? download(key)
      : text(405, "GET or PUT.");
}

const server = createServer(async (request, response) => {
  let [status, body, headers] = [];
  try {
    [status, body, headers] = await answer(request);
  } catch (error) {
    console.error(error);
    const what = error instanceof StoreAway ? "Sessions" : "Files";
    [status, body, headers] = text(503, `${what} can't be reached at the moment. Please try again.`, {
      "retry-after": "1",
    });
  }
  // Kept-alive connections end with the answer once this process is asked to end.
  response.writeHead(status, stopping ? { ...headers, connection: "close" } : headers);
  if (typeof body === "string") {
    response.end(body);
  } else {
    body.on("error", () => response.destroy()).pipe(response);
  }
});
// Longer than the balancer's idle timeout of 60 s, so that it is never the application that closes first.
server.keepAliveTimeout = 65_000;
server.listen(Number(env.PORT ?? 8080), () => console.log(`listening on ${server.address().port}`));

let stopping = false;
process.on("SIGTERM", () => {
  // ECS has taken the task out of the balancer by now. Requests that have begun are answered, within its stopTimeout.
  stopping = true;
  setTimeout(() => process.exit(1), 1000 * Number(env.STOP_SECONDS ?? 25)).unref();
  server.close(() => {
    sessions?.close();
    process.exit(0);
  });
  server.closeIdleConnections();
});
