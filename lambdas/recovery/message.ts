import { momentOf } from "../common/moment";
import { RecoveryTarget } from "./settings";
import { StatusResult } from "./checkStatus";
import { CheckResult } from "./task";
import { RestartResult } from "./restart";

/** What an execution of the state machine knows when it tells somebody; each part is there once its state has run. */
export interface RecoveryState {
  readonly target?: string;
  /** Name of the alarm. */
  readonly alarm?: string;
  /** When the alarm went off. */
  readonly outage?: string;
  readonly system?: Partial<StatusResult>;
  readonly first?: Readonly<Record<string, Partial<CheckResult>>>;
  readonly restart?: Partial<RestartResult>;
  /** The status checks after the restart. */
  readonly status?: Partial<StatusResult>;
  readonly second?: Readonly<Record<string, Partial<CheckResult>>>;
  /** What a state failed with. */
  readonly error?: { readonly Error?: string; readonly Cause?: string };
}

/** A message to people. */
export interface RecoveryMessage {
  /** One line. */
  readonly title: string;
  readonly text: string;
  /** `critical`: the instance needs somebody now; `warning`: only the workflow does. */
  readonly severity: "critical" | "warning";
}

/** Where a message comes from. */
export interface Origin {
  /** ARN of the execution. */
  readonly execution: string;
  readonly region: string;
  readonly now: Date;
}

/** The message about an execution as far as it has come. */
export function recoveryMessage(state: RecoveryState, target: RecoveryTarget, origin: Origin): RecoveryMessage {
  return { ...headline(state, target), text: body(state, target, origin).join("\n") };
}

function headline(state: RecoveryState, { name }: RecoveryTarget): Pick<RecoveryMessage, "title" | "severity"> {
  const { system, restart, second, error } = state;
  const served = allPassed(second) || isLeftAlone(system);
  if (error !== undefined) {
    const severity = served ? "warning" : "critical";
    return { title: `${name}: the recovery workflow failed (${error.Error ?? "unknown error"})`, severity };
  }
  if (isLeftAlone(system)) {
    const why = system?.verdict === "system-impaired" ? "left to EC2's own recovery" : "is not running: nothing done";
    return { title: `${name}: ${why}`, severity: "warning" };
  }
  if (restart?.outcome !== "restarted") {
    return { title: `${name} is failing and was not restarted`, severity: "critical" };
  }
  if (second === undefined) {
    return { title: `${name} doesn't pass its status checks after a restart`, severity: "critical" };
  }
  return allPassed(second)
    ? { title: `${name} is healthy again after a restart`, severity: "warning" }
    : { title: `${name} still fails after a restart`, severity: "critical" };
}

/** Whether the workflow ends after the first look, because restarting is not its business. */
function isLeftAlone(system: RecoveryState["system"]): boolean {
  return system?.verdict === "system-impaired" || system?.verdict === "not-running";
}

/** The checks of a run, and the names that people know them by. */
const CHECKS = [
  ["url", "URL"],
  ["healthCheck", "Route 53"],
  ["ssh", "SSH"],
  ["cpu", "CPU"],
] as const;

function allPassed(run: RecoveryState["first"]): boolean {
  return run !== undefined && CHECKS.every(([check]) => run[check]?.passed === true);
}

function body(state: RecoveryState, target: RecoveryTarget, { execution, region, now }: Origin): string[] {
  const outage = momentOf(state.outage);
  const machine = `https://${region}.console.aws.amazon.com/states/home?region=${region}#/v2/executions/details/${execution}`;
  return [
    `Instance: ${target.instanceId} in ${region}`,
    `Alarm: ${state.alarm ?? "started by hand"}, since ${outage ?? "an unknown time"}`,
    ...(state.system ? [`Status checks: ${state.system.detail ?? ""}`] : []),
    ...runLines("First run", state.first),
    ...(state.restart ? [`Restart: ${state.restart.reason ?? ""}`] : []),
    ...(state.status ? [`Status checks after it: ${state.status.detail ?? ""}`] : []),
    ...runLines("Second run", state.second),
    ...(state.error ? [`Error: ${causeOf(state.error)}`] : []),
    ...(outage === undefined ? [] : [`Time since the alarm: ${duration(now.getTime() - Date.parse(outage))}`]),
    `Execution: ${machine}`,
    "What to do: docs/runbooks/recovery.md",
  ];
}

function runLines(title: string, run: RecoveryState["first"]): string[] {
  return CHECKS.flatMap(([check, name]) => {
    const result = run?.[check];
    return result === undefined
      ? []
      : [`${title}, ${name}: ${result.passed === true ? "good" : "FAILED"}, ${result.detail ?? ""}`];
  });
}

/** Lambda's causes are JSON with a stack trace; people need the message. */
function causeOf({ Error: name = "unknown error", Cause = "" }: NonNullable<RecoveryState["error"]>): string {
  try {
    const { errorMessage } = JSON.parse(Cause) as { errorMessage?: string };
    return `${name}: ${errorMessage ?? Cause}`;
  } catch {
    return `${name}: ${Cause}`;
  }
}

/** E.g. `6 min 10 s`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds} s` : `${minutes} min ${seconds % 60} s`;
}
