/** What an error of the SDK says about itself; errors of other origin have no `$metadata`. */
export interface SdkError {
  /** AWS's own error code. */
  readonly name?: string;
  readonly $metadata?: {
    /** Absent if no answer came. */
    readonly httpStatusCode?: number;
    /** How often the SDK has tried. */
    readonly attempts?: number;
  };
}

/**
 * AWS asks for fewer requests, and has not done this one. The status differs: EC2 says RequestLimitExceeded with 503,
 * most services 400, Lambda 429.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 * https://docs.aws.amazon.com/general/latest/gr/api-retries.html
 */
export const THROTTLED =
  /Throttl|RequestLimitExceeded|TooManyRequests|ThroughputExceeded|SlowDown|PriorRequestNotComplete/;

/** EC2 has no room: a server error (500) by status, but nothing that repeating the call soon would mend. Same page. */
export const NO_ROOM = /^Insufficient\w*Capacity/;

/** Client errors by status (400) that pass: a request that came too slowly, or met another one. */
export const PASSING = /^(RequestTimeout|RequestTimeoutException|TransactionInProgressException)$/;
