import { NO_ROOM, PASSING, SdkError, THROTTLED } from "./errorCodes";

/**
 * Whether the same AWS call may succeed soon: AWS was throttling, failing or not to be reached. Goes by code and HTTP
 * status, never by the SDK's `$fault`, which changes with the SDK that the runtime carries.
 */
export function mayPass(error: unknown): boolean {
  const { name = "", $metadata } = error as SdkError;
  if ($metadata === undefined || NO_ROOM.test(name)) {
    return false;
  }
  const status = $metadata.httpStatusCode;
  return status === undefined || status === 429 || status >= 500 || THROTTLED.test(name) || PASSING.test(name);
}
