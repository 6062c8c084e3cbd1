import { spawn } from "node:child_process";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { WORK } from "../../../common/paths";

/** What the stand-ins of a boot answer with. */
export interface BootWorld {
  readonly instanceId: string;
  /** The access key that the instance gets of its profile's role. */
  readonly accessKeyId: string;
  readonly endpointUrl: string;
  /** What Secrets Manager has. @default it doesn't answer */
  readonly secret?: string;
}

/** What user data did. */
export interface BootResult {
  /** The commands that it ran for which there are stand-ins, in order. */
  readonly journal: readonly string[];
  readonly output: string;
  readonly exitCode: number | null;
  /** The instance's file system: what the user data has written is below it. */
  readonly root: string;
}

/** The folders of an instance's file system that user data writes to. */
const FOLDERS = /(?<![\w./-])\/(opt|etc|run)\//g;

/**
 * Runs the user data of a tier's instance or a bastion with stand-ins for the commands that would reach beyond it. The
 * instance's file system is a folder of its own: paths to it are written anew.
 */
export async function runUserData(script: string, world: BootWorld): Promise<BootResult> {
  const folder = await mkdtemp(join(WORK, "tmp", "boot-"));
  const file = join(folder, "user-data.sh");
  await writeFile(join(folder, "journal"), "");
  await writeFile(file, script.replaceAll(FOLDERS, `${folder}/$1/`));
  const env = {
    // Stand-ins only: a command that has none is not found, rather than run on this machine.
    PATH: join(__dirname, "bin"),
    BOOT_DIR: folder,
    BOOT_INSTANCE_ID: world.instanceId,
    BOOT_ACCESS_KEY_ID: world.accessKeyId,
    BOOT_SECRET: world.secret ?? "",
    AWS_ENDPOINT_URL: world.endpointUrl,
  };
  const child = spawn("/bin/bash", [file], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  const exit = new Promise<number | null>((resolve) => child.on("exit", resolve));
  const [out, err, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  const journal = (await readFile(join(folder, "journal"), "utf8")).trim().split("\n");
  return { journal, output: `${out}${err}`, exitCode, root: folder };
}
