/**
 * What Lambda does with an event that it was given asynchronously and that can't be run, or whose run fails:
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */

/** How long Lambda keeps an event, unless the function is configured otherwise: six hours. */
export const MAXIMUM_EVENT_AGE_SECONDS = 21_600;

/** Seconds before the first and the second retry of an event whose run has failed; then it is given up. */
const RETRIES_OF_FAILURES = [60, 120];

/** Seconds between two attempts to run a throttled event: from the first on doubled, up to the last. */
const FIRST_THROTTLED_SECONDS = 1;
const LAST_THROTTLED_SECONDS = 300;

/** What has become of an event so far. */
export interface Attempts {
  /** How many of its runs have failed. */
  readonly failed: number;
  /** How often in a row it was throttled: no run was free. */
  readonly throttled: number;
  /** Seconds since it was given to Lambda. */
  readonly ageSeconds: number;
}

/** Seconds until an event that wasn't run, or whose run failed, is tried again; `undefined` if Lambda gives it up. */
export function retryAfterSeconds({ failed, throttled, ageSeconds }: Attempts): number | undefined {
  const seconds =
    throttled > 0
      ? Math.min(FIRST_THROTTLED_SECONDS * 2 ** (throttled - 1), LAST_THROTTLED_SECONDS)
      : RETRIES_OF_FAILURES[failed - 1];
  return seconds !== undefined && ageSeconds + seconds <= MAXIMUM_EVENT_AGE_SECONDS ? seconds : undefined;
}
