import { IAMClient } from "@aws-sdk/client-iam";
import { DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  DeleteObjectCommand,
  GetBucketEncryptionCommand,
  GetBucketLocationCommand,
  GetBucketReplicationCommand,
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { evaluateIdentityPolicies } from "../../../model/iam/evaluate";
import { Clients } from "../../endpoint/clients";
import { rolePolicies } from "../../endpoint/iam/roles";

/** A bucket, and where it is. */
export interface Place {
  readonly bucket: string;
  readonly region: string;
}

/** A deployed bucket that is copied. */
export interface Copied {
  readonly from: Place;
  readonly to: Place;
  /** ARN of the key that copies are encrypted with. */
  readonly replicaKey: string;
  readonly roleArn: string;
}

const s3Arn = ({ bucket }: Place) => `arn:aws:s3:::${bucket}`;

/** User files as the AWS APIs know them, in both Regions. */
export class FilesWorld {
  constructor(private readonly clients: Clients) {}

  private s3(region: string): S3Client {
    return this.clients.make(S3Client, region);
  }

  /** The buckets of a Region that are copied to another one. */
  async copiedFrom(region: string): Promise<Copied[]> {
    const { Buckets = [] } = await this.s3(region).send(new ListBucketsCommand({}));
    const found: Copied[] = [];
    for (const { Name: bucket = "" } of Buckets) {
      const from = { bucket, region: await this.regionOf(bucket) };
      const copied = from.region === region ? await this.copied(from) : undefined;
      found.push(...(copied === undefined ? [] : [copied]));
    }
    return found;
  }

  /** How a bucket is copied, if it is. */
  async copied(from: Place): Promise<Copied | undefined> {
    try {
      const { ReplicationConfiguration } = await this.s3(from.region).send(
        new GetBucketReplicationCommand({ Bucket: from.bucket }),
      );
      const destination = ReplicationConfiguration?.Rules?.[0]?.Destination;
      const bucket = destination?.Bucket?.split(":::")[1] ?? "";
      return {
        from,
        to: { bucket, region: await this.regionOf(bucket) },
        replicaKey: destination?.EncryptionConfiguration?.ReplicaKmsKeyID ?? "",
        roleArn: ReplicationConfiguration?.Role ?? "",
      };
    } catch (error) {
      if (error instanceof Error && error.name === "ReplicationConfigurationNotFoundError") {
        return undefined;
      }
      throw error;
    }
  }

  private async regionOf(Bucket: string): Promise<string> {
    const { LocationConstraint } = await this.s3("us-east-1").send(new GetBucketLocationCommand({ Bucket }));
    return LocationConstraint || "us-east-1";
  }

  async put({ bucket: Bucket, region }: Place, Key: string, Body: string): Promise<void> {
    await this.s3(region).send(new PutObjectCommand({ Bucket, Key, Body }));
  }

  async delete({ bucket: Bucket, region }: Place, Key: string): Promise<void> {
    await this.s3(region).send(new DeleteObjectCommand({ Bucket, Key }));
  }

  /** What is in a file; `undefined` if there is none. */
  async read({ bucket: Bucket, region }: Place, Key: string): Promise<string | undefined> {
    try {
      const { Body } = await this.s3(region).send(new GetObjectCommand({ Bucket, Key }));
      return await Body?.transformToString();
    } catch (error) {
      if (error instanceof Error && error.name === "NoSuchKey") {
        return undefined;
      }
      throw error;
    }
  }

  /** Removes all versions of a file, so that the bucket can be deleted. */
  async erase({ bucket: Bucket, region }: Place, Key: string): Promise<void> {
    const { Versions = [], DeleteMarkers = [] } = await this.s3(region).send(
      new ListObjectVersionsCommand({ Bucket, Prefix: Key }),
    );
    for (const { VersionId } of [...Versions, ...DeleteMarkers]) {
      await this.s3(region).send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
    }
  }

  /** Why S3 couldn't copy a bucket's files, though it takes any configuration: keys and the role. Empty if it could. */
  async obstacles(copied: Copied): Promise<string[]> {
    const { from, to, replicaKey, roleArn } = copied;
    const sourceKey = await this.keyOf(from);
    const wrong: string[] = [];
    if ((await this.keyOf(to)) !== replicaKey) {
      wrong.push(`copies are encrypted with another key than ${to.bucket}'s own`);
    }
    const { KeyMetadata } = await this.clients
      .make(KMSClient, to.region)
      .send(new DescribeKeyCommand({ KeyId: replicaKey }));
    if (KeyMetadata?.KeyState !== "Enabled") {
      wrong.push(`the key of ${to.region} is ${KeyMetadata?.KeyState}`);
    }
    const policies = await rolePolicies(this.clients.make(IAMClient, "us-east-1"), roleArn.split("/").pop() ?? "");
    const byS3 = (place: Place) => ({
      "kms:ViaService": [`s3.${place.region}.amazonaws.com`],
      "kms:EncryptionContext:aws:s3:arn": [s3Arn(place)],
    });
    for (const [action, resource, context] of [
      ["s3:GetReplicationConfiguration", s3Arn(from), {}],
      ["s3:ListBucket", s3Arn(from), {}],
      ["s3:GetObjectVersionForReplication", `${s3Arn(from)}/a`, {}],
      ["s3:ReplicateObject", `${s3Arn(to)}/a`, {}],
      ["s3:ReplicateDelete", `${s3Arn(to)}/a`, {}],
      ["kms:Decrypt", sourceKey, byS3(from)],
      ["kms:Encrypt", replicaKey, byS3(to)],
    ] as const) {
      if (evaluateIdentityPolicies(policies, { action, resource, context }).effect !== "allowed") {
        wrong.push(`the role may not ${action} on ${resource}`);
      }
    }
    return wrong;
  }

  /** The key that a bucket encrypts with by itself. */
  private async keyOf({ bucket: Bucket, region }: Place): Promise<string> {
    const { ServerSideEncryptionConfiguration: found } = await this.s3(region).send(
      new GetBucketEncryptionCommand({ Bucket }),
    );
    return found?.Rules?.[0]?.ApplyServerSideEncryptionByDefault?.KMSMasterKeyID ?? "";
  }
}
