import { arn, client, Props, ServiceRecords } from "./record";

const cloudwatch = client("cloudwatch");
const events = client("eventbridge");
const logs = client("cloudwatch-logs");

const alarm = (p: Props) => ({
  AlarmName: p["name"],
  AlarmDescription: p["alarmDescription"],
  Namespace: p["namespace"],
  MetricName: p["metricName"],
  Dimensions: Object.entries(p["dimensions"] ?? {}).map(([Name, Value]) => ({ Name, Value })),
  Statistic: p["statistic"],
  Period: p["period"],
  EvaluationPeriods: p["evaluationPeriods"],
  DatapointsToAlarm: p["datapointsToAlarm"],
  Threshold: p["threshold"],
  ComparisonOperator: p["comparisonOperator"],
  TreatMissingData: p["treatMissingData"],
  AlarmActions: p["alarmActions"],
  OKActions: p["okActions"],
});

const rule = (p: Props) => ({
  Name: p["name"],
  Description: p["description"],
  EventPattern: p["eventPattern"],
  ScheduleExpression: p["scheduleExpression"],
  State: p["state"],
});

const target = (p: Props) => ({
  Rule: p["rule"],
  Targets: [
    {
      Id: p["__name"],
      Arn: p["arn"],
      RoleArn: p["roleArn"],
      DeadLetterConfig: p["deadLetterConfig"] && { Arn: p["deadLetterConfig"].arn },
      RetryPolicy: p["retryPolicy"] && {
        MaximumEventAgeInSeconds: p["retryPolicy"].maximumEventAgeInSeconds,
        MaximumRetryAttempts: p["retryPolicy"].maximumRetryAttempts,
      },
      InputTransformer: p["inputTransformer"] && {
        InputPathsMap: p["inputTransformer"].inputPaths,
        InputTemplate: p["inputTransformer"].inputTemplate,
      },
    },
  ],
});

export const records: ServiceRecords = {
  resources: {
    "aws:cloudwatch/metricAlarm:MetricAlarm": {
      autoName: "name",
      create: [cloudwatch("PutMetricAlarm", alarm)],
      outputs: (p) => ({ id: p["name"], arn: arn("cloudwatch", `alarm:${p["name"]}`) }),
      update: [cloudwatch("PutMetricAlarm", alarm)],
      delete: [cloudwatch("DeleteAlarms", (p) => ({ AlarmNames: [p["id"]] }))],
      replaceOn: ["name"],
    },
    "aws:cloudwatch/dashboard:Dashboard": {
      create: [
        cloudwatch("PutDashboard", (p) => ({ DashboardName: p["dashboardName"], DashboardBody: p["dashboardBody"] })),
      ],
      outputs: (p) => ({
        id: p["dashboardName"],
        dashboardArn: arn("cloudwatch", `dashboard/${p["dashboardName"]}`, ""),
      }),
      update: [
        cloudwatch("PutDashboard", (p) => ({ DashboardName: p["dashboardName"], DashboardBody: p["dashboardBody"] })),
      ],
      delete: [cloudwatch("DeleteDashboards", (p) => ({ DashboardNames: [p["id"]] }))],
      replaceOn: ["dashboardName"],
    },
    "aws:cloudwatch/logGroup:LogGroup": {
      autoName: "name",
      create: [logs("CreateLogGroup", (p) => ({ logGroupName: p["name"], kmsKeyId: p["kmsKeyId"] })), retention()],
      outputs: (p) => ({ id: p["name"], arn: arn("logs", `log-group:${p["name"]}`) }),
      update: [retention()],
      delete: [logs("DeleteLogGroup", (p) => ({ logGroupName: p["id"] }))],
      replaceOn: ["name"],
    },
    "aws:cloudwatch/eventRule:EventRule": {
      autoName: "name",
      create: [events("PutRule", rule, (a, p) => ({ id: p["name"], arn: a.RuleArn }))],
      update: [events("PutRule", rule)],
      delete: [events("DeleteRule", (p) => ({ Name: p["id"] }))],
      replaceOn: ["name"],
    },
    "aws:cloudwatch/eventTarget:EventTarget": {
      create: [events("PutTargets", target)],
      outputs: (p) => ({ id: `${p["rule"]}-${p["__name"]}`, targetId: p["__name"] }),
      update: [events("PutTargets", target)],
      delete: [events("RemoveTargets", (p) => ({ Rule: p["rule"], Ids: [p["targetId"]] }))],
      replaceOn: ["rule"],
    },
  },
};

function retention() {
  return logs("PutRetentionPolicy", (p) =>
    p["retentionInDays"] ? { logGroupName: p["name"], retentionInDays: p["retentionInDays"] } : undefined,
  );
}
