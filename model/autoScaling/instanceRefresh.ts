import { TIMES } from "../times";
import { Group, Instance, LaunchTemplate, Percentages } from "./group";

/** How a refresh goes about it: StartInstanceRefresh's `Preferences`. */
export interface RefreshPreferences {
  /** @default the group's maintenance policy's, else 90 */
  readonly MinHealthyPercentage?: number | undefined;
  /** @default the group's maintenance policy's, else 100 */
  readonly MaxHealthyPercentage?: number | undefined;
  /** Seconds in service before an instance counts. @default the group's warmup, else its grace period */
  readonly InstanceWarmup?: number | undefined;
  /** Shares of the instances, ascending, after which it waits; it ends with the last. @default none */
  readonly CheckpointPercentages?: readonly number[] | undefined;
  /** Seconds that it waits at a checkpoint. @default 3600 */
  readonly CheckpointDelay?: number | undefined;
  /** Leave alone what has the desired template already. @default false */
  readonly SkipMatching?: boolean | undefined;
  /** Go back to the group's own template if it fails. @default false */
  readonly AutoRollback?: boolean | undefined;
  /** Alarms that fail it. @default none */
  readonly AlarmSpecification?: { readonly Alarms?: readonly string[] | undefined } | undefined;
  /**
   * What becomes of instances that are protected from scale-in: replaced too, left alone, or waited for, until the refresh
   * fails. @default Wait
   */
  readonly ScaleInProtectedInstances?: string | undefined;
  /** Seconds for which alarms can still fail it when everything is replaced. @default 0 */
  readonly BakeTime?: number | undefined;
}

/** StartInstanceRefresh's request. */
export interface RefreshRequest {
  /** @default the group's own template */
  readonly DesiredConfiguration?: { readonly LaunchTemplate?: LaunchTemplate | undefined } | undefined;
  readonly Preferences?: RefreshPreferences | undefined;
}

export type RefreshStatus =
  | "InProgress"
  | "Baking"
  | "Successful"
  | "Failed"
  | "Cancelled"
  | "RollbackInProgress"
  | "RollbackSuccessful"
  | "RollbackFailed";

/** An instance refresh in virtual time, named as DescribeInstanceRefreshes names it. */
export interface Refresh {
  readonly InstanceRefreshId: string;
  readonly Status: RefreshStatus;
  readonly StatusReason?: string | undefined;
  readonly StartTime: number;
  readonly EndTime?: number | undefined;
  readonly PercentageComplete: number;
  readonly Preferences: RefreshPreferences;
  /** What instances are launched from: the desired configuration, or in a rollback the group's own template. */
  readonly target: LaunchTemplate;
  /** The instances to be replaced. */
  readonly outdated: readonly string[];
  /** How many have been replaced, and when that last grew. */
  readonly replaced: number;
  readonly progressAt: number;
  /** How many checkpoints are behind it. */
  readonly checkpoints: number;
  /** Until when it waits at a checkpoint, or bakes. */
  readonly waitsUntil: number;
}

/** A refresh that StartInstanceRefresh refuses. */
export class RefusedRefresh extends Error {
  override readonly name = "RefusedRefresh";
}

/** Whether a refresh still replaces instances, or may. */
export const isActive = (refresh: Refresh | undefined): refresh is Refresh =>
  refresh !== undefined && refresh.EndTime === undefined;

/** The range to which a refresh keeps. */
export function percentagesOf({ Preferences: preferences }: Refresh, { maintenance }: Group): Percentages {
  return {
    MinHealthyPercentage: preferences.MinHealthyPercentage ?? maintenance?.MinHealthyPercentage ?? 90,
    MaxHealthyPercentage: preferences.MaxHealthyPercentage ?? maintenance?.MaxHealthyPercentage ?? 100,
  };
}

/**
 * A refresh that begins now.
 * @param instances those that are there or coming
 * @throws {@link RefusedRefresh} as AWS does
 */
export function begin(
  group: Group,
  instances: readonly Instance[],
  previous: Refresh | undefined,
  request: RefreshRequest,
  now: number,
): Refresh {
  const desired = request.DesiredConfiguration?.LaunchTemplate;
  const preferences = request.Preferences ?? {};
  if (isActive(previous)) {
    throw new RefusedRefresh(`InstanceRefreshInProgress: ${previous.InstanceRefreshId} is ${previous.Status}`);
  }
  if (preferences.AutoRollback === true) {
    if (desired === undefined) {
      throw new RefusedRefresh("AutoRollback needs a DesiredConfiguration");
    }
    const floating = [desired, group.LaunchTemplate].find(({ Version: v }) => v === "$Latest" || v === "$Default");
    if (floating !== undefined) {
      throw new RefusedRefresh(`AutoRollback needs numbered versions of launch templates, not ${floating.Version}`);
    }
  }
  const target = desired ?? group.LaunchTemplate;
  const skipped = (i: Instance) =>
    (preferences.SkipMatching === true && isSame(i.LaunchTemplate, target)) ||
    (preferences.ScaleInProtectedInstances === "Ignore" && i.ProtectedFromScaleIn);
  return {
    InstanceRefreshId: `refresh-${now}`,
    Status: "InProgress",
    StartTime: now,
    PercentageComplete: 0,
    Preferences: preferences,
    target,
    outdated: instances.filter((i) => !skipped(i)).map((i) => i.InstanceId),
    replaced: 0,
    progressAt: now,
    checkpoints: 0,
    waitsUntil: now,
  };
}

