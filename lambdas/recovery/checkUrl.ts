import { CheckSettings } from "./settings";
import { CheckResult, targetOf } from "./task";

/** Milliseconds for an answer to begin: what Route 53 allows, 4 s to connect and 2 s to answer. */
const TIMEOUT_MS = 6000;

/** Asks for the instance's URL. Good is what is good for Route 53: a status from 200 to 399, redirects not followed. */
export async function checkUrl(event: unknown, settings: CheckSettings): Promise<CheckResult> {
  const { url } = targetOf(event, settings);
  // A query may hold what is nobody's business.
  const shown = url.split("?")[0] ?? "";
  try {
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS) });
    await response.body?.cancel();
    return { passed: response.status >= 200 && response.status < 400, detail: `${shown} answers ${response.status}` };
  } catch (error) {
    return { passed: false, detail: `${shown} ${reasonOf(error)}` };
  }
}

/** Why there was no answer; `fetch` hides the reason behind the error. */
function reasonOf(error: unknown): string {
  const { name, cause } = error as { name?: string; cause?: { code?: string } };
  return name === "TimeoutError"
    ? `doesn't answer within ${TIMEOUT_MS / 1000} s`
    : `can't be reached (${cause?.code ?? String(error)})`;
}
