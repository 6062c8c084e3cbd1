/** How many of something there are, or zones it is in: known, or between two numbers. */
export interface Range {
  readonly atLeast: number;
  readonly atMost: number;
}

/**
 * What is left of instances that are spread evenly when the zone that has most of them is lost: Auto Scaling keeps zones
 * within one instance of each other.
 */
export function left(instances: number, zones: number): number {
  if (zones < 2) {
    return 0;
  }
  return instances === Infinity ? Infinity : instances - Math.ceil(instances / zones);
}

/** The fewest instances of which as many as needed are left when the fullest of the zones is lost. */
export const fewestFor = (need: number, zones: number): number => need + Math.ceil(need / (zones - 1));

/** Whether enough is left: `undefined` if that depends on what isn't known. */
export function isEnoughLeft(need: number, instances: Range, zones: Range): boolean | undefined {
  if (left(instances.atLeast, zones.atLeast) >= need) {
    return true;
  }
  return left(instances.atMost, zones.atMost) < need ? false : undefined;
}
