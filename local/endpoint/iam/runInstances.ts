import { ResponseLaunchTemplateData } from "@aws-sdk/client-ec2";
import { RequestContext } from "../../../model/iam/request";
import { Asked, listed, Question, tagContext } from "./operation";

/** What a launch is made of, of the template and of the request itself, which has precedence. */
interface Launch {
  readonly imageId: string | undefined;
  readonly instanceType: string | undefined;
  readonly keyName: string | undefined;
  /** Name of the instance profile. */
  readonly profile: string | undefined;
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
  /** Interfaces that exist already. */
  readonly networkInterfaceIds: readonly string[];
  readonly snapshotIds: readonly string[];
  /** Tags by type of the resource that gets them. */
  readonly tags: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * RunInstances is asked about for every resource that it uses or makes: those that exist by their ARNs, those to be made
 * as `TYPE/*`. Tags that it puts on what it makes are `CreateTags`, the role that it gives to the instance is `PassRole`.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ExamplePolicies_EC2.html#iam-example-runinstances
 */
export async function runInstances({ request, facts, arn }: Asked): Promise<readonly Question[]> {
  const { parameters } = request;
  const id = parameters.get("LaunchTemplate.LaunchTemplateId");
  const name = parameters.get("LaunchTemplate.LaunchTemplateName");
  const version = parameters.get("LaunchTemplate.Version") ?? "$Default";
  const used = (id ?? name) ? await facts.launchTemplate(id ? { id } : { name: name ?? "" }, version) : undefined;
  const launch = launchOf(parameters, used?.data ?? {});
  const template = used && arn("ec2", `launch-template/${used.template.LaunchTemplateId}`);
  const common: RequestContext = template ? { "ec2:LaunchTemplate": [template] } : {};
  const own = (type: string, ids: readonly string[]) => ids.map((one) => arn("ec2", `${type}/${one}`));
  const groups =
    launch.securityGroupIds.length > 0 || launch.networkInterfaceIds.length > 0
      ? launch.securityGroupIds
      : [await facts.defaultSecurityGroup(launch.subnetIds[0] ?? "")];
  const existing = [
    ...(template ? [template] : []),
    ...(launch.imageId ? [arn("ec2", `image/${launch.imageId}`).replace(/:\d*:image/, "::image")] : []),
    ...own("subnet", launch.subnetIds),
    ...own("security-group", groups),
    ...own("network-interface", launch.networkInterfaceIds),
    ...own("key-pair", launch.keyName ? [launch.keyName] : []),
    ...launch.snapshotIds.map((one) => arn("ec2", `snapshot/${one}`).replace(/:\d*:snapshot/, "::snapshot")),
  ];
  const made = ["instance", "volume", ...(launch.networkInterfaceIds.length > 0 ? [] : ["network-interface"])];
  const profile: RequestContext = launch.profile
    ? { "ec2:InstanceProfile": [arn("iam", `instance-profile/${launch.profile}`).replace(/:iam:[^:]*:/, ":iam::")] }
    : {};
  const instance: RequestContext = { ...profile, "ec2:InstanceType": launch.instanceType ? [launch.instanceType] : [] };
  return [
    ...existing.map((resource) => ({ resource, context: common })),
    ...made.map((type) => ({
      resource: arn("ec2", `${type}/*`),
      context: { ...common, ...(type === "instance" ? instance : {}), ...requestTags(launch.tags[type]) },
    })),
    ...Object.entries(launch.tags).map(([type, tags]) => ({
      action: "ec2:CreateTags",
      resource: arn("ec2", `${type}/*`),
      context: { "ec2:CreateAction": ["RunInstances"], ...requestTags(tags) },
    })),
    ...(launch.profile ? [await passRole(launch.profile, facts)] : []),
  ];
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html */
async function passRole(profile: string, facts: Asked["facts"]): Promise<Question> {
  return {
    action: "iam:PassRole",
    resource: await facts.roleOfProfile(profile),
    context: { "iam:PassedToService": ["ec2.amazonaws.com"] },
  };
}

function requestTags(tags: Readonly<Record<string, string>> = {}): RequestContext {
  return { ...tagContext(tags, "aws:RequestTag"), "aws:TagKeys": Object.keys(tags) };
}

function launchOf(parameters: URLSearchParams, data: ResponseLaunchTemplateData): Launch {
  const matching = (pattern: RegExp) =>
    [...parameters].filter(([name]) => pattern.test(name)).map(([, value]) => value);
  const some = (...lists: readonly (readonly (string | undefined)[])[]) =>
    (lists.find((list) => list.length > 0) ?? []).filter((one) => one !== undefined);
  const interfaces = data.NetworkInterfaces ?? [];
  const profileArn = parameters.get("IamInstanceProfile.Arn") ?? data.IamInstanceProfile?.Arn;
  return {
    imageId: parameters.get("ImageId") ?? data.ImageId,
    instanceType: parameters.get("InstanceType") ?? data.InstanceType,
    keyName: parameters.get("KeyName") ?? data.KeyName,
    profile: parameters.get("IamInstanceProfile.Name") ?? data.IamInstanceProfile?.Name ?? profileArn?.split("/").pop(),
    subnetIds: some(
      matching(/^NetworkInterface\.\d+\.SubnetId$|^SubnetId$/),
      interfaces.flatMap((n) => n.SubnetId ?? []),
    ),
    securityGroupIds: some(
      [...listed(parameters, "SecurityGroupId"), ...matching(/^NetworkInterface\.\d+\.SecurityGroupId\.\d+$/)],
      [...(data.SecurityGroupIds ?? []), ...interfaces.flatMap((n) => n.Groups ?? [])],
    ),
    networkInterfaceIds: some(
      matching(/^NetworkInterface\.\d+\.NetworkInterfaceId$/),
      interfaces.flatMap((n) => n.NetworkInterfaceId ?? []),
    ),
    snapshotIds: some(
      matching(/^BlockDeviceMapping\.\d+\.Ebs\.SnapshotId$/),
      (data.BlockDeviceMappings ?? []).flatMap((b) => b.Ebs?.SnapshotId ?? []),
    ),
    tags: { ...templateTags(data), ...tagSpecifications(parameters) },
  };
}

function templateTags({ TagSpecifications = [] }: ResponseLaunchTemplateData): Launch["tags"] {
  // moto mixes up the tags of the template with those of what is launched from it.
  const launched = TagSpecifications.filter((one) => one.ResourceType !== "launch-template");
  return Object.fromEntries(
    launched.map(({ ResourceType = "", Tags = [] }) => [
      ResourceType,
      Object.fromEntries(Tags.map((t) => [t.Key ?? "", t.Value ?? ""])),
    ]),
  );
}

/** `TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=…` */
function tagSpecifications(parameters: URLSearchParams): Launch["tags"] {
  const tags: Record<string, Record<string, string>> = {};
  for (const [name, key] of parameters) {
    const [, index, tag] = /^TagSpecification\.(\d+)\.Tag\.(\d+)\.Key$/.exec(name) ?? [];
    if (index !== undefined) {
      const type = parameters.get(`TagSpecification.${index}.ResourceType`) ?? "";
      tags[type] = { ...tags[type], [key]: parameters.get(`TagSpecification.${index}.Tag.${tag}.Value`) ?? "" };
    }
  }
  return tags;
}
