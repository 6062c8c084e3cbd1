import { client, reader, ServiceRecords } from "./record";

const cloudtrail = client("cloudtrail");
const read = reader("cloudtrail");

export const records: ServiceRecords = {
  resources: {
    "aws:cloudtrail/trail:Trail": {
      autoName: "name",
      key: { id: "Name" },
      names: { cloudWatchLogsGroupArn: "CloudWatchLogsLogGroupArn" },
      defaults: {
        enableLogFileValidation: false,
        enableLogging: true,
        includeGlobalServiceEvents: true,
        isMultiRegionTrail: false,
      },
      create: [
        // ministack forgets the tags that come with a new trail.
        cloudtrail("CreateTrail", { names: { tags: "" }, outputs: { id: "TrailARN", arn: "TrailARN" } }),
        cloudtrail("StartLogging", { of: ["enableLogging"] }),
      ],
      update: [cloudtrail("UpdateTrail"), cloudtrail("StartLogging", { of: ["enableLogging"], undo: "StopLogging" })],
      delete: [cloudtrail("DeleteTrail")],
      read: [
        read("GetTrail", "Trail", { names: { enableLogFileValidation: "LogFileValidationEnabled" } }),
        read("GetTrailStatus", "", { of: ["enableLogging"], names: { enableLogging: "IsLogging" } }),
        read("ListTags", "ResourceTagList.0", { of: ["tags"], names: { id: "ResourceIdList" } }),
      ],
      tagging: { service: "cloudtrail", set: "AddTags", unset: "RemoveTags", key: { id: "ResourceId" } },
      replaceOn: ["name"],
    },
  },
};
