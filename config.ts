import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { holds, MAX_ZONES, overlap } from "./components/cidrPlan";

const cidrBlock = z
  .string()
  .regex(/^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/, "expected an IPv4 range such as 10.20.0.0/16")
  .pipe(z.cidrv4("expected an IPv4 range such as 10.20.0.0/16"));
const availabilityZone = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, "expected a zone's name such as us-east-1a");
const serviceName = z.string().regex(/^[a-z0-9.-]+$/, "expected an endpoint service such as s3 or ssm");
/** The retention periods that CloudWatch Logs knows, up to a year. */
const logRetentionDays = z.union(
  [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365].map((days) => z.literal(days)),
  "expected a number of days that CloudWatch Logs offers, e.g. 30, 90 or 365",
);

const subnetCidrBlocks = z.strictObject({
  public: z.array(cidrBlock),
  private: z.array(cidrBlock),
  isolated: z.array(cidrBlock),
});

const network = z
  .strictObject({
    cidrBlock,
    availabilityZones: z
      .array(availabilityZone)
      .min(2, "expected at least 2 Availability Zones: one alone survives no loss")
      .max(MAX_ZONES, `expected at most ${MAX_ZONES} Availability Zones`),
    subnetCidrBlocks: subnetCidrBlocks.optional(),
    gatewayEndpoints: z.array(z.enum(["s3", "dynamodb"], "expected s3 or dynamodb")).default([]),
    interfaceEndpoints: z.array(serviceName).default([]),
    flowLogRetentionDays: logRetentionDays.default(90),
  })
  .superRefine((value, context) => {
    const problem = (path: (string | number)[], message: string) =>
      context.addIssue({ code: "custom", path, message, input: value });
    value.availabilityZones.forEach((zone, i) => {
      if (value.availabilityZones.indexOf(zone) < i) {
        problem(["availabilityZones", i], `expected each zone once, but ${zone} is named twice`);
      }
    });
    const bits = Number(value.cidrBlock.split("/")[1]);
    if (bits < 16 || bits > 22) {
      problem(["cidrBlock"], `expected a range from /16 to /22, not ${value.cidrBlock}`);
    }
    const blocks = Object.entries(value.subnetCidrBlocks ?? {}).flatMap(([kind, list]) => {
      if (list.length !== value.availabilityZones.length) {
        problem(
          ["subnetCidrBlocks", kind],
          `expected one range a zone (${value.availabilityZones.length}), not ${list.length}`,
        );
      }
      return list.map((block, i) => ({ block, path: ["subnetCidrBlocks", kind, i] }));
    });
    blocks.forEach(({ block, path }, i) => {
      if (!holds(value.cidrBlock, block)) {
        problem(path, `expected a range within the VPC's ${value.cidrBlock}, not ${block}`);
      }
      const other = blocks.slice(0, i).find((earlier) => overlap(earlier.block, block));
      if (other) {
        problem(
          path,
          `expected ranges that don't overlap, but ${block} overlaps ${other.path.join(".")} (${other.block})`,
        );
      }
    });
  });

const notifications = z.strictObject({
  emails: z.array(z.email("expected an e-mail address such as oncall@example.com")).default([]),
});

const gateway = z
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

const stackConfig = z
  .strictObject({ network: network.optional(), notifications: notifications.optional(), gateway: gateway.optional() })
  .superRefine((value, context) => {
    const needs = (system: string, needed: "network" | "notifications") => {
      if (value[needed] === undefined) {
        context.addIssue({
          code: "custom",
          path: [needed],
          message: `expected, because ${system} needs it`,
          input: value,
        });
      }
    };
    if (value.gateway) {
      needs("gateway", "network");
      needs("gateway", "notifications");
    }
  });

/** A stack's validated configuration. A system whose key is absent is not deployed. */
export type StackConfig = z.infer<typeof stackConfig>;

/** The configuration keys, each an object in the stack's file. */
export const CONFIG_KEYS = ["network", "notifications", "gateway"] as const;

/**
 * Validates a stack's configuration as a whole. An empty object counts as absent: it is what Pulumi.yaml declares as
 * the default of every key, since Pulumi requires declared keys to have a value.
 * @throws {@link pulumi.RunError} that lists every problem with its path and what was expected.
 */
export function parseConfig(raw: Record<string, unknown>, stack: string): StackConfig {
  const present = Object.fromEntries(
    Object.entries(raw).filter(([, value]) => value !== undefined && JSON.stringify(value) !== "{}"),
  );
  const result = stackConfig.safeParse(present);
  if (result.success) {
    return result.data;
  }
  const problems = result.error.issues.map((issue) => `  nplusone:${issue.path.join(".")}: ${issue.message}`);
  throw new pulumi.RunError(`Pulumi.${stack}.yaml has ${problems.length} problem(s):\n${problems.join("\n")}`);
}

/** Reads and validates the configuration of the stack being deployed. */
export function loadConfig(): StackConfig {
  const config = new pulumi.Config();
  return parseConfig(Object.fromEntries(CONFIG_KEYS.map((key) => [key, config.getObject(key)])), pulumi.getStack());
}
