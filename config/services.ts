import { z } from "zod";
import { internalName, Rule } from "../components/services/names";
import { capacityOf, sizeProblems } from "../components/services/size";
import { certificateArn, checkOnce, cidrBlock, logRetentionDays, Problem, problemIn, resourceName } from "./common";
import { balancerPorts, checkCertificate, checkPorts, StackFacts } from "./entrance";
import { hosts } from "./services/hosts";
import { Microservice, microservice } from "./services/microservice";

/** Balancers and target groups have names of 32 characters: `-internal` and eight more are ours. */
const clusterName = resourceName
  .max(15, "expected 15 characters or fewer")
  .regex(/^[a-z](?!.*-$)/, "expected a letter first, and no hyphen at the end")
  .refine((name) => !/^(aws|ecs|fargate)/.test(name), "expected a name that doesn't begin with aws, ecs or fargate");
const entrance = z.strictObject({
  certificateArn: certificateArn.optional().meta({
    description: "The certificate, of the stack's Region. With one, HTTP leads to HTTPS.",
    absent: "there is HTTP only",
    examples: ["arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"],
  }),
  allowedCidrBlocks: z
    .array(cidrBlock)
    .min(1, "expected at least one range: nobody could reach the services")
    .default(["0.0.0.0/0"])
    .meta({ description: "The ranges from which public services can be reached.", examples: [["203.0.113.0/24"]] }),
});

const cluster = z
  .strictObject({
    name: clusterName.meta({
      description: "The cluster's name, 15 characters at most: a group of services on hosts of their own.",
      examples: ["market"],
    }),
    hosts: hosts.prefault({}).meta({ description: "What the services run on." }),
    entrance: entrance
      .prefault({})
      .meta({ description: "The way in from the Internet, if there are public services." }),
    services: z
      .array(microservice)
      .min(1, "expected at least one service")
      .meta({ description: "The services, each with as many tasks as its load asks for." }),
    accessLogRetentionDays: z
      .int()
      .min(1)
      .max(3650)
      .default(90)
      .meta({ description: "How long the balancers' access logs are kept.", unit: "days", examples: [30] }),
    logRetentionDays: logRetentionDays
      .default(30)
      .meta({ description: "How long what tasks write is kept.", unit: "days", examples: [90] }),
    deletionProtection: z
      .boolean()
      .default(true)
      .meta({
        description:
          "AWS refuses to delete balancers, and repositories that have images. To destroy the cluster set it to false, " +
          "`pulumi up`, then destroy.",
        examples: [false],
      }),
  })
  .superRefine((value, context) => {
    const problem = problemIn(context);
    const { instanceType, capacity, scaling } = value.hosts;
    if (capacity === undefined && capacityOf(instanceType) === undefined) {
      problem(
        ["hosts", "capacity"],
        `expected, because the name of ${instanceType} doesn't tell what it has for tasks`,
      );
    }
    if (scaling.type === "steps" && scaling.inBelowPercent >= scaling.outAbovePercent) {
      problem(
        ["hosts", "scaling", "inBelowPercent"],
        `expected less than outAbovePercent (${scaling.outAbovePercent})`,
      );
    }
    checkOnce(value.services, { name: "each service" }, (path, message) => problem(["services", ...path], message));
    checkRules(value.name, value.services, problem);
  });

/** Services on ECS. */
export const services = z
  .array(cluster)
  .superRefine((clusters, context) => checkOnce(clusters, { name: "each cluster" }, problemIn(context)))
  .meta({
    description: "Microservices on ECS: clusters of hosts over all zones, with balancers in front of their services.",
  });

type Cluster = z.infer<typeof cluster>;

/** Two services of one balancer can't both have the same requests. */
function checkRules(cluster: string, list: readonly Microservice[], problem: Problem): void {
  const taken = new Map<string, string>();
  list.forEach((one, i) => {
    const given = one.rule ?? { hosts: [internalName(cluster, one.name)] };
    for (const { key, what, at } of requestsOf(given)) {
      const first = taken.get(`${one.public} ${key}`);
      if (first !== undefined && first !== one.name) {
        const path = one.rule === undefined ? ["services", i, "name"] : ["services", i, "rule", ...at];
        problem(path, `expected requests of its own, but ${what} are ${first}'s already`);
      } else {
        taken.set(`${one.public} ${key}`, one.name);
      }
    }
  });
}

/** Every pair of path and host that a rule names, which is a service's alone. */
function requestsOf({ paths, hosts }: Rule): { key: string; what: string; at: (string | number)[] }[] {
  return (paths ?? ["*"]).flatMap((onePath, p) =>
    (hosts ?? ["*"]).map((oneHost, h) => ({
      key: `${onePath} ${oneHost}`,
      what: [paths && onePath, hosts && oneHost].filter(Boolean).join(" at "),
      at: paths === undefined ? ["hosts", h] : ["paths", p],
    })),
  );
}

/** What is wrong with clusters in the stack that they are in. */
export function checkServices(clusters: readonly Cluster[], stack: StackFacts, problem: Problem): void {
  clusters.forEach((one, i) => {
    const capacity = one.hosts.capacity ?? capacityOf(one.hosts.instanceType);
    if (capacity !== undefined && stack.zones !== undefined) {
      const sizing = sizeProblems({ ...one.hosts, capacity, zones: stack.zones, services: one.services });
      sizing.forEach(({ path, message }) => problem([i, ...path], message));
    }
    const { certificateArn } = one.entrance;
    const isPublic = one.services.some((s) => s.public);
    checkPorts(isPublic ? balancerPorts(certificateArn) : [], stack, (message) => problem([i], message));
    checkCertificate(certificateArn, stack, (message) => problem([i, "entrance", "certificateArn"], message));
  });
}
