import { retryAfterSeconds } from "../../model/asynchronousInvocation";

/** A function as Lambda's queue of asynchronous events sees it. */
export interface AsynchronousFunction {
  /** How many runs there may be at once: the reserved concurrency. */
  readonly concurrency: number;
  /** Seconds, of the played time, that a run keeps one of them. */
  readonly runSeconds: number;
  /** Runs it. @returns why it failed, if it did. */
  readonly invoke: (input: string) => Promise<string | undefined>;
}

/** What became of an asynchronous event. */
export interface Outcome {
  /** Why its last run failed, or that there was none; the event then goes to the dead-letter queue. */
  readonly error: string | undefined;
  /** Seconds, of the played time, from its arrival to its last run, or until it was given up. */
  readonly waitedSeconds: number;
}

interface Waiting {
  readonly index: number;
  readonly input: string;
  atSeconds: number;
  failed: number;
  throttled: number;
}

/**
 * Plays Lambda's queue of asynchronous events for one function: events that arrive all at once, throttled by the
 * function's concurrency, retried with Lambda's back-off. Time is played: nothing waits, and each run is really made, in
 * the order in which they would begin.
 */
export async function runAsynchronously(fn: AsynchronousFunction, inputs: readonly string[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const waiting: Waiting[] = inputs.map((input, index) => ({ index, input, atSeconds: 0, failed: 0, throttled: 0 }));
  /** When the runs under way end. */
  let busyUntil: number[] = [];
  while (waiting.length > 0) {
    waiting.sort((a, b) => a.atSeconds - b.atSeconds || a.index - b.index);
    const event = waiting[0] as Waiting;
    const now = event.atSeconds;
    busyUntil = busyUntil.filter((end) => end > now);
    let error: string | undefined;
    if (busyUntil.length >= fn.concurrency) {
      event.throttled++;
      error = "no run is free: the reserved concurrency is used up";
    } else {
      event.throttled = 0;
      busyUntil.push(now + fn.runSeconds);
      error = await fn.invoke(event.input);
      event.failed += error === undefined ? 0 : 1;
    }
    const retry = error === undefined ? undefined : retryAfterSeconds({ ...event, ageSeconds: now });
    if (retry === undefined) {
      waiting.shift();
      outcomes[event.index] = { error, waitedSeconds: now };
    } else {
      event.atSeconds = now + retry;
    }
  }
  return outcomes;
}
