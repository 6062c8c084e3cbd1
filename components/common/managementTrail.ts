import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createLogBucket } from "./logBucket";
import { arn, Place, placeOf } from "./place";

/** Arguments of `ManagementTrail`. */
export interface ManagementTrailArgs {
  /** ARN of the KMS key that encrypts the trail's log files. */
  readonly kmsKeyArn: pulumi.Input<string>;
  /** Days that log files are kept. @default 90 */
  readonly retentionDays?: number;
}

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

    const { bucket, policy } = createLogBucket(
      `${name}-bucket`,
      {
        kmsKeyArn: args.kmsKeyArn,
        retentionDays: args.retentionDays ?? 90,
        statements: (bucketArn) => trailBucketStatements(bucketArn, placeOf(this)),
      },
      { parent: this },
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
}

/**
 * What CloudTrail needs of its bucket. The condition is the one that CloudTrail documents, aws:SourceArn:
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html. The trail's name
 * is not known before there is one.
 */
export function trailBucketStatements(bucketArn: pulumi.Input<string>, place: Place): aws.iam.PolicyStatement[] {
  const trail = { Service: "cloudtrail.amazonaws.com" };
  const ofTrails = { ArnLike: { "aws:SourceArn": arn(place, "cloudtrail", "trail/*") } };
  return [
    {
      Effect: "Allow",
      Principal: trail,
      Action: "s3:GetBucketAcl",
      Resource: bucketArn,
      Condition: ofTrails,
    },
    {
      Effect: "Allow",
      Principal: trail,
      Action: "s3:PutObject",
      Resource: pulumi.interpolate`${bucketArn}/AWSLogs/${place.account}/*`,
      Condition: { ...ofTrails, StringEquals: { "s3:x-amz-acl": "bucket-owner-full-control" } },
    },
  ];
}
