import { client, Props, reader, ServiceRecords } from "./record";

const autoscaling = client("auto-scaling");
const describe = reader("auto-scaling");

const tags = (p: Props) => ({
  Tags: (p["tags"] ?? []).map((t: Props) => ({
    ResourceId: p["id"],
    ResourceType: "auto-scaling-group",
    Key: t["key"],
    Value: t["value"],
    PropagateAtLaunch: t["propagateAtLaunch"],
  })),
});

/** What a list of target groups has gained, or lost. */
const targetGroups = (one: Props, other: Props) => ({
  TargetGroupARNs: (one["targetGroupArns"] ?? []).filter((arn: string) => !other["targetGroupArns"]?.includes(arn)),
});

export const records: ServiceRecords = {
  resources: {
    "aws:autoscaling/group:Group": {
      autoName: "name",
      key: { name: "AutoScalingGroupName" },
      names: {
        vpcZoneIdentifiers: "VPCZoneIdentifier",
        protectFromScaleIn: "NewInstancesProtectedFromScaleIn",
        "launchTemplate.id": "LaunchTemplateId",
        "launchTemplate.name": "LaunchTemplateName",
        initialLifecycleHooks: "LifecycleHookSpecificationList",
        "initialLifecycleHooks.name": "LifecycleHookName",
      },
      defaults: { healthCheckGracePeriod: 300, protectFromScaleIn: false },
      unset: {
        // What is left to Auto Scaling stays as it is.
        ...{ desiredCapacity: undefined, healthCheckType: undefined },
        // https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_UpdateAutoScalingGroup.html
        ...{ defaultInstanceWarmup: -1, maxInstanceLifetime: 0, capacityRebalance: false },
        instanceMaintenancePolicy: { minHealthyPercentage: -1, maxHealthyPercentage: -1 },
      },
      create: [
        autoscaling("CreateAutoScalingGroup"),
        autoscaling("DescribeAutoScalingGroups", {
          of: ["name"],
          names: { name: "AutoScalingGroupNames" },
          outputs: { arn: "AutoScalingGroups.0.AutoScalingGroupARN" },
        }),
      ],
      update: [
        autoscaling("UpdateAutoScalingGroup"),
        autoscaling("AttachLoadBalancerTargetGroups", {
          of: ["targetGroupArns"],
          takes: ["targetGroupArns"],
          with: (p, _, olds) => targetGroups(p, olds),
        }),
        autoscaling("DetachLoadBalancerTargetGroups", {
          of: ["targetGroupArns"],
          takes: ["targetGroupArns"],
          with: (p, _, olds) => targetGroups(olds, p),
        }),
        autoscaling("DeleteTags", { of: ["tags"], takesBack: true, with: tags }),
        autoscaling("CreateOrUpdateTags", { of: ["tags"], with: tags }),
      ],
      settings: [
        autoscaling("EnableMetricsCollection", {
          of: ["enabledMetrics"],
          takes: ["metricsGranularity"],
          names: { enabledMetrics: "Metrics" },
          with: (p) => ({ Granularity: p["metricsGranularity"] ?? "1Minute" }),
        }),
        autoscaling("SuspendProcesses", {
          of: ["suspendedProcesses"],
          names: { suspendedProcesses: "ScalingProcesses" },
        }),
      ],
      delete: [
        // As the provider does: nobody else would ever take the protection back.
        autoscaling("DescribeAutoScalingGroups", {
          of: ["protectFromScaleIn"],
          names: { name: "AutoScalingGroupNames" },
          outputs: {
            __instanceIds: (a) => (a.AutoScalingGroups?.[0]?.Instances ?? []).map((i: Props) => i["InstanceId"]),
          },
        }),
        autoscaling("SetInstanceProtection", {
          of: ["protectFromScaleIn"],
          names: { protectFromScaleIn: "" },
          with: (p) => ({ InstanceIds: p["__instanceIds"], ProtectedFromScaleIn: false }),
        }),
        autoscaling("DeleteAutoScalingGroup", { with: () => ({ ForceDelete: true }) }),
      ],
      read: [
        describe("DescribeAutoScalingGroups", "AutoScalingGroups.0", {
          as: ({ AutoScalingGroups: [one] }) =>
            one && { ...one, EnabledMetrics: one.EnabledMetrics?.map((m: Props) => m["Metric"]) },
          outputs: { arn: "AutoScalingGroupARN" },
        }),
      ],
      outputs: { id: (p) => p["name"] },
      replaceOn: ["name"],
      notApplied: {
        waitForCapacityTimeout: "the provider's own: how long it waits for instances, which run at once here",
        minElbCapacity: "the provider's own: how many targets it waits for, which are healthy at once here",
        waitForElbCapacity: "the provider's own, as minElbCapacity",
        forceDelete: "the provider's own: whether it waits for instances to go before it deletes the group",
        instanceRefresh: "the provider's own: it has instances replaced when the template has changed",
        ignoreFailedScalingActivities: "the provider's own: launches don't fail here",
      },
      notRead: {
        initialLifecycleHooks: "AWS doesn't tell them from hooks that came later",
      },
    },
    "aws:autoscaling/policy:Policy": {
      autoName: "name",
      key: { name: "PolicyName", autoscalingGroupName: "AutoScalingGroupName" },
      names: { "targetTrackingConfiguration.customizedMetricSpecification.metricDimensions": "Dimensions" },
      defaults: { policyType: "SimpleScaling" },
      create: [
        autoscaling("PutScalingPolicy"),
        // moto's answer to the first call names the ARN otherwise.
        autoscaling("DescribePolicies", {
          of: ["name"],
          names: { name: "PolicyNames" },
          outputs: { arn: "ScalingPolicies.0.PolicyARN" },
        }),
      ],
      update: [autoscaling("PutScalingPolicy")],
      delete: [autoscaling("DeletePolicy")],
      read: [describe("DescribePolicies", "ScalingPolicies.0", { names: { name: "PolicyNames" } })],
      outputs: { id: (p) => p["name"] },
      replaceOn: ["name", "autoscalingGroupName"],
      notRead: { enabled: "moto doesn't keep it" },
    },
    "aws:autoscaling/attachment:Attachment": {
      key: { autoscalingGroupName: "AutoScalingGroupName", lbTargetGroupArn: "TargetGroupARNs" },
      create: [autoscaling("AttachLoadBalancerTargetGroups")],
      delete: [autoscaling("DetachLoadBalancerTargetGroups")],
      read: [
        describe("DescribeLoadBalancerTargetGroups", "LoadBalancerTargetGroups.0", {
          names: { lbTargetGroupArn: "LoadBalancerTargetGroupARN" },
          as: (a, p) =>
            a.LoadBalancerTargetGroups?.find(
              (one: Props) => one["LoadBalancerTargetGroupARN"] === p["lbTargetGroupArn"],
            ),
        }),
      ],
      outputs: { id: (p) => `${p["autoscalingGroupName"]}-${p["lbTargetGroupArn"]}` },
      replaceOn: ["autoscalingGroupName", "lbTargetGroupArn"],
    },
    "aws:autoscaling/lifecycleHook:LifecycleHook": {
      autoName: "name",
      key: { name: "LifecycleHookName", autoscalingGroupName: "AutoScalingGroupName" },
      create: [autoscaling("PutLifecycleHook")],
      update: [autoscaling("PutLifecycleHook")],
      delete: [autoscaling("DeleteLifecycleHook")],
      read: [describe("DescribeLifecycleHooks", "LifecycleHooks.0")],
      outputs: { id: (p) => p["name"] },
      replaceOn: ["name", "autoscalingGroupName"],
    },
  },
};
