import { client, Props, REGION, ServiceRecords } from "./record";

const s3 = client("s3");

export const records: ServiceRecords = {
  resources: {
    "aws:s3/bucket:Bucket": {
      autoName: "bucket",
      create: [
        s3("CreateBucket", (p) => ({
          Bucket: p["bucket"],
          ...(REGION === "us-east-1" ? {} : { CreateBucketConfiguration: { LocationConstraint: REGION } }),
        })),
      ],
      outputs: (p) => ({ id: p["bucket"], arn: `arn:aws:s3:::${p["bucket"]}` }),
      delete: [s3("DeleteBucket", (p) => ({ Bucket: p["id"] }))],
      replaceOn: ["bucket"],
    },
    "aws:s3/bucketPolicy:BucketPolicy": setting("PutBucketPolicy", (p) => ({ Policy: p["policy"] })),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": setting("PutPublicAccessBlock", (p) => ({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: p["blockPublicAcls"],
        BlockPublicPolicy: p["blockPublicPolicy"],
        IgnorePublicAcls: p["ignorePublicAcls"],
        RestrictPublicBuckets: p["restrictPublicBuckets"],
      },
    })),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": setting(
      "PutBucketEncryption",
      (p) => ({
        ServerSideEncryptionConfiguration: {
          Rules: p["rules"].map((r: Props) => ({
            ApplyServerSideEncryptionByDefault: {
              SSEAlgorithm: r["applyServerSideEncryptionByDefault"].sseAlgorithm,
              KMSMasterKeyID: r["applyServerSideEncryptionByDefault"].kmsMasterKeyId,
            },
          })),
        },
      }),
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": setting(
      "PutBucketLifecycleConfiguration",
      (p) => ({
        LifecycleConfiguration: {
          Rules: p["rules"].map((r: Props) => ({
            ID: r["id"],
            Status: r["status"],
            Filter: { Prefix: "" },
            Expiration: { Days: r["expiration"].days },
          })),
        },
      }),
    ),
  },
};

/** A setting of a bucket: put when made or changed, gone with the bucket. */
function setting(action: string, input: (p: Props) => object) {
  const put = s3(action, (p) => ({ Bucket: p["bucket"], ...input(p) }));
  return { create: [put], update: [put], outputs: (p: Props) => ({ id: p["bucket"] }), replaceOn: ["bucket"] };
}
