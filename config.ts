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

const outpost = z
  .string()
  .regex(/^(arn:aws:outposts:[a-z0-9-]+:\d{12}:outpost\/)?op-[0-9a-f]{17}$/, "expected an Outpost's id (op-…) or ARN");
const outpostId = (value: string) => value.split("/").pop() ?? value;
const subnetId = z.string().regex(/^subnet-[0-9a-f]{8,17}$/, "expected a subnet's id such as subnet-0abc…");
const instanceType = z.string().regex(/^[a-z0-9-]+\.[a-z0-9]+$/, "expected an instance type such as c6id.large");
const accountId = z.string().regex(/^\d{12}$/, "expected an account id of 12 digits, quoted");

const outpostServer = z.strictObject({
  outpost,
  subnetIds: z.array(subnetId).default([]),
  subnet: z.strictObject({ cidrBlock, availabilityZone }).optional(),
  capacity: z.record(instanceType, z.int().min(1)),
});

const application = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/, "expected lower-case letters, digits and hyphens"),
  launchTemplate: z
    .strictObject({ id: z.string().optional(), name: z.string().optional(), version: z.string().default("$Default") })
    .refine((t) => (t.id === undefined) !== (t.name === undefined), "expected either an id or a name"),
  instanceType,
  count: z.int().min(1, "expected 1 or more instances"),
  home: z.enum(["source", "destination"], "expected source or destination").default("source"),
  destinationSubnetId: subnetId.optional(),
  targetGroupArns: z.array(z.string().regex(/^arn:aws:elasticloadbalancing:.*:targetgroup\//)).default([]),
  priority: z.int().min(1).default(100),
});

const outpostPair = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/, "expected lower-case letters, digits and hyphens"),
  source: z.string(),
  destination: z.string(),
  mode: z
    .enum(["active-passive", "active-active"], "expected active-passive or active-active")
    .default("active-passive"),
  applications: z.array(application).min(1, "expected at least one application: there is nothing to relaunch"),
  emails: z.array(z.email("expected an e-mail address such as oncall@example.com")).default([]),
  alarm: z
    .strictObject({ periodSeconds: z.int().multipleOf(60).min(60), evaluationPeriods: z.int().min(1).max(60) })
    .default({ periodSeconds: 60, evaluationPeriods: 3 }),
  failback: z.enum(["notify", "terminate-relaunched"], "expected notify or terminate-relaunched").default("notify"),
  ownerAccountId: accountId.optional(),
});

type Problem = (path: (string | number)[], message: string) => void;

/** What is wrong with a pair, given the servers that it names. */
function checkPair(
  pair: z.infer<typeof outpostPair>,
  servers: Record<string, z.infer<typeof outpostServer>>,
  problem: Problem,
): void {
  for (const side of ["source", "destination"] as const) {
    if (servers[pair[side]] === undefined) {
      problem([side], `expected one of the servers (${Object.keys(servers).join(", ")}), not ${pair[side]}`);
    }
  }
  const [source, destination] = [servers[pair.source], servers[pair.destination]];
  if (source && destination && outpostId(source.outpost) === outpostId(destination.outpost)) {
    problem(["destination"], "expected another Outpost than the source: a server can't replace itself");
  }
  pair.applications.forEach((app, i) => {
    const at = (...path: (string | number)[]) => ["applications", i, ...path];
    if (pair.applications.findIndex((other) => other.name === app.name) < i) {
      problem(at("name"), `expected each application once, but ${app.name} is named twice`);
    }
    const template = app.launchTemplate.id ?? app.launchTemplate.name;
    const sameTemplate = (other: typeof app) => (other.launchTemplate.id ?? other.launchTemplate.name) === template;
    if (pair.applications.findIndex((other) => sameTemplate(other) && other.home === app.home) < i) {
      problem(at("launchTemplate"), `expected each launch template once a side, but ${template} is named twice`);
    }
    if (app.home === "destination" && pair.mode !== "active-active") {
      problem(at("home"), "expected source: only an active-active pair relaunches what runs on its destination");
    }
    const target = app.home === "source" ? destination : source;
    if (target && target.capacity[app.instanceType] === undefined) {
      const offered = Object.keys(target.capacity).join(", ");
      problem(at("instanceType"), `expected a type that the other server offers (${offered}), not ${app.instanceType}`);
    }
    if (target && app.destinationSubnetId !== undefined && !target.subnetIds.includes(app.destinationSubnetId)) {
      problem(at("destinationSubnetId"), `expected a subnet on the other server, not ${app.destinationSubnetId}`);
    }
  });
}

const outposts = z
  .strictObject({
    servers: z.record(z.string().regex(/^[a-z0-9-]+$/), outpostServer),
    pairs: z.array(outpostPair).min(1, "expected at least one pair"),
  })
  .superRefine(({ servers, pairs }, context) => {
    for (const [name, server] of Object.entries(servers)) {
      if (server.subnetIds.length === 0 && server.subnet === undefined) {
        const message = "expected subnetIds on the server, or a subnet to make there";
        context.addIssue({ code: "custom", path: ["servers", name], message, input: server });
      }
    }
    pairs.forEach((pair, i) => {
      const problem: Problem = (path, message) =>
        context.addIssue({ code: "custom", path: ["pairs", i, ...path], message, input: pair });
      if (pairs.findIndex((other) => other.name === pair.name) < i) {
        problem(["name"], `expected each pair once, but ${pair.name} is named twice`);
      }
      checkPair(pair, servers, problem);
    });
  });

const stackConfig = z
  .strictObject({
    network: network.optional(),
    notifications: notifications.optional(),
    gateway: gateway.optional(),
    outposts: outposts.optional(),
  })
  .superRefine((value, context) => {
    for (const system of ["gateway", "outposts"] as const) {
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
export const CONFIG_KEYS = ["network", "notifications", "gateway", "outposts"] as const;

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
