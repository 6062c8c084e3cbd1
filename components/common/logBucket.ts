import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** Arguments of `createLogBucket`. */
export interface LogBucketArgs {
  /** ARN of the KMS key. @default S3's own encryption, where the service that delivers knows no other */
  readonly kmsKeyArn?: pulumi.Input<string>;
  /** Days that log files are kept. */
  readonly retentionDays: number;
  /** Who may deliver, and what else the bucket's policy says. Nobody reads it over plain HTTP, whatever they are. */
  readonly statements: (bucketArn: pulumi.Output<string>) => aws.iam.PolicyStatement[];
}

/** Days for which a log file that was deleted or overwritten can still be had back. */
const NONCURRENT_DAYS = 30;

/**
 * Makes a private, versioned bucket for log files, with its policy: what delivers into it has to wait for that. It is
 * no component, so that its parts keep the parent that they have always had. S3 takes $0.023 a GB and month.
 */
export function createLogBucket(name: string, args: LogBucketArgs, opts: pulumi.CustomResourceOptions): LogBucket {
  const bucket = new aws.s3.Bucket(name, {}, opts);
  const parent = { parent: bucket };
  const of = { bucket: bucket.bucket };
  new aws.s3.BucketPublicAccessBlock(
    `${name}-private`,
    { ...of, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
    parent,
  );
  new aws.s3.BucketServerSideEncryptionConfiguration(
    `${name}-encryption`,
    { ...of, rules: [encryption(args.kmsKeyArn)] },
    parent,
  );
  const versioning = new aws.s3.BucketVersioning(
    `${name}-versioning`,
    { ...of, versioningConfiguration: { status: "Enabled" } },
    parent,
  );
  new aws.s3.BucketLifecycleConfiguration(
    `${name}-lifecycle`,
    { ...of, rules: [lifecycle(args.retentionDays)] },
    // S3 refuses rules about noncurrent versions before there can be any.
    { ...parent, dependsOn: [versioning] },
  );
  const policy = new aws.s3.BucketPolicy(
    `${name}-policy`,
    {
      ...of,
      policy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [...args.statements(bucket.arn), onlyEncrypted(bucket.arn)],
      }),
    },
    parent,
  );
  return { bucket, policy };
}

/** A bucket for log files. */
export interface LogBucket {
  readonly bucket: aws.s3.Bucket;
  readonly policy: aws.s3.BucketPolicy;
}

function encryption(kmsKeyArn: pulumi.Input<string> | undefined) {
  return kmsKeyArn === undefined
    ? { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }
    : {
        applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: kmsKeyArn },
        bucketKeyEnabled: true,
      };
}

function lifecycle(days: number) {
  return {
    id: "expire",
    status: "Enabled",
    filter: {},
    expiration: { days },
    noncurrentVersionExpiration: { noncurrentDays: NONCURRENT_DAYS },
    abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
  };
}

/** Nobody reads or writes over plain HTTP. */
function onlyEncrypted(bucketArn: pulumi.Input<string>): aws.iam.PolicyStatement {
  return {
    Effect: "Deny",
    Principal: "*",
    Action: "s3:*",
    Resource: [bucketArn, pulumi.interpolate`${bucketArn}/*`],
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };
}
