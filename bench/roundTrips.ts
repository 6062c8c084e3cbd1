import { Call } from "../local/endpoint/call";

/**
 * Round trips in sequence: the longest chain of calls of which each began only after the one before it had ended. Calls
 * that overlap were made in parallel and cost one round trip together.
 */
export function roundTrips(calls: readonly Pick<Call, "start" | "end">[]): number {
  const byStart = [...calls].sort((a, b) => a.start - b.start);
  const chains = new Map<(typeof byStart)[number], number>();
  for (const call of byStart) {
    const before = byStart.filter((c) => c !== call && c.end <= call.start && chains.has(c));
    chains.set(call, 1 + Math.max(0, ...before.map((c) => chains.get(c) ?? 0)));
  }
  return Math.max(0, ...chains.values());
}
