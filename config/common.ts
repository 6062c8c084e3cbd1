import { z } from "zod";

/** Notes a problem. */
export type Problem = (path: (string | number)[], message: string) => void;

/** Notes the problems of what a schema refines. */
export const problemIn =
  (context: z.RefinementCtx): Problem =>
  (path, message) =>
    context.addIssue({ code: "custom", path, message });

/**
 * Notes what stands a second time in a list though it is each one's own.
 * @param own the properties that are each one's own, and how people call what they say: `each name`
 */
export function checkOnce<Key extends string>(
  list: readonly Readonly<Partial<Record<NoInfer<Key>, string | undefined>>>[],
  own: Readonly<Record<Key, string>>,
  problem: Problem,
): void {
  for (const [property, what] of Object.entries(own) as [Key, string][]) {
    const values = list.map((one) => one[property]);
    values.forEach((value, i) => {
      if (value !== undefined && values.indexOf(value) < i) {
        problem([i, property], `expected ${what} once, but ${value} is named twice`);
      }
    });
  }
}

/** An IPv4 range. */
export const cidrBlock = z
  .string()
  .regex(/^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/, "expected an IPv4 range such as 10.20.0.0/16")
  .pipe(z.cidrv4("expected an IPv4 range such as 10.20.0.0/16"));
/** Name of an Availability Zone. */
export const availabilityZone = z
  .string()
  .regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, "expected a zone's name such as us-east-1a");

/** A name that resources are named after. */
export const resourceName = z.string().regex(/^[a-z0-9-]+$/, "expected lower-case letters, digits and hyphens");

/** An e-mail address. */
export const email = z.email("expected an e-mail address such as oncall@example.com");

/** The id of a machine image. */
export const imageId = z.string().regex(/^ami-[0-9a-f]{8,17}$/, "expected an image id such as ami-0abc…");

/** An EC2 instance type. */
export const instanceType = z
  .string()
  .regex(/^[a-z0-9-]+\.[a-z0-9-]+$/, "expected an instance type such as c6id.large");
