/** What an SDK error says about itself; errors of other origin have no `$metadata`. */
interface SdkError {
  readonly name?: string;
  readonly $fault?: "client" | "server";
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Whether the same AWS call may succeed later: AWS was throttling, failing or not to be reached. */
export function mayPass(error: unknown): boolean {
  const { name = "", $fault, $metadata } = error as SdkError;
  return (
    $metadata !== undefined &&
    ($fault === "server" ||
      $metadata.httpStatusCode === undefined ||
      /Throttl|RequestLimitExceeded|TooManyRequests|Timeout/.test(name))
  );
}

/** Whether AWS has said that it did not do what it was asked: any other failure leaves that open. */
export function wasRefused(error: unknown): boolean {
  const { $metadata } = error as SdkError;
  const status = $metadata?.httpStatusCode ?? 0;
  return status >= 400 && status < 500;
}
