import { CreateLaunchTemplateCommand, EC2Client } from "@aws-sdk/client-ec2";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { Clients } from "./clients";
import { ROOT } from "./paths";

/** What a stack's file says of Outposts. */
export interface OutpostsConfig {
  readonly servers?: Record<string, { readonly outpost?: string; readonly capacity?: Record<string, number> }>;
  readonly pairs?: readonly PairConfig[];
}

export interface PairConfig {
  readonly name: string;
  readonly source: string;
  readonly destination: string;
  readonly applications?: readonly ApplicationConfig[];
}

export interface ApplicationConfig {
  readonly name: string;
  readonly launchTemplate?: { readonly name?: string };
  readonly instanceType?: string;
  readonly count?: number;
  readonly home?: string;
}

/** The parts of a stack's file that name what must be there before the stack. */
interface StackFile {
  readonly config?: { readonly "aws:region"?: string; readonly "nplusone:outposts"?: OutpostsConfig };
}

/** Reads a stack's file. Whether it is right is for the program to say. */
export async function readStackFile(stack: string): Promise<{ region: string; outposts: OutpostsConfig }> {
  const { config } = parse(await readFile(join(ROOT, `Pulumi.${stack}.yaml`), "utf8")) as StackFile;
  return { region: config?.["aws:region"] ?? "us-east-1", outposts: config?.["nplusone:outposts"] ?? {} };
}

/**
 * Makes what stacks take for granted in a real account: the launch templates and Outposts servers that their files
 * name. Whatever a file lacks is passed over.
 */
export async function prepareLandscape(stacks: readonly string[], clients: Clients): Promise<void> {
  const outposts: Record<string, string[]> = {};
  for (const stack of stacks) {
    const { region, outposts: config } = await readStackFile(stack);
    const { servers = {}, pairs = [] } = config;
    for (const { outpost = "", capacity = {} } of Object.values(servers)) {
      outposts[outpost.split("/").pop() ?? ""] = Object.keys(capacity);
    }
    const ec2 = clients.make(EC2Client, region);
    for (const { launchTemplate, instanceType } of pairs.flatMap((p) => p.applications ?? [])) {
      if (launchTemplate?.name !== undefined) {
        await createLaunchTemplate(ec2, launchTemplate.name, instanceType);
      }
    }
  }
  await clients.endpoint.setBase({ outposts });
}

async function createLaunchTemplate(ec2: EC2Client, LaunchTemplateName: string, InstanceType = ""): Promise<void> {
  try {
    await ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName,
        LaunchTemplateData: { ImageId: "ami-12c6146b", InstanceType: InstanceType as never },
      }),
    );
  } catch (error) {
    if (!String(error).includes("already")) {
      throw error;
    }
  }
}
