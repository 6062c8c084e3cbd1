import * as pulumi from "@pulumi/pulumi";

/** Something that is wrong with a component's arguments: the property's path, and why. */
export type Problem = pulumi.InputPropertyErrorDetails;

/**
 * Refuses a component's arguments if they have problems.
 * @param what what the arguments are of, e.g. `gateway`
 * @throws {@link pulumi.InputPropertiesError} that lists them all.
 */
export function refuseIfAny(what: string, problems: readonly Problem[]): void {
  if (problems.length > 0) {
    const reasons = problems.map((p) => `${p.propertyPath}: ${p.reason}`).join("; ");
    throw new pulumi.InputPropertiesError({ message: `invalid ${what}: ${reasons}`, errors: [...problems] });
  }
}
