import { PulumiCommand } from "@pulumi/pulumi/automation";
import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { SemVer } from "semver";
import { CACHE } from "../common/paths";
import { progress } from "../common/progress";
import { lastLines, requireProgram, run } from "../common/shell";
import { UserError } from "../common/userError";

/** The newest version that the Go module proxy offers as a module, and so the oldest that is accepted. */
const VERSION = "3.230.0";
const CACHED = join(CACHE, `pulumi-${VERSION}`);

/**
 * The Pulumi engine: an installed one that is new enough, else one from the cache, else the official installer's, else
 * one built from the committed go.mod.
 * @throws {@link UserError} if none can be had.
 */
export async function resolveEngine(): Promise<PulumiCommand> {
  const version = new SemVer(VERSION);
  const roots = [undefined, process.env["PULUMI_HOME"], CACHED];
  for (const root of roots) {
    try {
      return await PulumiCommand.get({ version, root });
    } catch {
      // Not there, or too old: the next one.
    }
  }
  progress(`installing the Pulumi engine ${VERSION}, once for this machine`);
  try {
    return await PulumiCommand.install({ version, root: CACHED });
  } catch {
    await build();
    return PulumiCommand.get({ version, root: CACHED });
  }
}

async function build(): Promise<void> {
  progress("get.pulumi.com can't be reached: building the engine with Go instead (2 to 3 minutes)");
  await requireProgram("go", ["version"], "1.24", "to build the Pulumi engine, since none is installed");
  const module = join(CACHED, "module");
  await mkdir(join(CACHED, "bin"), { recursive: true });
  for (const file of ["go.mod", "go.sum", "tools.go"]) {
    await cp(join(__dirname, file), join(module, file));
  }
  const versionFlag = `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${VERSION}`;
  const args = ["build", "-ldflags", `-s -w ${versionFlag}`, "-o", join(CACHED, "bin", "pulumi")];
  try {
    await run("go", [...args, "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"], module);
  } catch (error) {
    throw new UserError(
      `The Pulumi engine could not be built. The first run needs the Go module proxy (or an installed Pulumi ` +
        `${VERSION}): check the network and run it again.\n${lastLines(error)}`,
    );
  }
}
