import { client, reader, ServiceRecords, tagged } from "./record";

const sfn = client("sfn");
const read = reader("sfn");

export const records: ServiceRecords = {
  resources: {
    "aws:sfn/stateMachine:StateMachine": {
      autoName: "name",
      key: { id: "stateMachineArn" },
      names: { "loggingConfiguration.logDestination": "destinations.0.cloudWatchLogsLogGroup.logGroupArn" },
      defaults: { type: "STANDARD" },
      create: [sfn("CreateStateMachine", { outputs: { id: "stateMachineArn", arn: "stateMachineArn" } })],
      update: [sfn("UpdateStateMachine")],
      delete: [sfn("DeleteStateMachine")],
      read: [
        read("DescribeStateMachine", ""),
        read("ListTagsForResource", "", { of: ["tags"], names: { id: "resourceArn" } }),
      ],
      tagging: tagged("sfn", { id: "resourceArn" }),
      replaceOn: ["name", "type"],
      notRead: { tracingConfiguration: "ministack forgets it" },
    },
  },
};
