import { arn, client, Props, reader, ServiceRecords, tagged } from "./record";

const cloudwatch = client("cloudwatch");
const readMetrics = reader("cloudwatch");
const events = client("eventbridge");
const readEvents = reader("eventbridge");
const logs = client("cloudwatch-logs");
const readLogs = reader("cloudwatch-logs");

export const records: ServiceRecords = {
  resources: {
    "aws:cloudwatch/metricAlarm:MetricAlarm": {
      autoName: "name",
      key: { name: "AlarmName" },
      names: {
        metricQueries: "Metrics",
        "metricQueries.metric": "MetricStat",
        "metricQueries.metric.metricName": "Metric.MetricName",
        "metricQueries.metric.namespace": "Metric.Namespace",
        "metricQueries.metric.dimensions": "Metric.Dimensions",
      },
      defaults: { actionsEnabled: true, treatMissingData: "missing" },
      create: [cloudwatch("PutMetricAlarm")],
      update: [cloudwatch("PutMetricAlarm")],
      delete: [cloudwatch("DeleteAlarms")],
      read: [
        readMetrics("DescribeAlarms", "MetricAlarms.0"),
        readMetrics("ListTagsForResource", "", { of: ["tags"], names: { arn: "ResourceARN" } }),
      ],
      notRead: { metricQueries: "ministack drops metric math" },
      tagging: tagged("cloudwatch", { arn: "ResourceARN" }),
      outputs: { id: (p) => p["name"], arn: (p) => arn("cloudwatch", `alarm:${p["name"]}`, p["region"]) },
      replaceOn: ["name"],
    },
    "aws:cloudwatch/dashboard:Dashboard": {
      key: { dashboardName: "DashboardName" },
      create: [cloudwatch("PutDashboard", { names: { dashboardBody: "DashboardBody" } })],
      update: [cloudwatch("PutDashboard")],
      delete: [cloudwatch("DeleteDashboards")],
      read: [readMetrics("GetDashboard", "")],
      outputs: {
        id: (p) => p["dashboardName"],
        dashboardArn: (p) => arn("cloudwatch", `dashboard/${p["dashboardName"]}`, ""),
      },
      replaceOn: ["dashboardName"],
    },
    "aws:cloudwatch/logGroup:LogGroup": {
      autoName: "name",
      key: { name: "logGroupName" },
      create: [logs("CreateLogGroup")],
      update: [logs("AssociateKmsKey", { of: ["kmsKeyId"], undo: "DisassociateKmsKey" })],
      settings: [logs("PutRetentionPolicy", { of: ["retentionInDays"], undo: "DeleteRetentionPolicy" })],
      delete: [logs("DeleteLogGroup")],
      read: [
        readLogs("DescribeLogGroups", "logGroups.0", {
          names: { name: "logGroupNamePrefix" },
          as: (a, p) => a.logGroups?.find((one: Props) => one["logGroupName"] === p["name"]),
        }),
        readLogs("ListTagsForResource", "", { of: ["tags"], names: { arn: "resourceArn" } }),
      ],
      tagging: tagged("cloudwatch-logs", { arn: "resourceArn" }),
      outputs: { id: (p) => p["name"], arn: (p) => arn("logs", `log-group:${p["name"]}`, p["region"]) },
      replaceOn: ["name", "logGroupClass"],
    },
    "aws:cloudwatch/eventRule:EventRule": {
      autoName: "name",
      key: { name: "Name" },
      create: [events("PutRule", { outputs: { arn: "RuleArn" } })],
      update: [events("PutRule")],
      delete: [events("DeleteRule")],
      read: [
        readEvents("DescribeRule", ""),
        readEvents("ListTagsForResource", "", { of: ["tags"], names: { arn: "ResourceARN" } }),
      ],
      tagging: tagged("eventbridge", { arn: "ResourceARN" }),
      outputs: { id: (p) => p["name"] },
      replaceOn: ["name", "eventBusName"],
    },
    "aws:cloudwatch/eventTarget:EventTarget": {
      key: { rule: "Rule", targetId: "Targets.0.Id" },
      within: "Targets.0",
      names: { "inputTransformer.inputPaths": "InputPathsMap", sqsTarget: "Targets.0.SqsParameters" },
      create: [events("PutTargets")],
      update: [events("PutTargets")],
      delete: [events("RemoveTargets", { names: { targetId: "Ids" } })],
      read: [
        readEvents("ListTargetsByRule", "Targets.0", {
          as: (a, p) => a.Targets?.find((one: Props) => one["Id"] === p["targetId"]),
        }),
      ],
      outputs: {
        id: (p) => `${p["rule"]}-${p["targetId"] ?? p["__name"]}`,
        targetId: (p) => p["targetId"] ?? p["__name"],
      },
      replaceOn: ["rule", "targetId"],
    },
  },
};
