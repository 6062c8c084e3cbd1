import { momentOf } from "../common/moment";
import { RecoveryTarget } from "./settings";
import { StatusResult } from "./checkStatus";
import { CheckResult } from "./task";
import { RestartResult } from "./restart";

/** What an execution of the state machine knows when it tells somebody; each part is there once its state has run. */
export interface ExecutionData {
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
export function recoveryMessage(state: ExecutionData, target: RecoveryTarget, origin: Origin): RecoveryMessage {
  return { ...headline(state, target), text: body(state, target, origin).join("\n") };
}

function headline(state: ExecutionData, { name }: RecoveryTarget): Pick<RecoveryMessage, "title" | "severity"> {
  const { restart, second, error } = state;
  const served = allPassed(second) || whyLeftAlone(state) !== undefined;
  if (error !== undefined) {
    const severity = served ? "warning" : "critical";
    return { title: `${name}: the recovery workflow failed (${error.Error ?? "unknown error"})`, severity };
  }
  const leftAlone = whyLeftAlone(state);
  if (leftAlone !== undefined) {
    return { title: `${name}: ${leftAlone}`, severity: "warning" };
  }
  if (restart?.outcome !== "restarted" && restart?.outcome !== "unanswered") {
    return { title: `${name} is failing and was not restarted`, severity: "critical" };
  }
  const restarted = restart.outcome === "restarted" ? "after a restart" : "after a restart that EC2 didn't confirm";
  if (second === undefined) {
    return { title: `${name} doesn't pass its status checks ${restarted}`, severity: "critical" };
  }
  return allPassed(second)
    ? { title: `${name} is healthy again ${restarted}`, severity: "warning" }
    : { title: `${name} still fails ${restarted}`, severity: "critical" };
}

/** Why the instance is left alone, whenever that was found; `undefined` if it is not. */
function whyLeftAlone({ system, first, restart, status }: ExecutionData): string | undefined {
  if (system?.verdict === "system-impaired") {
    return "left to EC2's own recovery";
  }
  if ([system?.verdict, restart?.outcome, status?.verdict].includes("not-running")) {
    return "not running, left alone";
  }
  return system?.verdict === "impaired" && allPassed(first) ? "serves, but fails its instance status check" : undefined;
}

/** The checks of a run, and the names that people know them by. */
const CHECKS = [
  ["url", "URL"],
  ["healthCheck", "Route 53"],
  ["ssh", "SSH"],
  ["cpu", "CPU"],
] as const;

function allPassed(run: ExecutionData["first"]): boolean {
  return run !== undefined && CHECKS.every(([check]) => run[check]?.passed === true);
}

function body(state: ExecutionData, target: RecoveryTarget, { execution, region, now }: Origin): string[] {
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

function runLines(title: string, run: ExecutionData["first"]): string[] {
  return CHECKS.flatMap(([check, name]) => {
    const result = run?.[check];
    return result === undefined
      ? []
      : [`${title}, ${name}: ${result.passed === true ? "good" : "FAILED"}, ${result.detail ?? ""}`];
  });
}

/** Lambda's causes are JSON with a stack trace; people need the message. */
function causeOf({ Error: name = "unknown error", Cause = "" }: NonNullable<ExecutionData["error"]>): string {
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
