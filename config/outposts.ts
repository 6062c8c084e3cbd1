import { z } from "zod";
import { availabilityZone, cidrBlock, email, instanceType, Problem, problemIn, resourceName } from "./common";

const outpost = z
  .string()
  .regex(
    /^(arn:aws[a-z-]*:outposts:[a-z0-9-]+:\d{12}:outpost\/)?op-[0-9a-f]{17}$/,
    "expected an Outpost's id (op-…) or ARN",
  );
const outpostId = (value: string) => value.split("/").pop() ?? value;
const subnetId = z.string().regex(/^subnet-[0-9a-f]{8,17}$/, "expected a subnet's id such as subnet-0abc…");
const accountId = z.string().regex(/^\d{12}$/, "expected an account id of 12 digits, quoted");

const outpostServer = z.strictObject({
  outpost: outpost.meta({
    description:
      "Id or ARN of the Outpost. An id is taken for one of this account and Region: one that another account shares " +
      "(`ownerAccountId`) is given by its ARN.",
    examples: ["op-0a1b2c3d4e5f60718", "op-0b2c3d4e5f6071829"],
  }),
  subnetIds: z
    .array(subnetId)
    .default([])
    .meta({ description: "Subnets that the server has already.", examples: [["subnet-0a1b2c3d4e5f60718"]] }),
  subnet: z
    .strictObject({
      cidrBlock: cidrBlock.meta({
        description: "Its range, within the VPC's.",
        examples: ["10.20.192.0/20", "10.20.208.0/20"],
      }),
      availabilityZone: availabilityZone.meta({
        description: "The zone that the Outpost is anchored to.",
        examples: ["us-east-1a"],
      }),
    })
    .optional()
    .meta({ description: "A subnet to make on the server.", absent: "none is made", ask: true }),
  capacity: z.record(instanceType, z.int().min(1)).meta({
    description: "How many instances of each type the server holds.",
    unit: "instances",
    examples: [{ "c6id.large": 6, "c6id.xlarge": 2 }],
  }),
});

