import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { EncryptionKey } from "../common/encryptionKey";
import { createPrivateBucket } from "../common/privateBucket";
import { UserFilesArgs } from "./userFilesArgs";

/** Arguments of `FilesBucket`. */
export interface FilesBucketArgs extends Pick<UserFilesArgs, "noncurrentDays" | "tiering" | "protected"> {
  /** Its name. */
  readonly bucketName: pulumi.Input<string>;
  /** The Region that bucket and key are made in. @default the stack's own */
  readonly region?: string | undefined;
}

/**
 * The bucket of user files in one Region: private, versioned, encrypted by a key of its own there. $1 a month for the key,
 * and $0.023 for each GB.
 *
 * @example
 * new FilesBucket("uploads-files", { bucketName: "prod-uploads-1", noncurrentDays: 30, protected: true });
 */
export class FilesBucket extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  readonly bucketName: pulumi.Output<string>;
  readonly keyArn: pulumi.Output<string>;
  /** What replication has to wait for. */
  readonly versioning: aws.s3.BucketVersioning;

  constructor(name: string, args: FilesBucketArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nplusone:index:FilesBucket", name, {}, opts);
    const { bucketName, region } = args;

    const key = new EncryptionKey(name, { description: `User files in ${name}`, region }, { parent: this });
    const { bucket, versioning } = createPrivateBucket(
      `${name}-bucket`,
      { bucketName, region, kmsKeyArn: key.arn, lifecycle: lifecycleOf(args) },
      { parent: this, protect: args.protected },
    );

    this.arn = bucket.arn;
    this.bucketName = bucket.bucket;
    this.keyArn = key.arn;
    this.versioning = versioning;
    this.registerOutputs({ arn: this.arn, bucketName: this.bucketName, keyArn: this.keyArn });
  }
}

/** Both buckets have it: S3 replicates nothing that it does by a lifecycle. */
function lifecycleOf({ noncurrentDays, tiering }: FilesBucketArgs) {
  return {
    id: "tidy",
    status: "Enabled",
    filter: {},
    expiration: { expiredObjectDeleteMarker: true },
    noncurrentVersionExpiration: { noncurrentDays },
    abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
    ...(tiering && { transitions: [{ days: tiering.afterDays, storageClass: tiering.storageClass }] }),
  };
}
