import { ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { until } from "../drills/drill";
import { asRoot, SYSTEM_PATH } from "./machine";

/** What a command in a namespace came to. */
export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process with namespaces of its own, which others can be run in. */
export class Namespaces {
  private constructor(
    private readonly child: ChildProcess,
    private readonly pid: number,
    readonly environment: Readonly<Record<string, string>>,
  ) {}

  /**
   * Starts a script as the first process of new namespaces, and waits until it prints the given line.
   * @param within the namespaces in which it starts. @default this machine's
   * @param last the program that the script becomes, by which its process is found.
   * @throws an `Error` with what the script printed, if it ends before.
   */
  static async start(
    command: readonly string[],
    environment: Readonly<Record<string, string>>,
    line: string,
    last: string,
    within?: Namespaces,
  ): Promise<Namespaces> {
    const [program = "", ...args] = [
      ...asRoot(),
      ...(within?.enter() ?? []),
      ...withEnvironment({ ...environment }),
      ...command,
    ];
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
    // A pipe that the other side has closed is not this process's end.
    child.stdin.on("error", () => undefined);
    let printed = "";
    child.stderr.on("data", (chunk: Buffer) => (printed += chunk.toString()));
    const lines = createInterface({ input: child.stdout });
    const ready = new Promise<void>((resolve, reject) => {
      lines.on("line", (text) => {
        printed += `${text}\n`;
        if (text === line) {
          resolve();
        }
      });
      child.on("error", reject);
      child.on("exit", () => reject(new Error(`the data plane could not be set up: ${printed.trim()}`)));
    });
    await ready;
    // It says so before it becomes its last program.
    let pid: number | undefined;
    await until(() => {
      pid = descendant(child.pid ?? 0, last);
      return Promise.resolve(pid !== undefined);
    });
    if (pid === undefined) {
      throw new Error(`the data plane could not be set up: ${printed.trim()}`);
    }
    return new Namespaces(child, pid, environment);
  }

  /** The beginning of a command line that runs in these namespaces. */
  enter(): string[] {
    return ["nsenter", "-t", String(this.pid), "-m", "-n", "-p"];
  }

  /** Runs a command to its end, at most a minute. */
  run(command: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ran> {
    const [program = "", ...args] = [
      ...asRoot(),
      ...this.enter(),
      ...withEnvironment({ ...this.environment, ...environment }),
      ...command,
    ];
    return new Promise((resolve) => {
      const options = { timeout: 120_000, maxBuffer: 16 * 1024 * 1024 };
      execFile(program, args, options, (error, stdout, stderr) => {
        const status = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
        resolve({ status, stdout, stderr });
      });
    });
  }

  /** Starts a command that runs until the namespaces end, waits until it prints `ready`, and passes on what follows. */
  async serve(command: readonly string[], onLine: (line: string) => void): Promise<void> {
    const [program = "", ...args] = [...asRoot(), ...this.enter(), ...withEnvironment(this.environment), ...command];
    const server = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    let printed = "";
    server.stderr.on("data", (chunk: Buffer) => (printed += chunk.toString()));
    await new Promise<void>((resolve, reject) => {
      createInterface({ input: server.stdout }).on("line", (line) => (line === "ready" ? resolve() : onLine(line)));
      server.on("error", reject);
      server.on("exit", () => reject(new Error(`a server of the data plane ended: ${printed.trim()}`)));
    });
  }

  /** Ends the first process, and with it everything in its process namespace. */
  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) {
      return;
    }
    const ended = once(this.child, "exit");
    const [program = "", ...args] = [...asRoot(), "kill", "-9", String(this.pid)];
    execFile(program, args);
    this.child.stdin?.end();
    await ended;
  }
}

function withEnvironment(environment: Readonly<Record<string, string>>): string[] {
  // SHLVL: a bash without it, and with a socket for its input, takes itself for a login.
  return [
    "env",
    "-i",
    "SHLVL=1",
    `PATH=${SYSTEM_PATH}`,
    ...Object.entries(environment).map(([key, value]) => `${key}=${value}`),
  ];
}

/** The process that a program has become, below the one that was started. */
function descendant(pid: number, program: string): number | undefined {
  const queue = [pid];
  for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
    if (read(`/proc/${id}/comm`) === program) {
      return id;
    }
    const children = read(`/proc/${id}/task/${id}/children`).split(" ");
    queue.push(...children.filter((child) => child !== "").map(Number));
  }
  return undefined;
}

/** A file of a process, empty if that has just ended. */
function read(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return "";
  }
}
