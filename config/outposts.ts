import { z } from "zod";
import { availabilityZone, cidrBlock, email, Problem, resourceName } from "./common";

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
  name: resourceName,
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
  name: resourceName,
  source: z.string(),
  destination: z.string(),
  mode: z
    .enum(["active-passive", "active-active"], "expected active-passive or active-active")
    .default("active-passive"),
  applications: z.array(application).min(1, "expected at least one application: there is nothing to relaunch"),
  emails: z.array(email).default([]),
  alarm: z
    .strictObject({ periodSeconds: z.int().multipleOf(60).min(60), evaluationPeriods: z.int().min(1).max(60) })
    .default({ periodSeconds: 60, evaluationPeriods: 3 }),
  failback: z.enum(["notify", "terminate-relaunched"], "expected notify or terminate-relaunched").default("notify"),
  ownerAccountId: accountId.optional(),
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
