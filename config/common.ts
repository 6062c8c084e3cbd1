import { z } from "zod";

/** Notes a problem. */
export type Problem = (path: (string | number)[], message: string) => void;

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

/** Refuses a list of named things in which a name stands twice. */
export const refuseNamesTwice =
  (what: string) =>
  (list: readonly { readonly name: string }[], context: z.RefinementCtx): void =>
    list.forEach(({ name }, i) => {
      if (list.findIndex((other) => other.name === name) < i) {
        const message = `expected each ${what} once, but ${name} is named twice`;
        context.addIssue({ code: "custom", path: [i, "name"], message, input: list });
      }
    });

/** An e-mail address. */
export const email = z.email("expected an e-mail address such as oncall@example.com");

/** The id of a machine image. */
export const imageId = z.string().regex(/^ami-[0-9a-f]{8,17}$/, "expected an image id such as ami-0abc…");

/** An EC2 instance type. */
export const instanceType = z
  .string()
  .regex(/^[a-z0-9-]+\.[a-z0-9-]+$/, "expected an instance type such as c6id.large");
