/**
 * What user files and their keys are called. Both stacks of a pair compute it, so that neither has to wait for the other:
 * from what the primary is called (or the only stack, if there is no pair), and the Region that they are in.
 */
export interface FilesPlace {
  /** Name of the stack that makes the bucket. */
  readonly stack: string;
  /** Name of the files in the configuration. */
  readonly name: string;
  /** Region of the bucket. */
  readonly region: string;
}

/** Name of the bucket: S3 wants it to be no one else's in the world, which the account's number sees to. */
export const bucketName = ({ stack, name, region }: FilesPlace, account: string): string =>
  `${stack}-${name}-${region}-${account}`.toLowerCase();

/** Id of the rule by which files are copied to a Region; their metrics have it too. */
export const ruleId = (destination: string): string => `to-${destination}`;

/** Logical name of the key in the stack's own Region, and in the partner's: the keys' aliases are made from it. */
export const keyName = (name: string, where: "own" | "partner"): string =>
  where === "own" ? `${name}-files` : `${name}-files-partner`;

/** An account's number is twelve digits; its own isn't known before AWS is asked. */
const ANY_ACCOUNT = "0".repeat(12);

/** Why S3 would refuse the bucket's name; `undefined` if it takes it. https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export function whyNotNamed(place: FilesPlace): string | undefined {
  const whole = bucketName(place, ANY_ACCOUNT);
  if (whole.length > 63) {
    return `expected a name that is ${whole.length - 63} character(s) shorter: S3 takes 63 of STACK-NAME-REGION-ACCOUNT`;
  }
  if (!/^[a-z0-9][a-z0-9-]*$/i.test(place.stack)) {
    return `expected a stack of letters, digits and hyphens, since buckets are named after it: not ${place.stack}`;
  }
  return undefined;
}
