import { client, ServiceRecords } from "./record";

const cloudtrail = client("cloudtrail");

export const records: ServiceRecords = {
  resources: {
    "aws:cloudtrail/trail:Trail": {
      autoName: "name",
      create: [
        cloudtrail(
          "CreateTrail",
          (p) => ({ Name: p["name"], S3BucketName: p["s3BucketName"], KmsKeyId: p["kmsKeyId"] }),
          (a) => ({ id: a.TrailARN, arn: a.TrailARN }),
        ),
        cloudtrail("StartLogging", (p) => ({ Name: p["id"] })),
      ],
      delete: [cloudtrail("DeleteTrail", (p) => ({ Name: p["id"] }))],
      replaceOn: ["name"],
    },
  },
};
