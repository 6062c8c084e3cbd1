import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { FilesBucket } from "./filesBucket";
import { ruleId } from "./names";

/** A bucket of user files, and where it is. */
export interface Located {
  readonly bucket: FilesBucket;
  readonly region: pulumi.Input<string>;
  /** What the provider is told of the Region: nothing of the stack's own. */
  readonly elsewhere?: string | undefined;
}

/** Arguments of `Replication`. */
export interface ReplicationArgs {
  readonly from: Located;
  readonly to: Located;
}

/** What S3 Replication Time Control promises, and the only number that it takes. */
const MINUTES = 15;

/**
 * Copies a bucket's files to another Region, one direction: new versions, delete markers, and changes of what was copied here
 * (tags, ACLs), under Replication Time Control. What was in the bucket before isn't copied: docs/runbooks/user-files.md.
 * A GB costs $0.02 between Regions in the US and Europe, and $0.015 for the promise.
 *
 * @example
 * new Replication("uploads-out", { from: { bucket: own, region }, to: { bucket: partner, region: "eu-west-1" } });
 */
export class Replication extends pulumi.ComponentResource {
  constructor(
    private readonly name: string,
    private readonly args: ReplicationArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:Replication", name, {}, opts);

    const role = this.createRole();
    this.createConfig(role, this.createPolicy(role));

    this.registerOutputs();
  }

  private createRole(): aws.iam.Role {
    return new aws.iam.Role(
      `${this.name}-role`,
      { assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "s3.amazonaws.com" }) },
      { parent: this },
    );
  }

  /**
   * https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html and, for the keys,
   * https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html: with S3 Bucket Keys the
   * encryption context is the bucket.
   */
  private createPolicy(role: aws.iam.Role): aws.iam.RolePolicy {
    const { from, to } = this.args;
    const keyOf = ({ bucket, region }: Located, Action: string | string[]): aws.iam.PolicyStatement => ({
      Effect: "Allow",
      Action,
      Resource: bucket.keyArn,
      Condition: {
        StringEquals: {
          "kms:ViaService": pulumi.interpolate`s3.${region}.amazonaws.com`,
          "kms:EncryptionContext:aws:s3:arn": bucket.arn,
        },
      },
    });
    return new aws.iam.RolePolicy(
      `${this.name}-policy`,
      {
        role: role.id,
        policy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Action: ["s3:GetReplicationConfiguration", "s3:ListBucket"],
              Resource: from.bucket.arn,
            },
            {
              Effect: "Allow",
              Action: ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"],
              Resource: pulumi.interpolate`${from.bucket.arn}/*`,
            },
            {
              Effect: "Allow",
              Action: ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"],
              Resource: pulumi.interpolate`${to.bucket.arn}/*`,
            },
            keyOf(from, "kms:Decrypt"),
            // AWS's example has Encrypt alone; the destination's Bucket Key is a data key.
            keyOf(to, ["kms:Encrypt", "kms:GenerateDataKey"]),
          ],
        }),
      },
      { parent: role },
    );
  }

  private createConfig(role: aws.iam.Role, policy: aws.iam.RolePolicy): void {
    const { from, to } = this.args;
    const status = "Enabled";
    new aws.s3.BucketReplicationConfig(
      `${this.name}-config`,
      {
        bucket: from.bucket.bucketName,
        region: from.elsewhere,
        role: role.arn,
        rules: [
          {
            id: pulumi.output(to.region).apply(ruleId),
            status,
            // An empty filter is what S3 wants to hear where delete markers are copied.
            filter: {},
            deleteMarkerReplication: { status },
            sourceSelectionCriteria: { sseKmsEncryptedObjects: { status }, replicaModifications: { status } },
            destination: {
              bucket: to.bucket.arn,
              encryptionConfiguration: { replicaKmsKeyId: to.bucket.keyArn },
              replicationTime: { status, time: { minutes: MINUTES } },
              metrics: { status, eventThreshold: { minutes: MINUTES } },
            },
          },
        ],
      },
      // S3 wants both to keep versions, and an unfit role is found out only when files aren't copied.
      { parent: this, dependsOn: [from.bucket.versioning, to.bucket.versioning, policy] },
    );
  }
}
