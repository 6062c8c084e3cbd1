import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/**
 * Bytes of user data that EC2 takes, before they are encoded.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html
 */
export const USER_DATA_BYTES = 16 * 1024;

/** What tells the instances of one launch template from those of another, besides their image. */
export interface TemplateArgs {
  readonly instanceType: string;
  readonly profile: aws.iam.InstanceProfile;
  readonly securityGroupIds: readonly pulumi.Input<string>[];
  /** Whether each instance is given a public address when it is launched. */
  readonly hasPublicAddress: boolean;
  /** GiB of the root volume. */
  readonly volumeGiB: number;
  /** ARN of the KMS key for the volume. */
  readonly kmsKeyArn: pulumi.Input<string>;
  /** The user data: a script that runs once in an instance's life, as root. */
  readonly script: pulumi.Output<string>;
  /** Tags of the volume; instances get theirs from the Auto Scaling group. */
  readonly tags: Readonly<Record<string, string>>;
}

/** Arguments of a launch template of Amazon Linux, without the image: IMDSv2, an encrypted volume, a metric a minute. */
export function templateArgs(args: TemplateArgs): aws.ec2.LaunchTemplateArgs {
  return {
    instanceType: args.instanceType,
    iamInstanceProfile: { arn: args.profile.arn },
    // One hop ends at the instance: containers on a bridge are one further.
    metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
    blockDeviceMappings: [
      {
        // The root device of Amazon Linux: by another name it would be a second volume.
        deviceName: "/dev/xvda",
        ebs: { encrypted: "true", kmsKeyId: args.kmsKeyArn, volumeType: "gp3", volumeSize: args.volumeGiB },
      },
    ],
    networkInterfaces: [
      {
        deviceIndex: 0,
        associatePublicIpAddress: String(args.hasPublicAddress),
        securityGroups: [...args.securityGroupIds],
      },
    ],
    // EC2's metrics every minute: policies and alarms on five-minute data react five times as late.
    monitoring: { enabled: true },
    userData: args.script.apply((script) => Buffer.from(script).toString("base64")),
    tagSpecifications: [{ resourceType: "volume", tags: args.tags }],
    updateDefaultVersion: true,
  };
}
