import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import getPort from "get-port";
import assert from "node:assert/strict";
import { ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../../local/common/paths";
import { resolvePython } from "../../local/emulators/emulators";
import { Certificate, eventually, lacking, makeCertificate, Member, StoreName, USER } from "./valkey";

const FOLDER = join(ROOT, "examples/service");
const HERE = { bucket: "files-here", region: "us-east-1" };
const THERE = { bucket: "files-there", region: "eu-west-1" };
const CREDENTIALS = { AWS_ACCESS_KEY_ID: "TASK", AWS_SECRET_ACCESS_KEY: "local" };

/** One task of the service. */
class Task {
  constructor(
    readonly url: string,
    readonly process: ChildProcess,
  ) {}

  async ask(method: string, path: string, { cookie = "", body }: { cookie?: string; body?: string } = {}) {
    const response = await fetch(this.url + path, { method, headers: { cookie }, ...(body ? { body } : {}) });
    const set = response.headers.get("set-cookie")?.split(";")[0] ?? "";
    return { status: response.status, text: (await response.text()).trim(), cookie: set };
  }

  /** A visit as a browser makes it, which tries again while sessions can't be reached. */
  visit(cookie: string) {
    return eventually("sessions can be reached", async () => {
      const answer = await this.ask("GET", "/", { cookie });
      return answer.status === 503 ? undefined : answer;
    });
  }
}

describe("the example service", () => {
  describe("its files", () => {
    it("name the versions that are tested here", () => {
      const read = (file: string) =>
        JSON.parse(readFileSync(file, "utf8")) as Record<"dependencies" | "devDependencies", Record<string, string>>;
      const root = read(join(ROOT, "package.json"));
      const { dependencies } = read(join(FOLDER, "package.json"));
      const tested = { ...root.dependencies, ...root.devDependencies };
      for (const name of ["@aws-sdk/client-s3", "@redis/client"]) {
        assert.equal(dependencies[name], tested[name], name);
      }
    });
    it("make an image of a full version, that doesn't run as root, and gets its signals", () => {
      const dockerfile = readFileSync(join(FOLDER, "Dockerfile"), "utf8");
      assert.match(dockerfile, /^FROM \S+:\d+\.\d+\.\d+-\S+$/m);
      assert.match(dockerfile, /^USER node$/m);
      assert.match(dockerfile, /^CMD \["node", "server\.mjs"\]$/m);
      assert.match(dockerfile, /^HEALTHCHECK /m);
    });
  });

  if (lacking !== undefined && process.env["CI"] !== "true") {
    it.skip(`as processes: not tested, since this machine has no ${lacking} (.ci/packages installs it)`);
    return;
  }

  const folder = mkdtempSync(join(tmpdir(), "nplusone-service-"));
  const processes: ChildProcess[] = [];
  let certificate: Certificate;
  let first: Member, second: Member;
  let store: StoreName;
  let s3Url: string;
  let s3: (region: string) => S3Client;

  before(async () => {
    certificate = makeCertificate(folder);
    first = await Member.start(join(folder, "first"), certificate);
    second = await Member.start(join(folder, "second"), certificate);
    await second.follow(first);
    store = await StoreName.of(first);

    const port = await getPort();
    const files = join(folder, "s3");
    mkdirSync(files);
    processes.push(
      spawn(await resolvePython(), [join(ROOT, "local/emulators/run_ministack.py")], {
        env: {
          ...{ ...process.env, ...CREDENTIALS, GATEWAY_PORT: String(port), BIND_HOST: "127.0.0.1" },
          ...{ IOT_MTLS_ENABLED: "0", SFTP_ENABLED: "0", S3_DATA_DIR: files, TMPDIR: files },
        },
        cwd: folder,
        stdio: "ignore",
      }),
    );
    s3Url = `http://127.0.0.1:${port}`;
    const credentials = { accessKeyId: "TEST", secretAccessKey: "local" };
    s3 = (region) => new S3Client({ region, endpoint: s3Url, credentials, forcePathStyle: true });
    for (const { bucket: Bucket, region } of [HERE, THERE]) {
      await eventually("S3 answers", () => s3(region).send(new CreateBucketCommand({ Bucket })));
    }
  });

  after(async () => {
    store?.close();
    await Promise.all([first?.kill(), second?.kill()]);
    for (const child of processes.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    rmSync(folder, { recursive: true, force: true });
  });

  /**
   * Starts a task, told what a service in a cluster is told.
   * @param health what it says of the Region once it is connected
   */
  async function start(over: Record<string, string> = {}, health = /^ok$/): Promise<Task> {
    const port = await getPort();
    const child = spawn(process.execPath, [join(FOLDER, "server.mjs")], {
      env: {
        ...{ PATH: process.env["PATH"], ...CREDENTIALS, AWS_ENDPOINT_URL: s3Url, PORT: String(port) },
        ...{
          SESSION_STORE_HOST: "localhost",
          SESSION_STORE_PORT: String(store.port),
          SESSION_STORE_NAME: "sessions-1",
        },
        ...{ SESSION_STORE_USER: USER, SESSION_STORE_REGION: "us-east-1", NODE_EXTRA_CA_CERTS: certificate.cert },
        ...{ USER_FILES_BUCKET: HERE.bucket, USER_FILES_REGION: HERE.region },
        ...{ USER_FILES_PARTNER_BUCKET: THERE.bucket, USER_FILES_PARTNER_REGION: THERE.region },
        ...{ INSECURE_COOKIES: "1", DEEP_SECONDS: "0", ...over },
      },
      stdio: "ignore",
    });
    processes.push(child);
    const task = new Task(`http://127.0.0.1:${port}`, child);
    await eventually("it is connected", async () =>
      health.test((await task.ask("GET", "/healthz/deep")).text) ? true : undefined,
    );
    return task;
  }

  async function logOn(task: Task, user: string): Promise<string> {
    const { status, cookie } = await task.ask("POST", "/login", { body: user });
    assert.equal(status, 200);
    return cookie;
  }

  it("keeps sessions when one of two tasks is killed", async () => {
    const [a, b] = [await start(), await start()];
    const cookie = await logOn(a, "ada");
    assert.equal((await a.ask("GET", "/", { cookie })).text, "Hello, ada. Visits: 1");
    assert.equal((await b.ask("GET", "/", { cookie })).text, "Hello, ada. Visits: 2");
    a.process.kill("SIGKILL");
    await once(a.process, "exit");
    assert.equal((await b.ask("GET", "/", { cookie })).text, "Hello, ada. Visits: 3");
    assert.equal((await b.ask("GET", "/")).status, 401);
    await b.ask("POST", "/logout", { cookie });
    assert.equal((await b.ask("GET", "/", { cookie })).status, 401);
  });

  it("keeps sessions when the store's primary is lost and a replica takes over, and is healthy meanwhile", async () => {
    const task = await start();
    const cookie = await logOn(task, "grace");
    assert.equal((await task.ask("GET", "/", { cookie })).text, "Hello, grace. Visits: 1");
    await first.replicated();
    await first.kill();
    const away = await task.ask("GET", "/", { cookie });
    assert.deepEqual([away.status, away.text], [503, "Sessions can't be reached at the moment. Please try again."]);
    assert.equal((await task.ask("GET", "/healthz")).status, 200);
    await eventually("the Region's check says so", async () =>
      (await task.ask("GET", "/healthz/deep")).status === 503 ? true : undefined,
    );
    await second.promote();
    store.leadTo(second);
    assert.equal((await task.visit(cookie)).text, "Hello, grace. Visits: 2");
    await eventually("the Region's check says so", async () =>
      (await task.ask("GET", "/healthz/deep")).status === 200 ? true : undefined,
    );
  });

  it("keeps sessions when the primary becomes a replica, as at maintenance: its connections stay, and take no writes", async () => {
    const task = await start();
    const cookie = await logOn(task, "linus");
    first = await Member.start(join(folder, "again"), certificate);
    await first.follow(second);
    await second.replicated();
    await first.promote();
    await second.follow(first);
    store.leadTo(first);
    assert.equal((await task.visit(cookie)).text, "Hello, linus. Visits: 1");
  });

  it("may do as its user what a service needs, and nothing that is dangerous to all", async () => {
    for (const command of [["FLUSHALL"], ["KEYS", "*"], ["CONFIG", "GET", "*"]]) {
      await assert.rejects(first.ask(USER, ...command), /NOPERM/, command.join(" "));
    }
    await assert.rejects(first.ask("default", "PING"), /WRONGPASS|NOAUTH/);
  });

  it("keeps files for their users alone, and finds those that haven't come from the other Region yet", async () => {
    const task = await start();
    const [ada, grace] = [await logOn(task, "ada"), await logOn(task, "grace")];
    const put = await task.ask("PUT", "/files/notes.txt", { cookie: ada, body: "an algorithm" });
    assert.equal(put.status, 201);
    assert.equal((await task.ask("GET", "/files/notes.txt", { cookie: ada })).text, "an algorithm");
    assert.equal((await task.ask("GET", "/files/notes.txt", { cookie: grace })).status, 404);
    const late = { Bucket: THERE.bucket, Key: "grace/late.txt", Body: "a compiler" };
    await s3(THERE.region).send(new PutObjectCommand(late));
    assert.equal((await task.ask("GET", "/files/late.txt", { cookie: grace })).text, "a compiler");
  });

  it("reads files of the other Region when this one's fail, and says that none can be written", async () => {
    const task = await start({ USER_FILES_BUCKET: "files-lost" }, /^files: [^\n]*$/);
    const cookie = await logOn(task, "grace");
    assert.equal((await task.ask("GET", "/files/late.txt", { cookie })).text, "a compiler");
    const put = await task.ask("PUT", "/files/more.txt", { cookie, body: "more" });
    assert.deepEqual([put.status, put.text], [503, "Files can't be reached at the moment. Please try again."]);
  });

  it("answers what has begun when it is asked to end, and takes nothing new", async () => {
    const task = await start();
    const cookie = await logOn(task, "ada");
    const body = "half of it, and the other half";
    const sending = request(`${task.url}/files/slow.txt`, {
      method: "PUT",
      headers: { cookie, "content-length": Buffer.byteLength(body) },
    });
    const answered = once(sending, "response");
    sending.write(body.slice(0, 10));
    const [socket] = (await once(sending, "socket")) as [Socket];
    await once(socket, "connect");
    // Once a later request is answered, this one has arrived.
    await eventually("it has arrived", async () =>
      (await task.ask("GET", "/healthz")).status === 200 ? true : undefined,
    );
    task.process.kill("SIGTERM");
    await eventually("nothing new is taken", () =>
      task.ask("GET", "/healthz").then(
        () => undefined,
        () => true,
      ),
    );
    sending.end(body.slice(10));
    const [response] = (await answered) as [{ statusCode: number; resume(): void }];
    response.resume();
    assert.equal(response.statusCode, 201);
    const [code] = (await once(task.process, "exit")) as [number];
    assert.equal(code, 0);
  });
});
