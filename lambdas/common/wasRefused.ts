import { NO_ROOM, PASSING, SdkError, THROTTLED } from "./errorCodes";

/**
 * Whether AWS has said that it did not do what it was asked: any other failure leaves that open. So does one that came
 * after further attempts of the SDK, since an earlier attempt's answer may have been lost.
 */
export function wasRefused(error: unknown): boolean {
  const { name = "", $metadata } = error as SdkError;
  const { httpStatusCode: status = 0, attempts = 1 } = $metadata ?? {};
  if (attempts > 1 || PASSING.test(name)) {
    return false;
  }
  return (status >= 400 && status < 500) || (status >= 500 && (THROTTLED.test(name) || NO_ROOM.test(name)));
}
