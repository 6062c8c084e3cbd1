/**
 * How every SDK client of a callback is configured: three attempts (throttling and 5xx are retried with backoff and
 * jitter by the SDK) and timeouts that fit several times into a callback's own, so that a hanging call is an error
 * while there is still time to try again.
 */
export function clientConfig() {
  return {
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
  };
}
