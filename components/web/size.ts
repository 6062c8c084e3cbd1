/** How many instances a tier has. */
export interface Size {
  /** The fewest: so many that those that are left after the loss of a zone meet the need. */
  readonly minimum: number;
  /** The most that scaling may bring. */
  readonly maximum: number;
}

/** What says how large a tier is. */
export interface SizeArgs {
  /** How many instances the load needs, wherever they are. */
  readonly requiredInstances: number;
  /** How many zones the tier spans: 2 or more. */
  readonly zones: number;
  /** The fewest, where more are wanted than the need asks for. @default what the need asks for */
  readonly minInstances?: number;
  /** The most. @default twice the minimum */
  readonly maxInstances?: number;
}

/**
 * The fewest instances of which enough are left when the fullest zone is lost, if they are spread evenly: each zone has
 * its share of the need as the others would carry it alone. The need costs 1.5 times itself over three zones, 2 times
 * over two. Auto Scaling spreads a group evenly, as far as it can:
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-availability-zone-balanced.html
 */
export function instancesForZoneLoss(requiredInstances: number, zones: number): number {
  return Math.ceil(requiredInstances / (zones - 1)) * zones;
}

/** The size of a tier: its minimum is the number of instances that it starts with, too. */
export function sizeOf({ requiredInstances, zones, minInstances, maxInstances }: SizeArgs): Size {
  const minimum = minInstances ?? instancesForZoneLoss(requiredInstances, zones);
  return { minimum, maximum: maxInstances ?? 2 * minimum };
}

/** A problem of a size: the argument, and what was expected. */
export interface SizeProblem {
  readonly property: keyof SizeArgs;
  readonly reason: string;
}

/** What keeps a tier of this size from meeting its need when a zone is lost; all of it. */
export function sizeProblems(args: SizeArgs): SizeProblem[] {
  const { requiredInstances, zones, minInstances, maxInstances } = args;
  if (zones < 2) {
    return [{ property: "zones", reason: `expected 2 or more zones, not ${zones}: one alone survives no loss` }];
  }
  const needed = instancesForZoneLoss(requiredInstances, zones);
  const why = `${requiredInstances} of them must be left when one of ${zones} zones is lost`;
  const { minimum, maximum } = sizeOf(args);
  const problems: SizeProblem[] = [];
  if (minInstances !== undefined && minInstances < needed) {
    problems.push({ property: "minInstances", reason: `expected ${needed} or more, because ${why}` });
  }
  if (maxInstances !== undefined && maxInstances < needed) {
    problems.push({ property: "maxInstances", reason: `expected ${needed} or more, because ${why}` });
  } else if (minimum > maximum) {
    problems.push({ property: "maxInstances", reason: `expected minInstances (${minimum}) or more, not ${maximum}` });
  }
  return problems;
}
