import { z } from "zod";

/** A gateway in each zone. */
export const gateway = z
  .strictObject({
    flavour: z.enum(["nat", "squid"], "expected nat or squid").default("nat"),
    allowedDomains: z
      .array(z.string().regex(/^\.?([a-z0-9-]+\.)+[a-z]{2,}$/, "expected a domain such as .example.com"))
      .default([]),
    instanceType: z
      .string()
      .regex(/^[a-z]+\d+g[a-z]*\.[a-z0-9]+$/, "expected an arm64 (Graviton) instance type such as t4g.small")
      .default("t4g.small"),
    imageId: z
      .string()
      .regex(/^ami-[0-9a-f]{8,17}$/, "expected an image id such as ami-0abc…")
      .optional(),
    longFailoverMinutes: z.int().min(5, "expected 5 or more minutes").max(1440).default(30),
    cloudTrail: z
      .enum(["create", "existing"], "expected create (a trail for this stack) or existing (the account has one)")
      .default("create"),
  })
  .superRefine((value, context) => {
    if (value.flavour === "squid" && value.allowedDomains.length === 0) {
      context.addIssue({
        code: "custom",
        path: ["allowedDomains"],
        message: "expected at least one domain: squid without any lets no web traffic through",
        input: value,
      });
    }
  });
