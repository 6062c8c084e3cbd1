import { failure, TRANSIENT } from "./task";

/** Milliseconds for an answer; three of them fit into the callback's timeout. */
const TIMEOUT_MS = 8000;

/**
 * Posts JSON.
 * @returns the body of the answer.
 * @throws `TransientError` if it may succeed later (network, 429, 5xx), `Refused` if not. Neither says the URL, which
 * may be a secret.
 */
export async function postJson(
  service: string,
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<string> {
  let answer: { readonly status: number; readonly body: string };
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    answer = { status: response.status, body: await response.text() };
  } catch (error) {
    const { name = "", cause } = error as { name?: string; cause?: { code?: string } };
    throw failure(TRANSIENT, `${service} can't be reached (${cause?.code ?? name})`);
  }
  if (answer.status === 429 || answer.status >= 500) {
    throw failure(TRANSIENT, `${service} answers ${answer.status}`);
  }
  if (answer.status < 200 || answer.status > 299) {
    throw failure("Refused", `${service} answers ${answer.status}: ${answer.body.slice(0, 200)}`);
  }
  return answer.body;
}
