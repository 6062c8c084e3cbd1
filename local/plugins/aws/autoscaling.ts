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
      // What is left to Auto Scaling stays as it is.
      unset: { desiredCapacity: undefined, healthCheckType: undefined },
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
        autoscaling("DeleteTags", { of: ["tags"], takesBack: true, with: tags }),
        autoscaling("CreateOrUpdateTags", { of: ["tags"], with: tags }),
      ],
      delete: [autoscaling("DeleteAutoScalingGroup", { with: () => ({ ForceDelete: true }) })],
      read: [describe("DescribeAutoScalingGroups", "AutoScalingGroups.0", { outputs: { arn: "AutoScalingGroupARN" } })],
      outputs: { id: (p) => p["name"] },
      replaceOn: ["name"],
      notApplied: {
        waitForCapacityTimeout: "the provider's own: how long it waits for instances, which run at once here",
      },
      notRead: { initialLifecycleHooks: "AWS doesn't tell them from hooks that came later" },
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
