import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DescribeLaunchTemplatesCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import {
  CreateTargetGroupCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  GetInstanceProfileCommand,
  IAMClient,
} from "@aws-sdk/client-iam";
import { Clients } from "../../endpoint/clients";
import { World } from "../../endpoint/world";
import { defaultVpc, IMAGE_ID, subnetFor, unlessThere } from "../../stacks/making";
import { ApplicationConfig, StackFile } from "../../stacks/stackFiles";

/** Makes the launch templates, subnets and target groups that a stack's servers and pairs name. */
export async function prepareOutposts(
  { region, config: { outposts } }: StackFile,
  clients: Clients,
): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  if (outposts === undefined) {
    return ids;
  }
  const ec2 = clients.make(EC2Client, region);
  const loadBalancing = clients.make(ElasticLoadBalancingV2Client, region);
  const applications = outposts.pairs.flatMap((pair) => pair.applications);
  await makeInstanceProfile(clients.make(IAMClient, region));
  for (const { launchTemplate, instanceType } of applications) {
    const id = await makeLaunchTemplate(ec2, launchTemplate, instanceType);
    ids.set(launchTemplate.id ?? "", id);
  }
  const subnetIds = [
    ...Object.values(outposts.servers).flatMap((server) => server.subnetIds),
    ...applications.flatMap((application) => application.destinationSubnetId ?? []),
  ];
  for (const id of new Set(subnetIds)) {
    ids.set(id, await subnetFor(ec2, id));
  }
  for (const targetGroupArn of new Set(applications.flatMap((application) => application.targetGroupArns))) {
    ids.set(targetGroupArn, await makeTargetGroup(loadBalancing, targetGroupArn, await defaultVpc(ec2)));
  }
  return ids;
}

/** Instance profile of every launch template, and its role. */
const PROFILE = "outposts-instances";

async function makeInstanceProfile(iam: IAMClient): Promise<void> {
  const trust = { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [trust] });
  const names = { InstanceProfileName: PROFILE, RoleName: PROFILE };
  await unlessThere(iam.send(new CreateRoleCommand({ RoleName: PROFILE, AssumeRolePolicyDocument })));
  await unlessThere(iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: PROFILE })));
  const { InstanceProfile } = await iam.send(new GetInstanceProfileCommand({ InstanceProfileName: PROFILE }));
  if ((InstanceProfile?.Roles ?? []).length === 0) {
    // Another stack that is prepared at the same time may have added it: a profile has one role.
    await unlessThere(iam.send(new AddRoleToInstanceProfileCommand(names)));
  }
}

/** A launch template with as many versions as are asked for. Returns its id. */
async function makeLaunchTemplate(
  ec2: EC2Client,
  { id, name, version }: ApplicationConfig["launchTemplate"],
  instanceType: string,
): Promise<string> {
  const LaunchTemplateName = name ?? `for-${id}`;
  const template = {
    LaunchTemplateName,
    LaunchTemplateData: {
      ImageId: IMAGE_ID,
      InstanceType: instanceType as never,
      IamInstanceProfile: { Name: PROFILE },
      TagSpecifications: [{ ResourceType: "volume" as const, Tags: [{ Key: "from", Value: LaunchTemplateName }] }],
    },
  };
  await unlessThere(ec2.send(new CreateLaunchTemplateCommand(template)));
  const { LaunchTemplates: [made] = [] } = await ec2.send(
    new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: [LaunchTemplateName] }),
  );
  for (let latest = made?.LatestVersionNumber ?? 1; latest < Number(version); latest++) {
    await ec2.send(new CreateLaunchTemplateVersionCommand(template));
  }
  return made?.LaunchTemplateId ?? "";
}

/** A target group of the same name. Returns its ARN. */
async function makeTargetGroup(
  loadBalancing: ElasticLoadBalancingV2Client,
  targetGroupArn: string,
  VpcId: string,
): Promise<string> {
  const Name = targetGroupArn.split("/")[1] ?? "";
  await unlessThere(loadBalancing.send(new CreateTargetGroupCommand({ Name, Protocol: "HTTP", Port: 80, VpcId })));
  const { TargetGroups = [] } = await loadBalancing.send(new DescribeTargetGroupsCommand({ Names: [Name] }));
  return TargetGroups[0]?.TargetGroupArn ?? "";
}

/** The Outposts servers, and the instance types that they offer. */
export function outpostWorld({ config }: StackFile): Partial<World> {
  const servers = Object.values(config.outposts?.servers ?? {});
  const id = (outpost: string) => outpost.split("/").pop() ?? "";
  return { outposts: Object.fromEntries(servers.map((s) => [id(s.outpost), Object.keys(s.capacity)])) };
}
