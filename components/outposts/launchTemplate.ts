import {
  DescribeImagesCommand,
  DescribeLaunchTemplateVersionsCommand,
  EC2Client,
  LaunchTemplateVersion,
  ResponseLaunchTemplateData,
} from "@aws-sdk/client-ec2";
import * as aws from "@pulumi/aws";
import { NetworkInterface } from "../../lambdas/outposts/settings";

/** How a launch template and its version are named: by id or by name. */
export interface LaunchTemplateName {
  readonly id?: string;
  readonly name?: string;
  /** A version's number, `$Default` or `$Latest`. @default $Default */
  readonly version?: string;
}

/** A version of a launch template, as it is at an update: all that launching from it needs. */
export interface LaunchTemplate {
  /** `lt-…`. */
  readonly id: string;
  /** The version's number. */
  readonly version: string;
  readonly imageId: string;
  /** Role of the version's instance profile, if it has one. */
  readonly roleArn: string | undefined;
  /** Its network interfaces, without their subnets. */
  readonly networkInterfaces: readonly NetworkInterface[];
  /** What it tags besides instances, in EC2's words: `volume`, `network-interface`, … */
  readonly tagged: readonly string[];
  /** Name of its key pair, if it has one. */
  readonly keyName: string | undefined;
  /** Name of its placement group, if it has one. */
  readonly placementGroup: string | undefined;
  /** ARNs of the KMS keys that its volumes are encrypted with. */
  readonly kmsKeyArns: readonly string[];
  /** Whether it makes volumes from snapshots. */
  readonly fromSnapshots: boolean;
}

/**
 * Looks up a version of a launch template. `aws.ec2.getLaunchTemplate` reads the latest version whatever is asked for
 * (the provider's `launch_template` data source takes none), so EC2 itself is asked.
 * @param problem hears of everything that would keep the version from being launched on another server.
 */
export async function lookUpLaunchTemplate(
  { id, name, version = "$Default" }: LaunchTemplateName,
  ec2: EC2Client,
  problem: (message: string) => void,
): Promise<LaunchTemplate | undefined> {
  const called = `${id ?? name}, version ${version}`;
  try {
    const found = await findVersion(ec2, { LaunchTemplateId: id, LaunchTemplateName: name, Versions: [version] });
    if (found === undefined) {
      problem(`expected a launch template that exists: there is no ${called}`);
      return undefined;
    }
    const data = found.LaunchTemplateData ?? {};
    problemsOf(data).forEach((p) => problem(`${called} ${p}`));
    await checkImage(data.ImageId, called, ec2, problem);
    return await resolve(found, data);
  } catch (error) {
    problem(`${called} can't be looked up: ${String(error).split("\n")[0]}`);
    return undefined;
  }
}

async function findVersion(
  ec2: EC2Client,
  input: DescribeLaunchTemplateVersionsCommand["input"],
): Promise<LaunchTemplateVersion | undefined> {
  // With the image that a Systems Manager parameter stands for at the moment.
  const answer = await ec2.send(new DescribeLaunchTemplateVersionsCommand({ ...input, ResolveAlias: true }));
  return answer.LaunchTemplateVersions?.[0];
}

/** What in a version can't be launched a second time, on another server. */
function problemsOf(data: ResponseLaunchTemplateData): string[] {
  const interfaces = data.NetworkInterfaces ?? [];
  return [
    ...(data.ImageId === undefined ? ["names no image"] : []),
    ...(interfaces.some((i) => i.NetworkInterfaceId !== undefined)
      ? ["names an existing network interface, which only one instance can have: let it make one"]
      : []),
    ...(interfaces.some((i) => i.PrivateIpAddress !== undefined || (i.PrivateIpAddresses ?? []).length > 0)
      ? ["fixes a private address, which the other server's subnet doesn't have: leave it to EC2"]
      : []),
    // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html: SecurityGroupIds
    ...(interfaces.length > 0 && (data.SecurityGroupIds ?? []).length > 0
      ? ["has security groups beside network interfaces, which EC2 refuses: give them to the interfaces"]
      : []),
  ];
}

async function checkImage(
  ImageId: string | undefined,
  called: string,
  ec2: EC2Client,
  problem: (message: string) => void,
): Promise<void> {
  if (ImageId !== undefined) {
    const images = await ec2.send(new DescribeImagesCommand({ ImageIds: [ImageId] })).catch(() => ({ Images: [] }));
    if ((images.Images ?? []).length === 0) {
      problem(`${called} names image ${ImageId}, which isn't there or isn't shared with this account`);
    }
  }
}

async function resolve(found: LaunchTemplateVersion, data: ResponseLaunchTemplateData): Promise<LaunchTemplate> {
  const volumes = (data.BlockDeviceMappings ?? []).flatMap((m) => m.Ebs ?? []);
  const keyIds = [...new Set(volumes.flatMap((v) => v.KmsKeyId ?? []))];
  const keys = await Promise.all(keyIds.map((keyId) => aws.kms.getKey({ keyId })));
  return {
    id: found.LaunchTemplateId ?? "",
    version: String(found.VersionNumber),
    imageId: data.ImageId ?? "",
    roleArn: await roleOf(data),
    networkInterfaces: (data.NetworkInterfaces ?? []).map(({ SubnetId: _subnet, ...rest }) => rest),
    tagged: (data.TagSpecifications ?? []).flatMap((t) => t.ResourceType ?? []).filter((type) => type !== "instance"),
    keyName: data.KeyName,
    placementGroup: data.Placement?.GroupName,
    kmsKeyArns: keys.map((key) => key.arn),
    fromSnapshots: volumes.some((v) => v.SnapshotId !== undefined),
  };
}

async function roleOf({ IamInstanceProfile }: ResponseLaunchTemplateData): Promise<string | undefined> {
  const name = IamInstanceProfile?.Name ?? IamInstanceProfile?.Arn?.split("/").pop();
  return name === undefined ? undefined : (await aws.iam.getInstanceProfile({ name })).roleArn;
}
