import getPort from "get-port";
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ApplicationDatabase, applicationScript } from "../../components/web/applicationScript";
import { ROOT, WORK } from "../../local/common/paths";
import { BootResult, runUserData } from "../../local/drills/web/boot/boot";

const DATABASE: ApplicationDatabase = {
  ...{ engine: "postgres", host: "orders.example.com", port: 5432, name: "orders" },
  secretArn: "arn:aws:secretsmanager:us-east-1:123456789012:secret:orders",
};
const SECRET = '{"username":"app","password":"the password"}';

/** Stands in for the driver: a database that admits who its secret admits, and has seen three visits. */
const DRIVER = `
exports.Pool = class {
  constructor(options) { this.options = options; }
  on() {}
  async query(text) {
    const { database, host, port, ssl, user } = this.options;
    const who = [user, await this.options.password(), host, port, database, ssl].join();
    if (who !== "app,the password,orders.example.com,5432,orders,true") throw new Error("refused: " + who);
    return { rows: /SELECT/.test(text) ? [{ count: "3" }] : [] };
  }
};
`;

describe("the example application", () => {
  const started: BootResult[] = [];
  const pidOf = ({ root }: BootResult) => Number(readFileSync(join(root, "application.pid"), "utf8"));
  after(() => started.forEach((booted) => process.kill(pidOf(booted))));

  /** Boots an instance with the application in its image. @returns where it listens. */
  async function start(database?: ApplicationDatabase): Promise<string> {
    mkdirSync(join(WORK, "tmp"), { recursive: true });
    const port = await getPort();
    const script = applicationScript({
      region: "us-east-1",
      application: {
        command: `${process.execPath} /opt/web-app/server.mjs`,
        // What the image would have.
        setUp: [
          "mkdir -p /opt/web-app/node_modules/pg",
          `cat ${join(ROOT, "examples/web-app/server.mjs")} | tee /opt/web-app/server.mjs > /dev/null`,
          `tee /opt/web-app/node_modules/pg/index.js > /dev/null <<'DRIVER'${DRIVER}DRIVER`,
        ].join("\n"),
        port,
        environment: {},
      },
      ...(database === undefined ? {} : { database }),
    });
    const world = { instanceId: "i-1", accessKeyId: "AKIAINSTANCE", endpointUrl: "http://127.0.0.1:1", secret: SECRET };
    const booted = await runUserData(script, world);
    assert.ok(existsSync(join(booted.root, "application.pid")), booted.output);
    started.push(booted);
    return `http://127.0.0.1:${port}`;
  }

  /** The answer of an application that may still be starting: a health check asks until it answers, too. */
  async function ask(url: string): Promise<{ status: number; text: string }> {
    for (let attempt = 1; ; attempt++) {
      try {
        const response = await fetch(url);
        return { status: response.status, text: await response.text() };
      } catch (error) {
        if (attempt === 600) {
          throw error;
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  it("is started by the user data, answers the health check, and works without a database", async () => {
    const url = await start();
    assert.deepEqual(await ask(`${url}/healthz`), { status: 200, text: "ok\n" });
    assert.match((await ask(`${url}/`)).text, /This stack has no database/);
    assert.equal((await ask(`${url}/other`)).status, 404);
  });

  it("makes a page from its database, with the password of the secret and over TLS", async () => {
    const url = await start(DATABASE);
    assert.deepEqual(await ask(`${url}/`), { status: 200, text: "It works. Visits: 3\n" });
  });

  it("stays healthy while its database is away, and says so to visitors", async () => {
    const url = await start({ ...DATABASE, host: "away.example.com" });
    assert.equal((await ask(`${url}/`)).status, 503);
    assert.equal((await ask(`${url}/healthz`)).status, 200);
  });
});
