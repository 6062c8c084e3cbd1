import { CheckSettings } from "./settings";
import { CheckResult, targetOf } from "./task";

/** Asks for the instance's URL. Good is what is good for Route 53: a status from 200 to 399, redirects not followed. */
export async function checkUrl(event: unknown, settings: CheckSettings): Promise<CheckResult> {
  const { url, urlTimeoutSeconds } = targetOf(event, settings);
  // A query may hold what is nobody's business.
  const { origin, pathname } = new URL(url);
  const shown = `${origin}${pathname}`;
  try {
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(urlTimeoutSeconds * 1000) });
    await response.body?.cancel();
    return { passed: response.status >= 200 && response.status < 400, detail: `${shown} answers ${response.status}` };
  } catch (error) {
    return { passed: false, detail: `${shown} ${reasonOf(error, urlTimeoutSeconds)}` };
  }
}

/** Why there was no answer; `fetch` hides the reason behind the error. */
function reasonOf(error: unknown, timeoutSeconds: number): string {
  const { name, cause } = error as { name?: string; cause?: { code?: string } };
  return name === "TimeoutError"
    ? `doesn't answer within ${timeoutSeconds} s`
    : `can't be reached (${cause?.code ?? String(error)})`;
}
