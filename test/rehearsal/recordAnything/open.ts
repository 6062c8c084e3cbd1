import { LocalWorkspace, PulumiFn, Stack } from "@pulumi/pulumi/automation";
import { delimiter, join } from "node:path";
import { resolveEngine } from "../../../local/engine/engine";
import { temporaryFolder } from "../up";

/** Opens a stack whose plugins keep whatever they are given. */
export async function openRecorded(program: PulumiFn): Promise<Stack> {
  const workDir = temporaryFolder();
  const bins = [__dirname, join(process.cwd(), "local", "bin")];
  return LocalWorkspace.createOrSelectStack(
    { stackName: "any", projectName: "any", program },
    {
      workDir,
      pulumiCommand: await resolveEngine(),
      envVars: {
        PATH: [...bins, process.env["PATH"] ?? ""].join(delimiter),
        PULUMI_HOME: join(workDir, "home"),
        PULUMI_BACKEND_URL: `file://${workDir}`,
        PULUMI_CONFIG_PASSPHRASE: "test",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      },
    },
  );
}
