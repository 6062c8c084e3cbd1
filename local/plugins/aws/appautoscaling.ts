import { client, Props, reader, ServiceRecords, tagged } from "./record";

const scaling = client("application-auto-scaling");
const describe = reader("application-auto-scaling");

/** What scales: moto doesn't go by the names of policies. */
const key = { serviceNamespace: "ServiceNamespace", resourceId: "ResourceId", scalableDimension: "ScalableDimension" };

export const records: ServiceRecords = {
  resources: {
    "aws:appautoscaling/target:Target": {
      key,
      create: [scaling("RegisterScalableTarget", { outputs: { arn: "ScalableTargetARN" } })],
      update: [scaling("RegisterScalableTarget")],
      delete: [scaling("DeregisterScalableTarget")],
      read: [describe("DescribeScalableTargets", "ScalableTargets.0", { names: { resourceId: "ResourceIds" } })],
      tagging: tagged("application-auto-scaling", { arn: "ResourceARN" }),
      outputs: { id: (p) => p["resourceId"] },
      replaceOn: ["serviceNamespace", "resourceId", "scalableDimension"],
      notRead: { tags: "moto doesn't keep them" },
    },
    "aws:appautoscaling/policy:Policy": {
      autoName: "name",
      key: { name: "PolicyName", ...key },
      names: {
        "targetTrackingScalingPolicyConfiguration.customizedMetricSpecification.dimensions": "Dimensions",
      },
      defaults: { policyType: "StepScaling" },
      create: [
        scaling("PutScalingPolicy", {
          outputs: { arn: "PolicyARN", alarmArns: (a) => (a.Alarms ?? []).map((one: Props) => one["AlarmARN"]) },
        }),
      ],
      update: [scaling("PutScalingPolicy")],
      delete: [scaling("DeleteScalingPolicy")],
      read: [
        describe("DescribeScalingPolicies", "ScalingPolicies.0", {
          names: { name: "PolicyNames" },
          as: (a, p) => a.ScalingPolicies?.find((one: Props) => one["PolicyName"] === p["name"]),
        }),
      ],
      outputs: { id: (p) => p["name"] },
      replaceOn: ["name", "serviceNamespace", "resourceId", "scalableDimension"],
    },
  },
};
