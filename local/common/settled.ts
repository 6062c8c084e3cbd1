/** Waits for all to end, well or not, and then fails as the first one that did: nothing goes on behind an error's back. */
export async function allSettled<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}