const application = z.strictObject({
  name: resourceName.meta({ description: "The application's name, for people.", examples: ["point-of-sale"] }),
  launchTemplate: z
    .strictObject({
      id: z
        .string()
        .optional()
        .meta({ description: "Its id.", absent: "by `name`", examples: ["lt-0a1b2c3d4e5f60718"] }),
      name: z
        .string()
        .optional()
        .meta({ description: "Its name.", absent: "by `id`", ask: true, examples: ["point-of-sale"] }),
      version: z
        .string()
        .regex(/^(\d+|\$Default|\$Latest)$/, "expected a version's number, $Default or $Latest")
        .default("$Default")
        .meta({
          description: "A version's number, `$Default` or `$Latest`. The last two are looked up at each update.",
          examples: ["1"],
        }),
    })
    .refine((t) => (t.id === undefined) !== (t.name === undefined), "expected either an id or a name")
    .meta({ description: "The launch template that the application's instances are made of." }),
  instanceType: instanceType.meta({
    description: "The type that it is relaunched as; the other server has to offer it.",
    examples: ["c6id.large"],
  }),
  count: z
    .int()
    .min(1, "expected 1 or more instances")
    .meta({
      description: "How many must run.",
      unit: "instances",
      examples: [2],
    }),
  home: z
    .enum(["source", "destination"], "expected source or destination")
    .default("source")
    .meta({
      description: "The side that it normally runs on; `destination` only in an `active-active` pair.",
      examples: ["destination"],
    }),
  destinationSubnetId: subnetId.optional().meta({
    description: "The other server's subnet in which it is relaunched.",
    absent: "the other server's first",
    examples: ["subnet-0a1b2c3d4e5f60718"],
  }),
  targetGroupArns: z
    .array(z.string().regex(/^arn:aws[a-z-]*:elasticloadbalancing:.*:targetgroup\//, "expected a target group's ARN"))
    .default([])
    .meta({
      description: "Target groups (of instances) whose members are moved.",
      examples: [["arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/point-of-sale/0a1b2c3d4e5f6071"]],
    }),
  priority: z
    .int()
    .min(1)
    .default(100)
    .meta({ description: "Launched in ascending order if there isn't room for all.", examples: [1] }),
});

const connectionAlarm = z.strictObject({
  periodSeconds: z
    .int()
    .multipleOf(60, "expected whole minutes")
    .min(60)
    .default(60)
    .meta({ description: "The length of one datum.", unit: "seconds", examples: [60] }),
  evaluationPeriods: z
    .int()
    .min(1)
    .max(60)
    .default(3)
    .meta({ description: "How many data in a row must be below 1.", unit: "periods", examples: [3] }),
});

const outpostPair = z.strictObject({
  name: resourceName.meta({ description: "The pair's name.", examples: ["store"] }),
  source: z.string().meta({ description: "The server whose instances are relaunched.", examples: ["store-a"] }),
  destination: z.string().meta({
    description: "The server on which they are; it may be that of several pairs.",
    examples: ["store-b"],
  }),
  mode: z
    .enum(["active-passive", "active-active"], "expected active-passive or active-active")
    .default("active-passive")
    .meta({ description: "`active-active`: each side is also the other's destination.", examples: ["active-active"] }),
  applications: z
    .array(application)
    .min(1, "expected at least one application: there is nothing to relaunch")
    .meta({ description: "What runs on the pair; each is relaunched on the other side." }),
  emails: z
    .array(email)
    .default([])
    .meta({
      description: "Who is told about this pair. None: those of `nplusone:notifications`.",
      examples: [["store-oncall@example.com"]],
    }),
  alarm: connectionAlarm.prefault({}).meta({ description: "When a server counts as disconnected." }),
  failback: z
    .enum(["notify", "terminate-relaunched"], "expected notify or terminate-relaunched")
    .default("notify")
    .meta({
      description:
        "When the source is back: tell people, or terminate what was relaunched once the source's own instances pass " +
        "their checks.",
      examples: ["terminate-relaunched"],
    }),
  ownerAccountId: accountId.optional().meta({
    description: "The account that owns the Outposts, quoted. It has to link its metrics to this account's sink.",
    absent: "this account",
    examples: ["111122223333"],
  }),
});

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
  for (const side of ["source", "destination"] as const) {
    const { outpost = "" } = servers[pair[side]] ?? {};
    const owner = outpost.split(":")[4];
    if (pair.ownerAccountId !== undefined && outpost !== "" && owner !== pair.ownerAccountId) {
      const given = owner === undefined ? "an id, which is taken for this account's" : `account ${owner}'s`;
      const expected = `arn:aws:outposts:REGION:${pair.ownerAccountId}:outpost/${outpostId(outpost)}`;
      problem(
        [side],
        `expected the ARN of ${pair[side]}'s Outpost (${expected}), because ownerAccountId owns it: it has ${given}`,
      );
    }
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

/** Outposts servers, and the pairs of them that relaunch each other's instances. */
export const outposts = z
  .strictObject({
    servers: z.record(resourceName, outpostServer).meta({
      description: "The Outposts servers, by name.",
      names: ["store-a", "store-b"],
    }),
    pairs: z
      .array(outpostPair)
      .min(1, "expected at least one pair")
      .meta({ description: "Pairs of servers that relaunch each other's instances." }),
  })
  .superRefine(({ servers, pairs }, context) => {
    for (const [name, server] of Object.entries(servers)) {
      if (server.subnetIds.length === 0 && server.subnet === undefined) {
        const message = "expected subnetIds on the server, or a subnet to make there";
        problemIn(context)(["servers", name], message);
      }
    }
    pairs.forEach((pair, i) => {
      const problem: Problem = (path, message) => problemIn(context)(["pairs", i, ...path], message);
      if (pairs.findIndex((other) => other.name === pair.name) < i) {
        problem(["name"], `expected each pair once, but ${pair.name} is named twice`);
      }
      checkPair(pair, servers, problem);
    });
  })
  .meta({ description: "Outposts servers that relaunch each other's instances." });
