import { z } from "zod";
import { checkOnce, domainName, healthCheckPath, Problem, problemIn, resourceName, zoneId } from "./common";
import type { partner } from "./partner";
import { StackFile } from "./stackFile";

const healthCheck = z.strictObject({
  path: healthCheckPath.meta({
    description:
      "What Route 53 asks for: 2xx or 3xx within 2 seconds means that this Region serves. It is asked for under the " +
      "Region's own name, so no rule by host may be in the way; and it should say nothing about what both Regions use.",
    examples: ["/status"],
  }),
  intervalSeconds: z
    .literal([10, 30], "expected 10 or 30, the intervals that Route 53 has")
    .default(10)
    .meta({ description: "How often each of Route 53's checkers asks.", unit: "seconds", examples: [30] }),
  failureThreshold: z
    .int()
    .min(1)
    .max(10, "expected at most 10, the most that Route 53 counts to")
    .default(3)
    .meta({
      description: "How many answers in a row have to fail before the Region is out, and to succeed before it is back.",
      examples: [5],
    }),
});

const failoverName = z.strictObject({
  name: resourceName.meta({ description: "What it is called here and in alarms.", examples: ["shop"] }),
  domainName: domainName("shop.example.com").meta({
    description:
      "The name that users know, the same in both stacks. Each Region's own name is this one with the Region before it: " +
      "`us-east-1.shop.example.com`.",
    examples: ["shop.example.com"],
  }),
  zoneId: zoneId.meta({
    description: "The public hosted zone of the name, the same in both stacks. Each stack makes its own records in it.",
    examples: ["Z0123456789ABCDEFGHIJ"],
  }),
  target: resourceName.meta({
    description: "The web tier or service cluster that is behind the name in this Region.",
    examples: ["shop"],
  }),
  healthCheck: healthCheck.prefault({}).meta({ description: "How Route 53 finds out whether this Region serves." }),
});

/** The public names of a pair of Regions. */
export const dnsFailover = z
  .array(failoverName)
  .superRefine((names, context) => checkOnce(names, { name: "each", domainName: "each" }, problemIn(context)))
  .meta({
    description:
      "Public names that lead to the Region that serves: from the primary to the standby and back, or to both.",
  });

type FailoverNames = z.infer<typeof dnsFailover>;

/** What of a stack's tiers and clusters their failover depends on. */
interface Target {
  readonly name: string;
  /** The ranges from which it can be reached. @default all */
  readonly allowedCidrBlocks?: readonly string[];
  /** A name that it makes a record for by itself. */
  readonly domainName?: string | undefined;
  /** A cluster's way in. */
  readonly entrance?: { readonly allowedCidrBlocks: readonly string[] };
  /** The services of a cluster. */
  readonly services?: readonly TargetService[];
}

/** What of a service decides whether it answers the checkers. */
interface TargetService {
  readonly public: boolean;
  readonly rule?:
    { readonly paths?: readonly string[] | undefined; readonly hosts?: readonly string[] | undefined } | undefined;
}

/** What is wrong with public names in the stack that they are in. */
export function checkDnsFailover(names: FailoverNames, targets: readonly Target[], problem: Problem): void {
  names.forEach((one, i) => {
    const target = targets.find(({ name }) => name === one.target);
    if (target === undefined) {
      const there = targets.map(({ name }) => name).join(", ") || "none";
      problem([i, "target"], `expected a web tier or service cluster (there are ${there}), not ${one.target}`);
    } else if (target.services?.some((service) => service.public) === false) {
      problem([i, "target"], `expected ${one.target} to have a public service: it has no balancer that users reach`);
    } else if ((target.allowedCidrBlocks ?? target.entrance?.allowedCidrBlocks)?.includes("0.0.0.0/0") === false) {
      const message = `expected ${one.target} to admit 0.0.0.0/0: Route 53's checkers couldn't reach it, and would take it out`;
      problem([i, "target"], message);
    } else if (target.services?.some((service) => answersChecks(service, one)) === false) {
      const message = `expected a path that a rule of ${one.target}'s public services has, for any host, not ${one.healthCheck.path}`;
      problem([i, "healthCheck", "path"], `${message}: its balancer would answer 404, and Route 53 take it out`);
    }
    const taken = targets.find(({ domainName }) => domainName === one.domainName);
    if (taken !== undefined) {
      const message = `expected another name than the domainName of ${taken.name}, whose record would be in the way`;
      problem([i, "domainName"], message);
    }
  });
}

/** Whether a service answers the path that Route 53's checkers ask for, under a Region's own name. */
function answersChecks(
  { public: isPublic, rule }: TargetService,
  { domainName, healthCheck }: FailoverNames[number],
): boolean {
  const ownName = (host: string) => host === "*" || host.endsWith(`.${domainName}`);
  const [path = ""] = healthCheck.path.split("?");
  const leads = rule?.paths?.some((pattern) => matches(pattern, path)) ?? true;
  return isPublic && leads && (rule?.hosts?.some(ownName) ?? true);
}

/** A path pattern of a balancer: `*` stands for any characters, `?` for one. */
function matches(pattern: string, path: string): boolean {
  const literal = pattern.replace(/[\\^$.+()[\]{}|]/g, "\\$&");
  return new RegExp(`^${literal.replaceAll("*", ".*").replaceAll("?", ".")}$`).test(path);
}

/** What is wrong with a public name of which the partner has to have the other half. */
export function unpairedNames(names: FailoverNames, own: z.infer<typeof partner>, other: StackFile): NameProblem[] {
  const theirs = dnsFailover.safeParse(other["nplusone:dnsFailover"] ?? []).data ?? [];
  const file = `Pulumi.${own.stack}.yaml`;
  return names.flatMap(({ domainName, zoneId }, i) => {
    const half = theirs.find((one) => one.domainName === domainName);
    if (half === undefined) {
      const message = `expected ${file} to have ${domainName} too: with one half nothing fails over`;
      return [{ path: [i, "domainName"], message }];
    }
    const message = `expected the hosted zone that ${file} names for ${domainName}, ${half.zoneId}, not ${zoneId}`;
    return half.zoneId === zoneId ? [] : [{ path: [i, "zoneId"], message }];
  });
}

/** What is wrong with a public name, by the path within `dnsFailover`. */
interface NameProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}
