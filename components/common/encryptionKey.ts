import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { arn, Place, placeOf } from "./place";

/** Arguments of `EncryptionKey`. */
export interface EncryptionKeyArgs {
  /** What the key is for; shown in the KMS console. */
  readonly description: string;
}

/**
 * A customer managed KMS key with yearly rotation and an alias, for everything that a stack encrypts: topics, queues,
 * logs, tables, trails and volumes. AWS services may use it for this account's resources only. About $1 a month.
 */
export class EncryptionKey extends pulumi.ComponentResource {
  /** ARN of the key. */
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: EncryptionKeyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nplusone:index:EncryptionKey", name, {}, opts);
    const parent = { parent: this };

    const key = new aws.kms.Key(
      `${name}-key`,
      {
        description: args.description,
        enableKeyRotation: true,
        deletionWindowInDays: 30,
        policy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: keyStatements(placeOf(this)),
        }),
      },
      parent,
    );
    new aws.kms.Alias(
      `${name}-alias`,
      { name: `alias/${pulumi.getProject()}-${pulumi.getStack()}-${name}`, targetKeyId: key.keyId },
      parent,
    );

    this.arn = key.arn;
    this.registerOutputs({ arn: this.arn });
  }
}

/** Who may use the key: the account through IAM, AWS services on behalf of the account's resources, and EBS. */
export function keyStatements(place: Place): aws.iam.PolicyStatement[] {
  const { partition, region, account } = place;
  const use = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"];
  return [
    {
      Sid: "Account",
      Effect: "Allow",
      Principal: { AWS: pulumi.interpolate`arn:${partition}:iam::${account}:root` },
      Action: "kms:*",
      Resource: "*",
    },
    {
      Sid: "Services",
      Effect: "Allow",
      Principal: { Service: ["cloudtrail", "cloudwatch", "events", "sns", "sqs"].map((s) => `${s}.amazonaws.com`) },
      Action: use,
      Resource: "*",
      Condition: { StringEquals: { "aws:SourceAccount": account } },
    },
    {
      Sid: "Logs",
      Effect: "Allow",
      Principal: { Service: pulumi.interpolate`logs.${region}.amazonaws.com` },
      Action: use,
      Resource: "*",
      Condition: { ArnLike: { "kms:EncryptionContext:aws:logs:arn": arn(place, "logs", "*") } },
    },
    {
      // Step Functions' logs of executions that the key encrypts.
      Sid: "LogDelivery",
      Effect: "Allow",
      Principal: { Service: "delivery.logs.amazonaws.com" },
      Action: "kms:Decrypt",
      Resource: "*",
      Condition: { ArnLike: { "kms:EncryptionContext:SourceArn": arn(place, "logs", "*") } },
    },
    {
      // The terms on which AWS's own EBS key is shared, so that Auto Scaling's service-linked role can start instances.
      Sid: "Volumes",
      Effect: "Allow",
      Principal: { AWS: "*" },
      Action: [...use, "kms:CreateGrant"],
      Resource: "*",
      Condition: {
        StringEquals: {
          "kms:CallerAccount": account,
          "kms:ViaService": pulumi.interpolate`ec2.${region}.amazonaws.com`,
        },
      },
    },
  ];
}
