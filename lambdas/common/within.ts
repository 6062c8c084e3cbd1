/**
 * Waits for an answer so long and no longer. What is started gets a signal that tells it to give up.
 * @param ms how long; `undefined`: until the answer or an error comes.
 * @throws after that time, or what was started throws.
 */
export async function within<T>(
  ms: number | undefined,
  start: (options: { abortSignal?: AbortSignal }) => Promise<T>,
): Promise<T> {
  if (ms === undefined) {
    return start({});
  }
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${ms} ms`));
      abort.abort();
    }, ms);
  });
  try {
    return await Promise.race([start({ abortSignal: abort.signal }), late]);
  } finally {
    clearTimeout(timer);
  }
}
