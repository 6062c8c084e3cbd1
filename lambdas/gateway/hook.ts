import { AutoScalingClient, CompleteLifecycleActionCommand } from "@aws-sdk/client-auto-scaling";
import { throwFirstError } from "../common/settled";
import { GatewayEvent, HeldBack, heldBackInstances } from "./events";
import { Evidence, holderOf } from "./judge";
import { RouteTableState } from "./plan";
import { GatewaySettings } from "./settings";

/**
 * The instances that the gateway's own terminating hook holds back and that no route leads to any more, so that they may
 * go. One that still carries a route is kept until a later run has moved it, or until its hook runs out: as long as it is
 * there it forwards. Events say who is held back, and so does Auto Scaling, for those whose event has been dealt with.
 */
export function releasable(
  events: readonly GatewayEvent[],
  settings: GatewaySettings,
  evidence: Evidence,
  tables: readonly RouteTableState[],
): HeldBack[] {
  const held = new Map<string, HeldBack>();
  for (const zone of settings.zones) {
    const { autoScalingGroupName, terminatingHookName: hookName } = zone;
    const holder = holderOf(zone, evidence);
    if (holder !== undefined && evidence.lifecycleStates?.get(holder) === "Terminating:Wait") {
      held.set(holder, { instanceId: holder, autoScalingGroupName, hookName });
    }
    heldBackInstances(events)
      .filter((h) => h.autoScalingGroupName === autoScalingGroupName && h.hookName === hookName)
      .forEach((h) => held.set(h.instanceId, h));
  }
  const carriers = new Set(
    tables.map(({ target }) => (target.kind === "gateway" ? target.availabilityZone : undefined)),
  );
  const carrying = settings.zones.filter((z) => carriers.has(z.availabilityZone)).map((z) => holderOf(z, evidence));
  return [...held.values()].filter((h) => !carrying.includes(h.instanceId));
}

/**
 * Lets Auto Scaling go on. An action that is no longer waiting (a duplicate or late event) is not an error.
 * @throws the first other error, after all have been tried.
 */
export async function release(instances: readonly HeldBack[], autoScaling: AutoScalingClient): Promise<void> {
  const completions = instances.map(async ({ instanceId, autoScalingGroupName, hookName }) => {
    const action = {
      AutoScalingGroupName: autoScalingGroupName,
      LifecycleHookName: hookName,
      InstanceId: instanceId,
      LifecycleActionResult: "CONTINUE",
    };
    try {
      await autoScaling.send(new CompleteLifecycleActionCommand(action));
    } catch (error) {
      if (!(error instanceof Error) || error.name !== "ValidationError") {
        throw error;
      }
    }
  });
  throwFirstError(await Promise.allSettled(completions));
}
