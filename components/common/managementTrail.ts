import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { placeOf } from "./place";

/** Arguments of `ManagementTrail`. */
export interface ManagementTrailArgs {
  /** ARN of the KMS key that encrypts the trail's log files. */
  readonly kmsKeyArn: pulumi.Input<string>;
  /** Days that log files are kept. @default 90 */
  readonly retentionDays?: number;
}

/** Days for which a log file that was deleted or overwritten can still be had back. */
const NONCURRENT_DAYS = 30;

/**
 * A CloudTrail trail of this Region's management events. EventBridge hears of API calls only where a trail records
 * them, so an account without one needs this. The bucket is versioned, so that nobody removes a log file for good.
 * The first copy of management events is free; S3 takes $0.023 a GB and month, and a busy account writes about 1 GB a
 * month: 3 GB at a time with the default retention, $0.07 a month.
 *
 * @example
 * new ManagementTrail("management", { kmsKeyArn: key.arn });
 */
export class ManagementTrail extends pulumi.ComponentResource {
  /** ARN of the trail. */
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: ManagementTrailArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nplusone:index:ManagementTrail", name, {}, opts);
    const parent = { parent: this };

    const bucket = this.createBucket(name, args);
    const policy = new aws.s3.BucketPolicy(
      `${name}-bucket-policy`,
      {
        bucket: bucket.bucket,
        policy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: trailBucketStatements(bucket.arn, placeOf(this).account),
        }),
      },
      { parent: bucket },
    );
    const trail = new aws.cloudtrail.Trail(
      `${name}-trail`,
      {
        s3BucketName: bucket.bucket,
        kmsKeyId: args.kmsKeyArn,
        enableLogFileValidation: true,
        includeGlobalServiceEvents: false,
        isMultiRegionTrail: false,
      },
      { ...parent, dependsOn: [policy] },
    );

    this.arn = trail.arn;
    this.registerOutputs({ arn: this.arn });
  }

  private createBucket(name: string, args: ManagementTrailArgs): aws.s3.Bucket {
    const bucket = new aws.s3.Bucket(`${name}-bucket`, {}, { parent: this });
    const parent = { parent: bucket };
    new aws.s3.BucketPublicAccessBlock(
      `${name}-bucket-private`,
      {
        bucket: bucket.bucket,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      parent,
    );
    new aws.s3.BucketServerSideEncryptionConfiguration(
      `${name}-bucket-encryption`,
      {
        bucket: bucket.bucket,
        rules: [
          {
            applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: args.kmsKeyArn },
            bucketKeyEnabled: true,
          },
        ],
      },
      parent,
    );
    const versioning = new aws.s3.BucketVersioning(
      `${name}-bucket-versioning`,
      { bucket: bucket.bucket, versioningConfiguration: { status: "Enabled" } },
      parent,
    );
    new aws.s3.BucketLifecycleConfiguration(
      `${name}-bucket-lifecycle`,
      {
        bucket: bucket.bucket,
        rules: [
          {
            id: "expire",
            status: "Enabled",
            filter: {},
            expiration: { days: args.retentionDays ?? 90 },
            noncurrentVersionExpiration: { noncurrentDays: NONCURRENT_DAYS },
            abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
          },
        ],
      },
      // S3 refuses rules about noncurrent versions before there can be any.
      { ...parent, dependsOn: [versioning] },
    );
    return bucket;
  }
}

/** What CloudTrail needs of its bucket, and that nobody reads it over plain HTTP. */
export function trailBucketStatements(
  bucketArn: pulumi.Input<string>,
  account: pulumi.Input<string>,
): aws.iam.PolicyStatement[] {
  const trail = { Service: "cloudtrail.amazonaws.com" };
  const ofThisAccount = { "aws:SourceAccount": account };
  return [
    {
      Effect: "Allow",
      Principal: trail,
      Action: "s3:GetBucketAcl",
      Resource: bucketArn,
      Condition: { StringEquals: ofThisAccount },
    },
    {
      Effect: "Allow",
      Principal: trail,
      Action: "s3:PutObject",
      Resource: pulumi.interpolate`${bucketArn}/AWSLogs/${account}/*`,
      Condition: { StringEquals: { ...ofThisAccount, "s3:x-amz-acl": "bucket-owner-full-control" } },
    },
    {
      Effect: "Deny",
      Principal: "*",
      Action: "s3:*",
      Resource: [bucketArn, pulumi.interpolate`${bucketArn}/*`],
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
  ];
}
