import { client, Props, ServiceRecords } from "./record";

const autoscaling = client("auto-scaling");

const size = (p: Props) => ({
  AutoScalingGroupName: p["name"],
  MinSize: p["minSize"],
  MaxSize: p["maxSize"],
  DesiredCapacity: p["desiredCapacity"],
  VPCZoneIdentifier: p["vpcZoneIdentifiers"]?.join(","),
  HealthCheckType: p["healthCheckType"],
  HealthCheckGracePeriod: p["healthCheckGracePeriod"],
  LaunchTemplate: p["launchTemplate"] && {
    LaunchTemplateId: p["launchTemplate"].id,
    Version: p["launchTemplate"].version,
  },
});

const hook = (groupName: string, p: Props) => ({
  AutoScalingGroupName: groupName,
  LifecycleHookName: p["name"],
  LifecycleTransition: p["lifecycleTransition"],
  HeartbeatTimeout: p["heartbeatTimeout"],
  DefaultResult: p["defaultResult"],
});

export const records: ServiceRecords = {
  resources: {
    "aws:autoscaling/group:Group": {
      autoName: "name",
      create: [
        autoscaling("CreateAutoScalingGroup", (p) => ({
          ...size(p),
          LifecycleHookSpecificationList: p["initialLifecycleHooks"]?.map((h: Props) => ({
            LifecycleHookName: h["name"],
            LifecycleTransition: h["lifecycleTransition"],
            HeartbeatTimeout: h["heartbeatTimeout"],
            DefaultResult: h["defaultResult"],
          })),
          Tags: p["tags"]?.map((t: Props) => ({
            Key: t["key"],
            Value: t["value"],
            PropagateAtLaunch: t["propagateAtLaunch"],
          })),
        })),
        autoscaling(
          "DescribeAutoScalingGroups",
          (p) => ({ AutoScalingGroupNames: [p["name"]] }),
          (a, p) => ({
            id: p["name"],
            arn: a.AutoScalingGroups[0].AutoScalingGroupARN,
          }),
        ),
      ],
      update: [autoscaling("UpdateAutoScalingGroup", size)],
      delete: [autoscaling("DeleteAutoScalingGroup", (p) => ({ AutoScalingGroupName: p["id"], ForceDelete: true }))],
      replaceOn: ["name"],
    },
    "aws:autoscaling/lifecycleHook:LifecycleHook": {
      autoName: "name",
      create: [
        autoscaling(
          "PutLifecycleHook",
          (p) => hook(p["autoscalingGroupName"], p),
          (_, p) => ({ id: p["name"] }),
        ),
      ],
      update: [autoscaling("PutLifecycleHook", (p) => hook(p["autoscalingGroupName"], p))],
      delete: [
        autoscaling("DeleteLifecycleHook", (p) => ({
          AutoScalingGroupName: p["autoscalingGroupName"],
          LifecycleHookName: p["name"],
        })),
      ],
      replaceOn: ["name", "autoscalingGroupName"],
    },
  },
};
