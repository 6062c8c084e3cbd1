import { z } from "zod";
import { whyNotNamed } from "../components/userFiles/names";
import { checkOnce, Problem, problemIn, resourceName } from "./common";
import { partner } from "./partner";
import { StackFile } from "./stackFile";

const tiering = z
  .strictObject({
    afterDays: z
      .int("expected a whole number of days")
      .min(0)
      .meta({
        description: "Days after which they go there; 30 or more for `STANDARD_IA`.",
        unit: "days",
        examples: [30],
      }),
    storageClass: z
      .enum(
        ["INTELLIGENT_TIERING", "STANDARD_IA", "GLACIER_IR"],
        "expected INTELLIGENT_TIERING, STANDARD_IA or GLACIER_IR",
      )
      .meta({ description: "A class from which files are read at once.", examples: ["INTELLIGENT_TIERING"] }),
  })
  .refine(({ afterDays, storageClass }) => storageClass !== "STANDARD_IA" || afterDays >= 30, {
    path: ["afterDays"],
    message: "expected 30 days or more: S3 moves nothing to STANDARD_IA before",
  });

const alarms = z.strictObject({
  latencyMinutes: z
    .int("expected a whole number of minutes")
    .min(1)
    .default(15)
    .meta({
      description: "How late files may come from the other Region, for 5 minutes. S3 promises 15.",
      unit: "minutes",
      examples: [15],
    }),
});

const oneFiles = z.strictObject({
  name: resourceName.regex(/^[a-z](-?[a-z0-9])*$/, "expected a letter first, and no two hyphens on end").meta({
    description: "Their name, the same in both stacks of a pair. Buckets are called STACK-NAME-REGION-ACCOUNT.",
    examples: ["uploads"],
  }),
  noncurrentDays: z
    .int("expected a whole number of days")
    .min(1)
    .default(30)
    .meta({
      description: "For how long a file that was deleted or overwritten can still be had back.",
      unit: "days",
      examples: [30],
    }),
  tiering: tiering.optional().meta({
    description: "Where files go that nobody reads any more.",
    absent: "they stay in S3 Standard",
  }),
  protected: z
    .boolean()
    .default(true)
    .meta({
      description: "Whether Pulumi refuses to delete the buckets. S3 itself deletes none that isn't empty.",
      examples: [true],
    }),
  alarms: alarms.prefault({}).meta({ description: "When people are told." }),
});

/** The user files of a stack. */
export const userFiles = z
  .array(oneFiles)
  .min(1, "expected at least one name")
  .superRefine((files, context) => checkOnce(files, { name: "each name" }, problemIn(context)))
  .meta({
    description:
      "Files of users for services to read and write, in two Regions with `nplusone:partner`, in one without. The " +
      "primary's stack makes both buckets: what stands here in the standby's applies to its alarms alone.",
  });

/** What of a stack the names of its buckets depend on. */
interface FilesStack {
  readonly stack: string;
  readonly region: string | undefined;
  readonly partner: Pick<z.infer<typeof partner>, "role" | "stack" | "region"> | undefined;
}

/** What is wrong with user files, given what else is known of the stack: S3 would refuse a bucket's name. */
export function checkUserFiles(
  files: readonly { readonly name: string }[],
  { stack, region, partner: pair }: FilesStack,
  problem: Problem,
): void {
  const owner = pair?.role === "standby" ? pair.stack : stack;
  files.forEach(({ name }, i) => {
    const regions = [region, pair?.region].filter((one) => one !== undefined);
    const why = regions.map((one) => whyNotNamed({ stack: owner, name, region: one })).find((one) => one !== undefined);
    if (why !== undefined) {
      problem([i, "name"], why);
    }
  });
}

/**
 * What is wrong with a standby's user files, whatever else is wrong with them: the primary's file doesn't have them, so that
 * nobody would make their buckets.
 */
export function filesThatNobodyMakes(
  files: unknown,
  pair: Pick<z.infer<typeof partner>, "role" | "stack">,
  file: StackFile,
): { readonly path: readonly (string | number)[]; readonly message: string }[] {
  const namesOf = (list: unknown) =>
    (Array.isArray(list) ? list : []).map((one: unknown) => (one as { name?: unknown } | null)?.name);
  const made = namesOf(file["nplusone:userFiles"]);
  const unmade = namesOf(files).flatMap((name, i) =>
    typeof name !== "string" || made.includes(name) ? [] : [{ name, i }],
  );
  return pair.role === "primary"
    ? []
    : unmade.map(({ name, i }) => ({
        path: [i, "name"],
        message: `expected ${name} in nplusone:userFiles of Pulumi.${pair.stack}.yaml too: the primary makes the buckets`,
      }));
}
