import { CreateLaunchTemplateCommand, EC2Client } from "@aws-sdk/client-ec2";
import { Clients } from "../../endpoint/clients";
import { World } from "../../endpoint/world";
import { IMAGE_ID, unlessThere } from "../../stacks/making";
import { StackFile } from "../../stacks/stackFiles";

/** Makes the launch templates that a stack's pairs name. */
export async function prepareOutposts(
  { region, config }: StackFile,
  clients: Clients,
): Promise<ReadonlyMap<string, string>> {
  const ec2 = clients.make(EC2Client, region);
  for (const { launchTemplate, instanceType } of (config.outposts?.pairs ?? []).flatMap((p) => p.applications)) {
    if (launchTemplate.name !== undefined) {
      await createLaunchTemplate(ec2, launchTemplate.name, instanceType);
    }
  }
  return new Map();
}

async function createLaunchTemplate(ec2: EC2Client, LaunchTemplateName: string, InstanceType: string): Promise<void> {
  const LaunchTemplateData = { ImageId: IMAGE_ID, InstanceType: InstanceType as never };
  await unlessThere(ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName, LaunchTemplateData })));
}

/** The Outposts servers, and the instance types that they offer. */
export function outpostWorld({ config }: StackFile): Partial<World> {
  const servers = Object.values(config.outposts?.servers ?? {});
  const id = (outpost: string) => outpost.split("/").pop() ?? "";
  return { outposts: Object.fromEntries(servers.map((s) => [id(s.outpost), Object.keys(s.capacity)])) };
}