/** Whether two say the same template and version; a name stands for an id only where the other has no id. */
function isSame(a: LaunchTemplate, b: LaunchTemplate): boolean {
  const same =
    a.LaunchTemplateId !== undefined && b.LaunchTemplateId !== undefined
      ? a.LaunchTemplateId === b.LaunchTemplateId
      : a.LaunchTemplateName === b.LaunchTemplateName;
  return same && a.Version === b.Version;
}

/** What a refresh finds. */
export interface Found {
  /** How many of the outdated instances are still there. */
  readonly remaining: number;
  /** Whether as many as desired are there, and all that are current are ready. */
  readonly settled: boolean;
  /** The alarms that are in ALARM. */
  readonly alarms: readonly string[];
  /** The instances that this refresh has launched and that are still there. */
  readonly launched: readonly string[];
}

/** How many of the outdated instances may be replaced now. */
export function permitted(refresh: Refresh, remaining: number, now: number): number {
  if (refresh.Status === "RollbackInProgress") {
    return remaining;
  }
  if (refresh.Status !== "InProgress" || now < refresh.waitsUntil) {
    return 0;
  }
  const upTo = nextCheckpoint(refresh);
  return upTo === undefined ? remaining : Math.max(0, upTo - (refresh.outdated.length - remaining));
}

/** With how many replaced the next checkpoint is reached; `undefined` without one. */
function nextCheckpoint({ Preferences: { CheckpointPercentages }, outdated, checkpoints }: Refresh) {
  const percentage = CheckpointPercentages?.[checkpoints];
  return percentage === undefined ? undefined : Math.ceil((outdated.length * percentage) / 100);
}

/**
 * What has become of an active refresh. It fails on an alarm, or after an hour without progress, and then goes back if
 * it was told to.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-overview.html,
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-rollback.html,
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-adding-checkpoints-instance-refresh.html
 */
export function proceed(before: Refresh, found: Found, group: Group, now: number): Refresh {
  const refresh = count(before, found, now);
  const back = refresh.Status === "RollbackInProgress";
  const alarm = back
    ? undefined
    : refresh.Preferences.AlarmSpecification?.Alarms?.find((a) => found.alarms.includes(a));
  if (alarm !== undefined) {
    return fail(refresh, `the alarm ${alarm} is in ALARM`, found, group, now);
  }
  if (refresh.Status === "Baking") {
    return now < refresh.waitsUntil ? refresh : { ...refresh, Status: "Successful", EndTime: now };
  }
  if (now < refresh.waitsUntil) {
    return refresh;
  }
  const passed = back || !found.settled ? refresh : passCheckpoints(refresh, now);
  if (!found.settled || (found.remaining > 0 && !hasPassedAll(passed))) {
    const stuck = now - Math.max(passed.progressAt, passed.waitsUntil) >= TIMES.refreshWithoutProgress.typical;
    return stuck ? fail(refresh, "no progress for an hour", found, group, now) : passed;
  }
  if (back) {
    return { ...refresh, Status: "RollbackSuccessful", EndTime: now };
  }
  const bake = refresh.Preferences.BakeTime ?? 0;
  return bake > 0
    ? { ...passed, Status: "Baking", waitsUntil: now + bake }
    : { ...passed, Status: "Successful", EndTime: now };
}

/** Notes what is replaced. The percentage counts what is ready, so it waits for warmups. */
function count(refresh: Refresh, { remaining, settled }: Found, now: number): Refresh {
  const replaced = refresh.outdated.length - remaining;
  const share = refresh.outdated.length === 0 ? 100 : Math.floor((100 * replaced) / refresh.outdated.length);
  return {
    ...refresh,
    replaced: Math.max(replaced, refresh.replaced),
    progressAt: replaced > refresh.replaced ? now : refresh.progressAt,
    PercentageComplete: settled ? Math.max(share, refresh.PercentageComplete) : refresh.PercentageComplete,
  };
}

/** All checkpoints that are reached are behind it; it waits if there is one ahead. */
function passCheckpoints(refresh: Refresh, now: number): Refresh {
  const upTo = nextCheckpoint(refresh);
  if (upTo === undefined || refresh.replaced < upTo) {
    return refresh;
  }
  const { CheckpointDelay: delay = 3_600 } = refresh.Preferences;
  const passed = passCheckpoints({ ...refresh, checkpoints: refresh.checkpoints + 1 }, now);
  return hasPassedAll(passed) ? passed : { ...passed, waitsUntil: now + delay };
}

const hasPassedAll = ({ Preferences: { CheckpointPercentages: all = [] }, checkpoints }: Refresh) =>
  all.length > 0 && checkpoints >= all.length;

function fail(refresh: Refresh, reason: string, found: Found, group: Group, now: number): Refresh {
  if (refresh.Status === "RollbackInProgress") {
    return { ...refresh, Status: "RollbackFailed", StatusReason: reason, EndTime: now };
  }
  return refresh.Preferences.AutoRollback === true
    ? rollBack(refresh, reason, found.launched, group, now)
    : { ...refresh, Status: "Failed", StatusReason: reason, EndTime: now };
}

/** What RollbackInstanceRefresh makes of a refresh: what it has launched is replaced from the group's own template. */
export function rollBack(
  refresh: Refresh,
  reason: string,
  launched: readonly string[],
  group: Group,
  now: number,
): Refresh {
  return {
    ...refresh,
    Status: "RollbackInProgress",
    StatusReason: reason,
    target: group.LaunchTemplate,
    outdated: launched,
    PercentageComplete: 0,
    replaced: 0,
    progressAt: now,
    waitsUntil: now,
  };
}
