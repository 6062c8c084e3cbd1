import { client, Props, ServiceRecords } from "./record";

const sfn = client("sfn");

const machine = (p: Props) => ({
  definition: p["definition"],
  roleArn: p["roleArn"],
  loggingConfiguration: p["loggingConfiguration"] && {
    level: p["loggingConfiguration"].level,
    includeExecutionData: p["loggingConfiguration"].includeExecutionData,
    destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: p["loggingConfiguration"].logDestination } }],
  },
  tracingConfiguration: p["tracingConfiguration"],
  encryptionConfiguration: p["encryptionConfiguration"],
});

export const records: ServiceRecords = {
  resources: {
    "aws:sfn/stateMachine:StateMachine": {
      autoName: "name",
      create: [
        sfn(
          "CreateStateMachine",
          (p) => ({ name: p["name"], type: p["type"], ...machine(p) }),
          (a) => ({ id: a.stateMachineArn, arn: a.stateMachineArn }),
        ),
      ],
      update: [sfn("UpdateStateMachine", (p) => ({ stateMachineArn: p["id"], ...machine(p) }))],
      delete: [sfn("DeleteStateMachine", (p) => ({ stateMachineArn: p["id"] }))],
      replaceOn: ["name", "type"],
    },
  },
};
