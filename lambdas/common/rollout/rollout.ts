import {
  AutoScalingClient,
  CancelInstanceRefreshCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeInstanceRefreshesCommand,
  StartInstanceRefreshCommand,
} from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { RolloutClients } from "./clients";
import { decide, Observed } from "./decide";
import { RolloutSettings } from "./settings";

/** What became of a rollout's wish. */
export interface RolloutResult {
  readonly outcome: "started" | "there already" | "under way";
  /** The refresh that brings the version, if one does. */
  readonly refreshId: string | undefined;
}

/** Milliseconds between two looks. */
const PAUSE = 5000;
/** How often it looks: for about 100 seconds, of the function's 120. Cancelling takes seconds. */
const LOOKS = 20;

/**
 * Rolls a version of the launch template out to the group, by an instance refresh that launches before it terminates
 * and goes back to the version before if the new one fails. It doesn't wait for the end: people are told of that.
 * Running it again is safe: a refresh that brings this version already, because an answer was lost, say, is the one that
 * was wanted. One that brings another version is cancelled first, since the newer wish counts.
 * @throws if the event names no version, if the group isn't there, if an earlier refresh can't be cancelled in time, and
 * the errors of the AWS calls: the `pulumi up` that runs it then fails, and the next one runs it again.
 */
export async function rollout(
  event: unknown,
  settings: RolloutSettings,
  clients: RolloutClients,
): Promise<RolloutResult> {
  const version = versionOf(event);
  for (let look = 1; look <= LOOKS; look++) {
    const next = decide(version, await observe(settings, clients.autoScaling));
    if (next.step === "done") {
      return { outcome: next.reason, refreshId: next.refreshId };
    }
    if (next.step === "start") {
      const refreshId = await start(version, settings, clients);
      if (refreshId !== undefined) {
        return { outcome: "started", refreshId };
      }
    }
    if (next.step === "cancel") {
      await cancel(settings.groupName, clients.autoScaling);
    }
    await clients.pause(PAUSE);
  }
  throw new Error(
    `version ${version} is not rolled out: an earlier instance refresh of ${settings.groupName} has not ended. ` +
      "Run `pulumi up` again when it has.",
  );
}

function versionOf(event: unknown): string {
  const { version } = (event ?? {}) as { version?: unknown };
  if (typeof version !== "string" || !/^[1-9]\d*$/.test(version)) {
    throw new Error(
      `expected {"version": "…"} with the number of a launch template's version, not ${JSON.stringify(event)}`,
    );
  }
  return version;
}

async function observe({ groupName }: RolloutSettings, autoScaling: AutoScalingClient): Promise<Observed> {
  const [groups, refreshes] = await Promise.all([
    autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [groupName] })),
    // The newest comes first.
    autoScaling.send(new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: groupName, MaxRecords: 1 })),
  ]);
  const group = groups.AutoScalingGroups?.[0];
  if (group === undefined) {
    throw new Error(`there is no Auto Scaling group ${groupName}`);
  }
  const refresh = refreshes.InstanceRefreshes?.[0];
  return {
    groupVersion: group.LaunchTemplate?.Version,
    instanceVersions: (group.Instances ?? []).map((instance) => instance.LaunchTemplate?.Version),
    refresh: refresh && {
      id: refresh.InstanceRefreshId ?? "",
      status: refresh.Status ?? "",
      version: refresh.DesiredConfiguration?.LaunchTemplate?.Version,
    },
  };
}

/** @returns the refresh's id; `undefined` if there is one already, perhaps this very one, whose answer was lost. */
async function start(version: string, settings: RolloutSettings, clients: RolloutClients): Promise<string | undefined> {
  const Alarms = await quietAlarms(settings.alarmNames, clients.cloudWatch);
  try {
    const { InstanceRefreshId } = await clients.autoScaling.send(
      new StartInstanceRefreshCommand({
        AutoScalingGroupName: settings.groupName,
        Strategy: "Rolling",
        DesiredConfiguration: {
          LaunchTemplate: { LaunchTemplateId: settings.launchTemplateId, Version: version },
        },
        Preferences: {
          AutoRollback: true,
          ...(Alarms.length === 0 ? {} : { AlarmSpecification: { Alarms } }),
          InstanceWarmup: settings.warmupSeconds,
          MinHealthyPercentage: settings.minHealthyPercentage,
          MaxHealthyPercentage: settings.maxHealthyPercentage,
          // An instance that a person has protected or put aside would hold it up for an hour, and then fail it.
          ScaleInProtectedInstances: "Refresh",
          StandbyInstances: "Terminate",
          SkipMatching: true,
        },
      }),
    );
    return InstanceRefreshId ?? "";
  } catch (error) {
    if (isCalled(error, "InstanceRefreshInProgress")) {
      return undefined;
    }
    throw error;
  }
}

/**
 * The alarms that a refresh is to go by: those that are not in alarm. One that is would fail the refresh at once, and it
 * may be the very reason for a new version.
 */
async function quietAlarms(alarmNames: readonly string[], cloudWatch: CloudWatchClient): Promise<string[]> {
  const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [...alarmNames] }));
  return MetricAlarms.flatMap(({ AlarmName, StateValue }) =>
    AlarmName === undefined || StateValue === "ALARM" ? [] : [AlarmName],
  );
}

/** One that has ended meanwhile is as good as cancelled. */
async function cancel(AutoScalingGroupName: string, autoScaling: AutoScalingClient): Promise<void> {
  try {
    await autoScaling.send(new CancelInstanceRefreshCommand({ AutoScalingGroupName }));
  } catch (error) {
    if (!isCalled(error, "ActiveInstanceRefreshNotFound")) {
      throw error;
    }
  }
}

/** AWS's code of an error is `InstanceRefreshInProgress`, the SDK's class `InstanceRefreshInProgressFault`. */
const isCalled = (error: unknown, code: string) =>
  error instanceof Error && (error.name === code || error.name === `${code}Fault`);
