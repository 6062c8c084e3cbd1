// Sessions in the stack's store, which outlive this process, its host and its zone.
import { createClient } from "@redis/client";
import { randomBytes } from "node:crypto";
import { connectToken } from "./token.mjs";

/** Seconds after which a session ends that nobody uses. */
const LIFETIME_SECONDS = 3600;
/** Milliseconds for an answer of the store, or a connection: a node that is lost says nothing. */
const PATIENCE_MS = 2000;

/** The store can't be reached: a failover takes seconds. */
export class StoreAway extends Error {}

export class Sessions {
  #settings;
  #client;

  /** @param settings where the store is and who connects: `SESSION_STORE_…`, and the task's credentials */
  constructor(settings) {
    this.#settings = settings;
    this.#client = this.#connect();
  }

  /** A new session of a user. Returns its id. */
  async begin(user) {
    const id = randomBytes(32).toString("base64url");
    await this.#ask(async (client) => {
      await client.hSet(`session:${id}`, { user, visits: 0 });
      await client.expire(`session:${id}`, LIFETIME_SECONDS);
    });
    return id;
  }

  /** Counts a visit. Returns whose session it is, and how many visits there were; `undefined` if it has ended. */
  visit(id) {
    return this.#ask(async (client) => {
      const user = await client.hGet(`session:${id}`, "user");
      if (user === null || user === undefined) {
        return undefined;
      }
      const visits = await client.hIncrBy(`session:${id}`, "visits", 1);
      await client.expire(`session:${id}`, LIFETIME_SECONDS);
      return { user, visits };
    });
  }

  async end(id) {
    await this.#ask((client) => client.del(`session:${id}`));
  }

  /** Whether the store can be written to. */
  async check() {
    await this.#ask((client) => client.set("health", "ok", { expiration: { type: "EX", value: 60 } }));
  }

  close() {
    drop(this.#client);
  }

  async #ask(command) {
    const client = this.#client;
    try {
      return await within(PATIENCE_MS, command(client));
    } catch (error) {
      // The node behind this connection is lost, or takes no writes any more: the name leads to another one by now.
      if (client === this.#client && (error instanceof StoreAway || /^READONLY/.test(error.message))) {
        this.#client = this.#connect();
        drop(client);
      }
      throw new StoreAway(error.message, { cause: error });
    }
  }

  #connect() {
    const { host, port, name, user, region, credentials } = this.#settings;
    const client = createClient({
      socket: {
        ...{ host, port, tls: true, servername: host, connectTimeout: PATIENCE_MS },
        // For as long as it takes: at first at once, then every second or two, not all processes at the same moment.
        reconnectStrategy: (retries) => Math.min(50 * 2 ** retries, 1000) * (1 + Math.random()),
      },
      // A token for each connection. ElastiCache ends each after 12 hours.
      credentialsProvider: {
        type: "async-credentials-provider",
        credentials: async () => ({
          username: user,
          password: await connectToken({ name, user, region, credentials: await credentials() }),
        }),
      },
      // While there is no connection, users hear so at once.
      disableOfflineQueue: true,
    });
    client.on("error", (error) => console.error(`session store: ${error.message}`));
    client.connect().catch((error) => console.error(`session store: ${error.message}`));
    return client;
  }
}

/** Ends a connection at once, unless it has ended. */
function drop(client) {
  if (client.isOpen) {
    client.destroy();
  }
}

function within(milliseconds, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new StoreAway(`no answer within ${milliseconds} ms`)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
