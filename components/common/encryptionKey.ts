import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { arn, Place, placeOf } from "./place";

/** Arguments of `EncryptionKey`. */
export interface EncryptionKeyArgs {
  /** What the key is for; shown in the KMS console. */
  readonly description: string;
  /** Region in which the key is made. @default the stack's own */
  readonly region?: string | undefined;
  /** Whether it stays when the stack is destroyed, because backups that stay too can't be read without it. @default false */
  readonly keep?: boolean;
}

/**
 * A customer managed KMS key with yearly rotation and an alias, for everything that a stack encrypts: topics, queues,
 * logs, tables, trails and volumes. $1 a month, $2 and $3 after the first and second rotation, and $0.03 for 10,000
 * requests beyond the first 20,000; queues and topics ask for a new data key every five minutes at most.
 *
 * @example
 * const key = new EncryptionKey("main", { description: "Everything that this stack encrypts" });
 */
export class EncryptionKey extends pulumi.ComponentResource {
  /** ARN of the key. */
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: EncryptionKeyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nplusone:index:EncryptionKey", name, {}, opts);
    const parent = { parent: this };
    const { description, region, keep = false } = args;
    const place = placeOf(this);

    const key = new aws.kms.Key(
      `${name}-key`,
      {
        description,
        region,
        enableKeyRotation: true,
        deletionWindowInDays: 30,
        policy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: keyStatements(region === undefined ? place : { ...place, region: pulumi.output(region) }),
        }),
      },
      { ...parent, retainOnDelete: keep },
    );
    new aws.kms.Alias(
      `${name}-alias`,
      { name: aliasName(pulumi.getStack(), name), targetKeyId: key.keyId, region },
      parent,
    );

    this.arn = key.arn;
    this.registerOutputs({ arn: this.arn });
  }
}

/** The alias of a stack's key: another stack of the project can compute it. */
export const aliasName = (stack: string, key: string): string => `alias/${pulumi.getProject()}-${stack}-${key}`;

/**
 * Who may use the key: the account through IAM, AWS services on behalf of the account's resources, and EBS. Conditions
 * are those that AWS documents for each service, and no others: a request without the key that a condition asks for is
 * denied, and a dead letter or an alarm that can't be encrypted is lost in silence.
 */
export function keyStatements(place: Place): aws.iam.PolicyStatement[] {
  const { partition, region, account } = place;
  const use = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"];
  const publish = ["kms:Decrypt", "kms:GenerateDataKey*"];
  const service = (name: string) => ({ Service: `${name}.amazonaws.com` });
  const ofTrails = { "aws:SourceArn": arn(place, "cloudtrail", "trail/*") };
  return [
    {
      Sid: "Account",
      Effect: "Allow",
      Principal: { AWS: pulumi.interpolate`arn:${partition}:iam::${account}:root` },
      Action: "kms:*",
      Resource: "*",
    },
    {
      // Without a condition: aws:SourceAccount and aws:SourceArn are "not supported for EventBridge-to-encrypted topics"
      // (https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services), and for
      // encrypted queues EventBridge documents none. Who may send at all is for their policies to say.
      Sid: "Events",
      Effect: "Allow",
      Principal: service("events"),
      Action: publish,
      Resource: "*",
    },
    {
      // The same page, which asks for aws:SourceAccount of all services but EventBridge.
      Sid: "Alarms",
      Effect: "Allow",
      Principal: service("cloudwatch"),
      Action: publish,
      Resource: "*",
      Condition: { StringEquals: { "aws:SourceAccount": account } },
    },
    {
      // RDS's event subscriptions. Without a condition, since RDS documents none for KMS; who may publish is for the
      // topic's policy to say. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.GrantingPermissions.html
      Sid: "DatabaseEvents",
      Effect: "Allow",
      Principal: service("events.rds"),
      Action: publish,
      Resource: "*",
    },
    {
      // SES's bounces and complaints, as documented, without a condition; who may publish is for the topic's policy to say.
      // https://docs.aws.amazon.com/ses/latest/dg/configure-sns-notifications.html
      Sid: "Mail",
      Effect: "Allow",
      Principal: service("ses"),
      Action: publish,
      Resource: "*",
    },
    {
      // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html, which asks
      // for aws:SourceArn in all of it. The trail's name is not known before there is one.
      Sid: "Trail",
      Effect: "Allow",
      Principal: service("cloudtrail"),
      Action: "kms:GenerateDataKey*",
      Resource: "*",
      Condition: {
        ArnLike: ofTrails,
        StringLike: {
          "kms:EncryptionContext:aws:cloudtrail:arn": pulumi.interpolate`arn:${partition}:cloudtrail:*:${account}:trail/*`,
        },
      },
    },
    {
      // The same page: without Decrypt, no trail can be made for a bucket with an S3 Bucket Key.
      Sid: "TrailOfBucketKey",
      Effect: "Allow",
      Principal: service("cloudtrail"),
      Action: ["kms:Decrypt", "kms:DescribeKey"],
      Resource: "*",
      Condition: { ArnLike: ofTrails },
    },
    {
      // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
      Sid: "Logs",
      Effect: "Allow",
      Principal: { Service: pulumi.interpolate`logs.${region}.amazonaws.com` },
      Action: use,
      Resource: "*",
      Condition: { ArnLike: { "kms:EncryptionContext:aws:logs:arn": arn(place, "logs", "*") } },
    },
    {
      // Step Functions' logs of executions that the key encrypts, as documented, without a condition:
      // https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html#create-state-machine-with-cmk
      Sid: "LogDelivery",
      Effect: "Allow",
      Principal: service("delivery.logs"),
      Action: "kms:Decrypt",
      Resource: "*",
    },
    {
      // The terms on which AWS's own EBS key is shared, so that Auto Scaling's service-linked role can start instances:
      // https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-caller-account
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
