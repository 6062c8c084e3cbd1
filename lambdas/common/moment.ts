/** A point in time as ISO 8601 in UTC, however AWS wrote it; `undefined` if it is none. */
export function momentOf(text: unknown): string | undefined {
  const at = typeof text === "string" ? Date.parse(text) : NaN;
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}
