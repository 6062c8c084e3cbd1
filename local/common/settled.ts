import { UserError } from "./userError";

/**
 * Waits for all to end, well or not: nothing goes on behind an error's back.
 * @throws as the one that failed. If several did, and all with a `UserError`, one with what each of them said, since one
 * stack's end may be another's doing; otherwise as the first of them
 */
export async function allSettled<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(promises);
  const reasons = settled.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
  const said = reasons.filter((reason) => reason instanceof UserError);
  if (said.length > 1 && said.length === reasons.length) {
    throw new UserError(
      [...new Set(said.map(({ message }) => message))].join("\n\n"),
      Math.min(...said.map(({ exitCode }) => exitCode)),
    );
  }
  return Promise.all(promises);
}
