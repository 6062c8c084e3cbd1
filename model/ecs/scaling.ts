import { Instance } from "../autoScaling/group";
import {
  AlarmReading,
  scale,
  ScalingPolicy,
  ScalingState,
  ScalingStep,
  StepAdjustment,
} from "../autoScaling/scalingPolicy";
import { stateOf } from "../autoScaling/state";
import { ServiceState, Task } from "./service";

/** What DescribeScalableTargets says of a service: the SDK's answer fits. */
export interface ScalableTarget {
  readonly MinCapacity: number | undefined;
  readonly MaxCapacity: number | undefined;
}

/** What DescribeScalingPolicies says of a policy, as far as the model goes by it: the SDK's answer fits. */
export interface ServiceScalingPolicy {
  readonly PolicyName: string | undefined;
  readonly PolicyType: string | undefined;
  readonly StepScalingPolicyConfiguration?:
    | {
        readonly AdjustmentType?: string | undefined;
        readonly MinAdjustmentMagnitude?: number | undefined;
        /** Seconds for which what was added counts as there. */
        readonly Cooldown?: number | undefined;
        readonly StepAdjustments?: readonly StepAdjustment[] | undefined;
      }
    | undefined;
  readonly TargetTrackingScalingPolicyConfiguration?:
    | {
        readonly TargetValue: number | undefined;
        readonly ScaleOutCooldown?: number | undefined;
        readonly DisableScaleIn?: boolean | undefined;
      }
    | undefined;
  readonly Alarms?: readonly { readonly AlarmName: string | undefined }[] | undefined;
}

/** Application Auto Scaling's own for services on ECS: https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html */
const TRACKING_COOLDOWN = 300;

/** A policy as Auto Scaling would have it. */
export function policyOf(policy: ServiceScalingPolicy): ScalingPolicy {
  const { StepScalingPolicyConfiguration: steps, TargetTrackingScalingPolicyConfiguration: tracking } = policy;
  return {
    ...{ PolicyName: policy.PolicyName, PolicyType: policy.PolicyType, Alarms: policy.Alarms },
    ...(steps && {
      AdjustmentType: steps.AdjustmentType,
      MinAdjustmentMagnitude: steps.MinAdjustmentMagnitude,
      StepAdjustments: steps.StepAdjustments,
      EstimatedInstanceWarmup: steps.Cooldown ?? 0,
    }),
    ...(tracking && {
      TargetTrackingConfiguration: { TargetValue: tracking.TargetValue, DisableScaleIn: tracking.DisableScaleIn },
      EstimatedInstanceWarmup: tracking.ScaleOutCooldown ?? TRACKING_COOLDOWN,
    }),
  };
}

/**
 * What the policies of a service make of its desired count. Application Auto Scaling goes by the same rules as Auto
 * Scaling, with tasks for instances; what was added within the cooldown counts as there, and going in waits for its end.
 * https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
 * @param now seconds of virtual time, never less than in the step before
 */
export function scaleService(
  before: ScalingState,
  service: Pick<ServiceState, "serviceName" | "desiredCount" | "tasks">,
  { MinCapacity, MaxCapacity }: ScalableTarget,
  policies: readonly ServiceScalingPolicy[],
  alarms: readonly AlarmReading[],
  now: number,
): ScalingStep {
  const { serviceName, desiredCount, tasks } = service;
  const group = stateOf({
    ...{ AutoScalingGroupName: serviceName, MinSize: MinCapacity, MaxSize: MaxCapacity, DesiredCapacity: desiredCount },
    ...{ AvailabilityZones: [], HealthCheckType: "EC2" },
  });
  return scale(before, { ...group, instances: tasks.map(instanceOf) }, policies.map(policyOf), alarms, now);
}

const LIFECYCLE = { PENDING: "Pending", RUNNING: "InService", STOPPING: "Terminating" } as const;

const instanceOf = ({ taskId, lastStatus, since }: Task): Instance => ({
  ...{ InstanceId: taskId, AvailabilityZone: "", LifecycleState: LIFECYCLE[lastStatus], since },
  ...{ HealthStatus: "Healthy", LaunchTemplate: {}, ProtectedFromScaleIn: false },
});
