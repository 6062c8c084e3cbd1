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

/** The error of a union by `type`, which says which types there are. */
export const oneOf =
  (types: string) =>
  ({ input }: { input?: unknown }): string => {
    const given = (input as { type?: unknown } | undefined)?.type;
    return `expected type to be ${types}, not ${JSON.stringify(given) ?? "absent"}`;
  };

/** An IPv4 range. */
export const cidrBlock = z
  .string()
  .regex(/^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/, "expected an IPv4 range such as 10.20.0.0/16")
  .pipe(z.cidrv4("expected an IPv4 range such as 10.20.0.0/16"));

/** Name of a Region. */
export const regionName = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "expected a Region such as eu-west-1");

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

/** Percent of something that is there. */
export const percent = z.int().min(1).max(100);

/** An alarm's threshold in percent: below 100, which nothing exceeds. */
export const alarmPercent = z.int().min(1).max(99);

/** For how many minutes in a row something has to last. */
export const minutes = z.int().min(1).max(60);

/** The retention periods that CloudWatch Logs knows, up to a year. */
export const logRetentionDays = z.literal(
  [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365],
  "expected a number of days that CloudWatch Logs offers, e.g. 30, 90 or 365",
);

/** The name of an environment's variable. */
export const variableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "expected a variable's name");

/** What is asked for to find out whether something serves. */
export const healthCheckPath = z
  .string()
  .regex(/^\/[!-~]*$/, "expected a path such as /healthz")
  .default("/healthz");

/** The ARN of a certificate. */
export const certificateArn = z
  .string()
  .regex(/^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[\w-]+$/, "expected the ARN of an ACM certificate");

/** A domain's name. */
export const domainName = (example: string) =>
  z.string().regex(/^([a-z0-9_-]+\.)+[a-z]{2,}$/, `expected a domain such as ${example}`);

/** The id of a hosted zone. */
export const zoneId = z
  .string()
  .regex(/^Z[A-Z0-9]{5,31}$/, "expected a hosted zone's id such as Z0123456789ABCDEFGHIJ");
