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

/** Something in a stack's configuration that AWS doesn't have: where it is named, and what was expected. */
export interface ConfigProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/**
 * Refuses a stack's configuration if it has problems.
 * @throws {@link pulumi.RunError} that lists them all, as those that are found without AWS are.
 */
export function refuseConfigIfAny(problems: readonly ConfigProblem[]): void {
  if (problems.length > 0) {
    const lines = problems.map(({ path, message }) => `  nplusone:${path.join(".")}: ${message}`);
    const file = `Pulumi.${pulumi.getStack()}.yaml`;
    throw new pulumi.RunError(`${file} has ${problems.length} problem(s):\n${lines.join("\n")}`);
  }
}
