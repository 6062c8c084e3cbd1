/**
 * Throws the first error among settled promises: for steps that must all be tried before any failure counts.
 * @throws the reason of the first rejected one.
 */
export function throwFirstError(outcomes: readonly PromiseSettledResult<unknown>[]): void {
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") {
      throw outcome.reason;
    }
  }
}
