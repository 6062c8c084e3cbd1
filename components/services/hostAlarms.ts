import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { JOIN_SECONDS } from "./hosts";

/** Arguments of `createJoinAlarm`. */
export interface JoinAlarmArgs {
  /** Name of the service cluster, for people. */
  readonly cluster: string;
  readonly groupName: pulumi.Input<string>;
  readonly clusterName: pulumi.Input<string>;
  readonly topicArn: pulumi.Input<string>;
}

/** Minutes for which there may be more instances than hosts: a new one joins within these. */
const MINUTES = JOIN_SECONDS / 60 + 5;

/**
 * An alarm on instances that don't join their cluster, because the image is bad or ECS can't be reached. A rollout goes by
 * it. $0.20 a month: an alarm is priced by the metrics it reads.
 */
export function createJoinAlarm(
  name: string,
  args: JoinAlarmArgs,
  parent: pulumi.Resource,
): aws.cloudwatch.MetricAlarm {
  const { cluster, clusterName, groupName, topicArn } = args;
  const minute = { period: 60, stat: "Average" };
  return new aws.cloudwatch.MetricAlarm(
    name,
    {
      alarmDescription: `${cluster}: instances have not joined the cluster for ${MINUTES} minutes: see docs/runbooks/services.md.`,
      metricQueries: [
        { id: "outside", expression: "instances - hosts", label: "Instances that have not joined", returnData: true },
        {
          id: "instances",
          metric: {
            namespace: "AWS/AutoScaling",
            metricName: "GroupInServiceInstances",
            dimensions: { AutoScalingGroupName: groupName },
            ...minute,
          },
        },
        {
          id: "hosts",
          metric: {
            namespace: "ECS/ContainerInsights",
            metricName: "ContainerInstanceCount",
            dimensions: { ClusterName: clusterName },
            ...minute,
          },
        },
      ],
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: 1,
      evaluationPeriods: MINUTES,
      // A cluster without hosts and tasks has no metrics.
      treatMissingData: "notBreaching",
      alarmActions: [topicArn],
      okActions: [topicArn],
    },
    { parent },
  );
}
