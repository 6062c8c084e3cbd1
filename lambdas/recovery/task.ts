import { mayPass } from "../common/mayPass";
import { CheckSettings, RecoveryTarget } from "./settings";

/** Name of the errors that the state machine retries. */
export const TRANSIENT = "TransientError";

/** What a check came to. */
export interface CheckResult {
  readonly passed: boolean;
  /** What was found, for people. */
  readonly detail: string;
}

/** An error that the state machine can tell by its name; its stack begins with it. */
export function failure(name: string, message: string): Error {
  const error = Object.assign(new Error(message), { name });
  Error.captureStackTrace(error, failure);
  return error;
}

/**
 * A handler as a task of the state machine: AWS errors that may pass are renamed, so that the machine retries these and
 * nothing else.
 */
export function asTask<Args extends unknown[], Result>(
  handler: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    try {
      return await handler(...args);
    } catch (error) {
      throw mayPass(error) ? failure(TRANSIENT, String(error)) : error;
    }
  };
}

/** A field of a task's input, of which nothing is trusted to be there. */
export function field(event: unknown, name: string): unknown {
  return typeof event === "object" && event !== null ? (event as Record<string, unknown>)[name] : undefined;
}

/**
 * The instance that a task's input names.
 * @throws `UnknownTarget` if it is none of those that the function is there for.
 */
export function targetOf(event: unknown, { targets }: CheckSettings): RecoveryTarget {
  const name = field(event, "target");
  const target = typeof name === "string" && Object.keys(targets).includes(name) ? targets[name] : undefined;
  if (target === undefined) {
    const names = Object.keys(targets).join(", ");
    throw failure("UnknownTarget", `expected target to be one of ${names}, not ${JSON.stringify(name)}`);
  }
  return target;
}
