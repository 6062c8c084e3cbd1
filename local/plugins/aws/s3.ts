import { Call, client, Props, reader, REGION, ResourceRecord, ServiceRecords } from "./record";

const s3 = client("s3");
const read = reader("s3");

/** A setting of a bucket: put when made or changed. */
function setting(name: string, within: string | undefined, at: string, options: Partial<Call> = {}): ResourceRecord {
  const put = s3(`Put${name}`, options);
  const of = name.replace("Configuration", "");
  return {
    key: { bucket: "Bucket" },
    within,
    create: [put],
    update: [put],
    delete: [s3(`Delete${of}`)],
    read: [read(`Get${name}`, at)],
    outputs: { id: (p) => p["bucket"] },
    replaceOn: ["bucket"],
  };
}

export const records: ServiceRecords = {
  resources: {
    "aws:s3/bucket:Bucket": {
      autoName: "bucket",
      key: { bucket: "Bucket" },
      names: { tags: "Tagging.TagSet" },
      create: [
        s3("CreateBucket", {
          with: ({ region = REGION }) =>
            region === "us-east-1" ? {} : { CreateBucketConfiguration: { LocationConstraint: region } },
        }),
      ],
      settings: [s3("PutBucketTagging", { of: ["tags"], undo: "DeleteBucketTagging" })],
      delete: [s3("DeleteBucket")],
      read: [
        read("HeadBucket", ""),
        read("GetBucketTagging", "", { of: ["tags"], names: { tags: "TagSet" }, optional: true }),
      ],
      outputs: { id: (p) => p["bucket"], arn: (p) => `arn:aws:s3:::${p["bucket"]}` },
      replaceOn: ["bucket"],
      notApplied: { forceDestroy: "the provider's own: it would empty the bucket before it deletes it" },
    },
    "aws:s3/bucketPolicy:BucketPolicy": setting("BucketPolicy", undefined, ""),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": setting(
      "PublicAccessBlock",
      "PublicAccessBlockConfiguration",
      "PublicAccessBlockConfiguration",
    ),
    "aws:s3/bucketVersioning:BucketVersioning": {
      ...setting("BucketVersioning", "VersioningConfiguration", ""),
      // Versioning can't be turned off again, only suspended, which a bucket about to go has no use for.
      delete: [],
    },
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": setting(
      "BucketEncryption",
      "ServerSideEncryptionConfiguration",
      "ServerSideEncryptionConfiguration",
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": {
      ...setting("BucketLifecycleConfiguration", "LifecycleConfiguration", "", {
        // A rule without a filter is for everything, which S3 wants to hear.
        with: (_: Props, { LifecycleConfiguration: { Rules } }: Props) => ({
          LifecycleConfiguration: { Rules: Rules.map((rule: Props) => ({ Filter: { Prefix: "" }, ...rule })) },
        }),
      }),
      delete: [s3("DeleteBucketLifecycle")],
    },
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": {
      ...setting("BucketReplication", "ReplicationConfiguration", "ReplicationConfiguration", {
        // Of several rules the one with the higher priority is followed, which S3 wants to hear of a single one too.
        with: (_: Props, { ReplicationConfiguration: { Rules, ...others } }: Props) => ({
          ReplicationConfiguration: {
            ...others,
            Rules: Rules.map((rule: Props) => ({ Priority: 0, ...rule, Filter: { Prefix: "", ...rule["Filter"] } })),
          },
        }),
      }),
      names: { "rules.id": "ID", "rules.destination.encryptionConfiguration.replicaKmsKeyId": "ReplicaKmsKeyID" },
    },
  },
};
