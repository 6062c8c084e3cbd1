// A small web application: /healthz says that this instance works, / counts visits in the stack's database.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

const { DATABASE_HOST, DATABASE_NAME, DATABASE_PORT, DATABASE_SECRET_FILE, PORT = "8080" } = process.env;

let pool;

/** The database's connections. The secret is read for each new one, so that a rotated password is used at once. */
async function database() {
  if (pool === undefined) {
    const { default: pg } = await import("pg");
    const secret = async () => JSON.parse(await readFile(DATABASE_SECRET_FILE, "utf8"));
    const { username } = await secret();
    pool = new pg.Pool({
      host: DATABASE_HOST,
      port: Number(DATABASE_PORT),
      database: DATABASE_NAME,
      user: username,
      password: async () => (await secret()).password,
      ssl: true,
      // A failover takes a minute or two: until then visitors hear soon that there is one.
      connectionTimeoutMillis: 3000,
      query_timeout: 3000,
    });
    // A connection that breaks while nobody uses it is replaced when one is needed.
    pool.on("error", (error) => console.error(`a connection broke: ${error.message}`));
  }
  return pool;
}

async function visits() {
  const connections = await database();
  await connections.query("CREATE TABLE IF NOT EXISTS visits (at timestamptz NOT NULL DEFAULT now())");
  await connections.query("INSERT INTO visits DEFAULT VALUES");
  const { rows } = await connections.query("SELECT count(*) FROM visits");
  return Number(rows[0].count);
}

/** The answer to a request: status and text. */
async function answer(path) {
  switch (path) {
    case "/healthz":
      // Says nothing about the database: while that fails over, taking instances out would help nobody.
      return [200, "ok\n"];
    case "/":
      if (DATABASE_HOST === undefined) {
        return [200, "It works. This stack has no database.\n"];
      }
      try {
        return [200, `It works. Visits: ${await visits()}\n`];
      } catch (error) {
        console.error(error);
        return [503, "The database can't be reached at the moment. Please try again soon.\n"];
      }
    default:
      return [404, "There is no such page.\n"];
  }
}

const server = createServer(async (request, response) => {
  const [status, text] = await answer(request.url);
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(text);
});
// Longer than the balancer's idle timeout of 60 s, so that it is never the application that closes first.
server.keepAliveTimeout = 65_000;
server.listen(Number(PORT), () => console.log(`listening on ${PORT}`));

// systemd asks it to end: requests that have begun are answered.
process.on("SIGTERM", () => server.close(() => process.exit(0)));
