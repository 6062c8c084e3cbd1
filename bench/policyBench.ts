import { PolicyResource } from "@pulumi/policy";
import { Reference } from "../policy/core/example";
import { Graph } from "../policy/core/graph";
import { RULES } from "../policy/rules";
import { Figure } from "./figure";

/** Numbers of resources, the first of which the others are measured by. */
const SIZES = [100, 500, 2000] as const;
/** A time a resource may be so much longer than in the smallest graph before it counts as growth. */
const NOISE = 1.5;
const REPETITIONS = 5;

/** Milliseconds that all rules take a resource, in graphs of the rules' own examples under ever new names. */
export function benchPolicy(): Figure[] {
  judge(graphOf(SIZES[0]));
  const [base, ...others] = SIZES.map((size) => ({ size, ms: best(size) }));
  return others.map(({ size, ms }) => ({
    what: `all rules over ${size} resources: time a resource (beside ${SIZES[0]} resources)`,
    unit: "ms",
    here: ms,
    plain: base?.ms,
    target: NOISE * (base?.ms ?? 0),
  }));
}

/** The shortest of some runs: the others had to wait for the processor. */
function best(size: number): number {
  const runs = Array.from({ length: REPETITIONS }, () => {
    const start = performance.now();
    // The engine shows each rule all resources anew.
    judge(graphOf(size));
    return (performance.now() - start) / size;
  });
  return Math.min(...runs);
}

function judge(graph: Graph): void {
  for (const rule of RULES) {
    rule.find(graph, {});
  }
}

function graphOf(size: number): Graph {
  const resources: PolicyResource[] = [];
  const examples = RULES.flatMap((rule) => [rule.examples.passes, rule.examples.fails]);
  for (let round = 0; resources.length < size; round++) {
    const made = new Map<string, PolicyResource[]>();
    const refers = (value: unknown): PolicyResource[] => {
      if (value instanceof Reference) {
        return made.get(value.name) ?? [];
      }
      return typeof value === "object" && value !== null ? Object.values(value).flatMap(refers) : [];
    };
    const text = (value: unknown): unknown =>
      JSON.parse(JSON.stringify(value, (_, v: unknown) => (v instanceof Reference ? `${v.name}-${round}` : v)));
    for (const { type, name, props } of examples[round % examples.length] ?? []) {
      const own = `${name}-${round}`;
      const resource: PolicyResource = {
        type,
        name: own,
        urn: `urn:pulumi:bench::nplusone::${type}::${own}`,
        props: { id: own, name: own, ...(text(props) as Record<string, unknown>) },
        opts: {} as PolicyResource["opts"],
        dependencies: [],
        propertyDependencies: Object.fromEntries(Object.entries(props).map(([key, value]) => [key, refers(value)])),
        isType: () => false,
        asType: () => undefined,
      };
      made.set(name, [...(made.get(name) ?? []), resource]);
      resources.push(resource);
    }
  }
  return new Graph(resources.slice(0, size));
}
