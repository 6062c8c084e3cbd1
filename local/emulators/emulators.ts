import { ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, openSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { CACHE, WORK } from "../common/paths";
import { progress } from "../common/progress";
import { lastLines, requireProgram, run } from "../common/shell";
import { UserError } from "../common/userError";

/** The account of every rehearsal. */
export const ACCOUNT = "123456789012";
/** The access key of handlers that a bench runs itself, beside what is compared with them: no role limits it. */
export const HANDLER_KEY = "HANDLER";
/** The access key of the rehearsal itself: engine, plugins, drills. */
export const REHEARSAL_KEY = "REHEARSAL";

/** Ports of a rehearsal, all on 127.0.0.1. */
export interface Ports {
  readonly endpoint: number;
  readonly moto: number;
  readonly ministack: number;
}

/**
 * The Python with both emulators in it, made once for each version of requirements.txt.
 * @throws {@link UserError} if there is no Python, or the packages can't be installed.
 */
export async function resolvePython(): Promise<string> {
  const requirements = join(__dirname, "requirements.txt");
  const version = createHash("sha256")
    .update(await readFile(requirements))
    .digest("hex")
    .slice(0, 12);
  const environment = join(CACHE, `python-${version}`);
  const python = join(environment, "bin", "python");
  if (existsSync(join(environment, "ready"))) {
    return python;
  }
  progress("installing the AWS emulators, once for this machine (half a minute)");
  await requireProgram("python3", ["--version"], "3.10", "to run the AWS emulators");
  try {
    await mkdir(CACHE, { recursive: true });
    await rm(environment, { recursive: true, force: true });
    await run("python3", ["-m", "venv", environment]);
    await run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements]);
    await run("touch", [join(environment, "ready")]);
  } catch (error) {
    throw new UserError(
      `The AWS emulators could not be installed. The first run needs PyPI: check the network and run it again.\n` +
        lastLines(error),
    );
  }
  return python;
}

/** Starts a process that outlives this one, logging to the rehearsal's folder. */
export async function startProcess(
  name: string,
  program: string,
  args: string[],
  env: NodeJS.ProcessEnv,
): Promise<ChildProcess> {
  await mkdir(join(WORK, "logs"), { recursive: true });
  const log = openSync(join(WORK, "logs", `${name}.log`), "w");
  const child = spawn(program, args, {
    cwd: WORK,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ["ignore", log, log],
  });
  child.unref();
  return child;
}

/** Starts moto, which models EC2, Auto Scaling, IAM and KMS. */
export function startMoto(python: string, port: number): Promise<ChildProcess> {
  const args = [join(__dirname, "run_moto.py"), "-H", "127.0.0.1", "-p", String(port)];
  return startProcess("moto", python, args, {});
}

/** Starts ministack, which runs Lambda, EventBridge, SNS, SQS, DynamoDB and the rest. */
export function startMinistack(python: string, ports: Ports): Promise<ChildProcess> {
  const temporary = join(WORK, "tmp");
  return startProcess("ministack", python, [join(__dirname, "run_ministack.py")], {
    GATEWAY_PORT: String(ports.ministack),
    BIND_HOST: "127.0.0.1",
    IOT_MTLS_ENABLED: "0",
    SFTP_ENABLED: "0",
    LAMBDA_EXECUTOR: "local",
    MINISTACK_ACCOUNT_ID: ACCOUNT,
    AWS_ACCESS_KEY_ID: REHEARSAL_KEY,
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_ENDPOINT_URL: `http://127.0.0.1:${ports.endpoint}`,
    S3_DATA_DIR: join(temporary, "s3"),
    TMPDIR: temporary,
  });
}
