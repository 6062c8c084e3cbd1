/** An instance refresh, as AWS names its parts. */
export interface Refresh {
  readonly id: string;
  /** AWS's word, e.g. `InProgress`. */
  readonly status: string;
  /** The launch template's version that it brings, if it was started with one. */
  readonly version: string | undefined;
}

/** What there is before a rollout. */
export interface Observed {
  /** The launch template's version that the group launches. */
  readonly groupVersion: string | undefined;
  /** Those that its instances were launched with; `undefined` for one of another origin. */
  readonly instanceVersions: readonly (string | undefined)[];
  /** The newest refresh, if there has been one. */
  readonly refresh: Refresh | undefined;
}

/** What to do next for a version to be rolled out. */
export type Step =
  | { readonly step: "done"; readonly reason: "there already" | "under way"; readonly refreshId: string | undefined }
  | { readonly step: "start" }
  | { readonly step: "cancel" }
  | { readonly step: "wait" };

/**
 * Statuses of a refresh that is not over.
 * https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstanceRefresh.html
 */
const ACTIVE = ["Pending", "InProgress", "Baking", "Cancelling", "RollbackInProgress"];

/** Whether a refresh is not over. */
export const isActive = (status: string): boolean => ACTIVE.includes(status);

/**
 * Decides what to do next. A refresh that brings another version, or takes one back, gives way to the newer wish; one
 * that brings this version is left alone, whatever has started it, and so is its way back: it has been found bad.
 */
export function decide(version: string, { groupVersion, instanceVersions, refresh }: Observed): Step {
  if (refresh !== undefined && isActive(refresh.status)) {
    if (refresh.status === "Cancelling") {
      return { step: "wait" };
    }
    return refresh.version === version
      ? { step: "done", reason: "under way", refreshId: refresh.id }
      : { step: "cancel" };
  }
  return groupVersion === version && instanceVersions.every((v) => v === version)
    ? { step: "done", reason: "there already", refreshId: undefined }
    : { step: "start" };
}
