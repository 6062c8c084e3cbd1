import getPort from "get-port";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Endpoint } from "../endpoint/endpoint";
import { Ports, REHEARSAL_KEY, resolvePython, startMinistack, startMoto, startProcess } from "./emulators";
import { ROOT, WORK } from "../common/paths";
import { progress } from "../common/progress";
import { UserError } from "../common/userError";

/** What is running, as written to the rehearsal's folder. */
interface Running {
  readonly ports: Ports;
  readonly pids: Record<string, number>;
}

const FILE = join(WORK, "running.json");
/** The endpoint's port, unless `NPLUSONE_PORT` says otherwise (0: any free ones); the emulators take the next two. */
const DEFAULT_PORT = 4510;

/** Milliseconds after which a wait for a process is given up: machines may be slow. */
const GIVE_UP_MS = 300_000;

/** The environment in which everything of a rehearsal speaks to AWS. */
export function awsEnvironment(endpoint: Endpoint): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint.url,
    AWS_ACCESS_KEY_ID: REHEARSAL_KEY,
    AWS_SECRET_ACCESS_KEY: "local",
  };
}

/** The endpoint of what is up. @throws {@link UserError} if nothing is. */
export async function runningEndpoint(): Promise<Endpoint> {
  const running = await readRunning();
  if (running === undefined) {
    throw new UserError("nothing is up: start it with `npm run local -- up`");
  }
  return new Endpoint(`http://127.0.0.1:${running.ports.endpoint}`);
}

/**
 * Starts the emulators and the endpoint, or finds them running.
 * @throws {@link UserError} if a port is in use, or something doesn't start.
 */
export async function startEmulators(): Promise<Endpoint> {
  if ((await readRunning()) !== undefined) {
    return runningEndpoint();
  }
  // Leftovers of a rehearsal that died.
  await stopEmulators();
  // State of emulators that are gone describes resources that are gone.
  await rm(WORK, { recursive: true, force: true });
  await mkdir(join(WORK, "tmp"), { recursive: true });
  const python = await resolvePython();
  const ports = await choosePorts();
  progress(`starting the emulators behind http://127.0.0.1:${ports.endpoint}`);
  const url = (port: number) => `http://127.0.0.1:${port}`;
  const processes = {
    moto: await startMoto(python, ports.moto),
    ministack: await startMinistack(python, ports),
    endpoint: await startProcess(
      "endpoint",
      process.execPath,
      [
        ...["-r", join(ROOT, "local", "bin", "typescript.js"), join(ROOT, "local", "endpoint", "main.ts")],
        ...[String(ports.endpoint), url(ports.moto), url(ports.ministack)],
      ],
      {},
    ),
  };
  const pids = Object.fromEntries(Object.entries(processes).map(([name, child]) => [name, child.pid ?? 0]));
  const running: Running = { ports, pids };
  await writeFile(FILE, JSON.stringify(running));
  for (const [name, port] of Object.entries(ports)) {
    await listening(name, port, pids[name] ?? 0);
  }
  return new Endpoint(url(ports.endpoint));
}

/** Stops what `startEmulators` started, as far as it is still there. */
export async function stopEmulators(): Promise<void> {
  const { pids } = await readFileOr({ pids: {} });
  for (const [name, pid] of Object.entries(pids)) {
    if (isOurs(name, pid)) {
      // A process group: ministack's Lambda workers go with it.
      process.kill(-pid, "SIGTERM");
    }
  }
  // Their ports are free only when they are gone.
  const deadline = Date.now() + GIVE_UP_MS;
  while (Object.entries(pids).some(([name, pid]) => isOurs(name, pid)) && Date.now() < deadline) {
    await sleep(50);
  }
  await rm(FILE, { force: true });
}

/** What is running: all of it, or nothing. */
async function readRunning(): Promise<Running | undefined> {
  const running = await readFileOr<Running | undefined>(undefined);
  const allThere = running && Object.entries(running.pids).every(([name, pid]) => isOurs(name, pid));
  return allThere ? running : undefined;
}

async function readFileOr<T>(otherwise: T): Promise<Running | T> {
  return existsSync(FILE) ? (JSON.parse(await readFile(FILE, "utf8")) as Running) : otherwise;
}

/** Whether a process is alive and, where /proc can tell, still the one that was started under this name. */
function isOurs(name: string, pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const commandLine = `/proc/${pid}/cmdline`;
  return !existsSync(commandLine) || readFileSync(commandLine, "utf8").includes(name);
}

async function choosePorts(): Promise<Ports> {
  const wanted = Number(process.env["NPLUSONE_PORT"] ?? DEFAULT_PORT);
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > 65533) {
    throw new UserError(`NPLUSONE_PORT is ${process.env["NPLUSONE_PORT"]}, but must be a port from 0 (any) to 65533`);
  }
  if (wanted === 0) {
    return { endpoint: await getPort(), moto: await getPort(), ministack: await getPort() };
  }
  const ports = { endpoint: wanted, moto: wanted + 1, ministack: wanted + 2 };
  for (const port of Object.values(ports)) {
    if (await accepts(port)) {
      throw new UserError(
        `port ${port} on 127.0.0.1 is in use: stop what listens there, or set NPLUSONE_PORT to the first of three free ports`,
      );
    }
  }
  return ports;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: "127.0.0.1", port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

async function listening(name: string, port: number, pid: number): Promise<void> {
  const deadline = Date.now() + GIVE_UP_MS;
  while (!(await accepts(port))) {
    if (Date.now() > deadline || !isOurs(name, pid)) {
      throw new UserError(`${name} did not start: see ${join(WORK, "logs", `${name}.log`)}`);
    }
    await sleep(50);
  }
}
