import { Remembered } from "../common/announce";

/**
 * What one execution environment remembers from run to run. An aid and never a basis: all of it may be gone at any time,
 * and then a run looks where it need not have, or people are told again.
 */
export interface GatewayMemory {
  /** The instances that were gateways at the last look, and when that was. */
  gateways?: { readonly instanceIds: ReadonlySet<string>; readonly at: Date };
  /** What people were last told: what to go by while the state table doesn't answer. */
  readonly told: Remembered;
}

/** Seconds for which it is known which instances are gateways. The minute's tick looks anew. */
const FRESH_SECONDS = 90;

/** The instances that were gateways at the last look, unless that was too long ago. */
export function recentGateways({ gateways }: GatewayMemory, now: Date): ReadonlySet<string> | undefined {
  const isFresh = gateways !== undefined && now.getTime() - gateways.at.getTime() < FRESH_SECONDS * 1000;
  return isFresh ? gateways.instanceIds : undefined;
}
