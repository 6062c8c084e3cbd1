import { createHash } from "node:crypto";

/** Characters of a balancer's or a target group's name, of which Pulumi adds eight. */
const MOST = 32 - 8;

/** A service's name where there is little room for it: shortened if need be, and still different from all others'. */
export function shortName(cluster: string, service: string): string {
  const name = `${cluster}-${service}`;
  if (name.length <= MOST) {
    return name;
  }
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 6);
  return `${name.slice(0, MOST - 7).replace(/-$/, "")}-${hash}`;
}

/** The domain of a cluster's names, which are known in its VPC only. */
export const domainOf = (cluster: string): string => `${cluster}.internal`;

/** The name by which others reach an internal service. */
export const internalName = (cluster: string, service: string): string => `${service}.${domainOf(cluster)}`;

/** What a listener goes by: both, if there are both. */
export interface Rule {
  /** Paths such as `/cart/*`. */
  readonly paths?: readonly string[] | undefined;
  /** Host names such as `cart.example.com`. */
  readonly hosts?: readonly string[] | undefined;
}

/** A service's rule, as far as its place among the others depends on it. */
export interface RuleOf {
  readonly name: string;
  readonly rule: Rule;
}

/** Priorities that a listener has. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html */
const PRIORITIES = 50_000;
/** Segments of a path that count: what is deeper is as specific as this. */
const DEEPEST = 5;
/** As many priorities as each degree of specificity has. */
const ROOM = Math.floor(PRIORITIES / (2 * (DEEPEST + 1)));

/**
 * The priorities of rules of one listener, by service: the more specific come first, with a host before without one, and
 * deeper paths before others. Among equals it is a number of the service's own, so that a new service leaves the others'
 * alone: two rules never swap priorities, which a listener would refuse half-way.
 */
export function priorities(rules: readonly RuleOf[]): Map<string, number> {
  const taken = new Set<number>();
  const byName = new Map<string, number>();
  for (const { name, rule } of [...rules].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const first = degree(rule) * ROOM + 1;
    let offset = parseInt(createHash("sha256").update(name).digest("hex").slice(0, 8), 16) % ROOM;
    while (taken.has(first + offset)) {
      offset = (offset + 1) % ROOM;
    }
    taken.add(first + offset);
    byName.set(name, first + offset);
  }
  return byName;
}

/** 0 is the most specific. */
function degree({ hosts, paths }: Rule): number {
  const depth = Math.min(DEEPEST, ...(paths ?? ["/*"]).map(depthOf));
  return (hosts === undefined ? DEEPEST + 1 : 0) + DEEPEST - depth;
}

/** Segments before the first that has a wildcard. */
function depthOf(path: string): number {
  const segments = path.split("/").slice(1);
  const wild = segments.findIndex((segment) => /[*?]/.test(segment));
  return wild < 0 ? segments.length : wild;
}
