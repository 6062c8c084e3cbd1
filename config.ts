import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { holds, MAX_ZONES, overlap } from "./components/network/cidrPlan";
import { availabilityZone, cidrBlock, ConfigProblem, email } from "./config/common";
import { outposts } from "./config/outposts";
import { recovery } from "./config/recovery/recovery";
import { lookUpRecovery, RecoveryLookup } from "./config/recovery/lookup";

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
  emails: z.array(email).default([]),
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
  .strictObject({
    network: network.optional(),
    notifications: notifications.optional(),
    gateway: gateway.optional(),
    outposts: outposts.optional(),
    recovery: recovery.optional(),
  })
  .superRefine((value, context) => {
    for (const system of ["gateway", "outposts", "recovery"] as const) {
      for (const needed of ["network", "notifications"] as const) {
        if (value[system] !== undefined && value[needed] === undefined) {
          const message = `expected, because ${system} needs it`;
          context.addIssue({ code: "custom", path: [needed], message, input: value });
        }
      }
    }
  });

/** A stack's validated configuration. A system whose key is absent is not deployed. */
export type StackConfig = z.infer<typeof stackConfig>;

/** The configuration keys, each an object in the stack's file. */
export const CONFIG_KEYS = ["network", "notifications", "gateway", "outposts", "recovery"] as const;

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
  throw configError(result.error.issues, stack);
}

/** The error that lists all problems of a stack's file. */
function configError(problems: readonly ConfigProblem[], stack: string): pulumi.RunError {
  const lines = problems.map(({ path, message }) => `  nplusone:${path.join(".")}: ${message}`);
  return new pulumi.RunError(`Pulumi.${stack}.yaml has ${lines.length} problem(s):\n${lines.join("\n")}`);
}

/** A stack's configuration, and what AWS says about the things that it names. */
export type LoadedConfig = Omit<StackConfig, "recovery"> & {
  readonly recovery?: NonNullable<StackConfig["recovery"]> & Omit<RecoveryLookup, "problems">;
};

/**
 * Reads and validates the configuration of the stack being deployed, and looks up in AWS what it names.
 * @throws as `parseConfig`.
 */
export async function loadConfig(): Promise<LoadedConfig> {
  const raw = new pulumi.Config();
  const config = parseConfig(
    Object.fromEntries(CONFIG_KEYS.map((key) => [key, raw.getObject(key)])),
    pulumi.getStack(),
  );
  if (config.recovery === undefined) {
    return { ...config, recovery: undefined };
  }
  const { problems, ...found } = await lookUpRecovery(config.recovery);
  if (problems.length > 0) {
    throw configError(problems, pulumi.getStack());
  }
  return { ...config, recovery: { ...config.recovery, ...found } };
}
