/**
 * The zone of each member of a session store, the primary's first: one after the other through the zones, so that no zone
 * has two more than another and the loss of one never takes all.
 */
export function zonesOfMembers(members: number, zones: readonly string[]): string[] {
  return Array.from({ length: members }, (_, i) => zones[i % zones.length] as string);
}
