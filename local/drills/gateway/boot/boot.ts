import { spawn } from "node:child_process";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { WORK } from "../../../common/paths";

/** What the stand-ins of a boot answer with. */
export interface BootWorld {
  readonly instanceId: string;
  readonly networkInterfaceId: string;
  /** The access key that the instance gets of its profile's role. */
  readonly accessKeyId: string;
  readonly endpointUrl: string;
  /** No answer comes back through the persistent interface. @default false */
  readonly noWayOut?: boolean;
}

/** What a boot script did. */
export interface BootResult {
  /** The commands that it ran, in order. */
  readonly journal: readonly string[];
  /** The result with which it completed the launch lifecycle action, if it did. */
  readonly lifecycleResult: string | undefined;
  readonly output: string;
}

/**
 * Runs a boot script with stand-ins for everything it calls: nothing outside the boot's own folder is touched, and the
 * AWS commands go to the endpoint.
 */
export async function runBootScript(script: string, world: BootWorld): Promise<BootResult> {
  const folder = await mkdtemp(join(WORK, "tmp", "boot-"));
  const file = join(folder, "user-data.sh");
  await writeFile(file, script);
  const env = {
    // Stand-ins only: a command that has none is not found, rather than run on this machine.
    PATH: join(__dirname, "bin"),
    BOOT_DIR: folder,
    BOOT_INSTANCE_ID: world.instanceId,
    BOOT_ACCESS_KEY_ID: world.accessKeyId,
    BOOT_NETWORK_INTERFACE_ID: world.networkInterfaceId,
    BOOT_NO_WAY_OUT: world.noWayOut ? "1" : "",
    AWS_ENDPOINT_URL: world.endpointUrl,
  };
  const child = spawn("/bin/bash", [file], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const journal = (await readFile(join(folder, "journal"), "utf8")).trim().split("\n");
  const completion = journal.find((line) => line.includes("complete-lifecycle-action"));
  return { journal, lifecycleResult: completion?.split(" ").pop(), output: `${out}${err}` };
}
