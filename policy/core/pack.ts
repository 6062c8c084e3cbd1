import {
  Policies,
  PolicyResource,
  ResourceValidation,
  ResourceValidationPolicy,
  StackValidation,
  StackValidationPolicy,
} from "@pulumi/policy";
import { closest, distance } from "fastest-levenshtein";
import { archivesOf } from "./archives";
import { Finding } from "./finding";
import { Graph } from "./graph";
import { COMMON_OPTIONS, CommonOptions, Exclusion, Rule } from "./rule";
import { behind, isUnknownValueError } from "./unknown";

/** Name of the policy under which is said what the other rules can't determine. */
export const CAN_BE_DETERMINED = "can-be-determined";

/**
 * The policies of rules: one each, and a last one, advisory by default, for what they can't determine. The engine asks
 * a pack's policies one after the other in this order, so the last one can say what those before it have left.
 */
export function policiesOf(rules: readonly Rule[]): Policies {
  const left: Finding[] = [];
  const judging = rules.map((rule) => policyOf(rule, left));
  const rest: StackValidationPolicy = {
    name: CAN_BE_DETERMINED,
    description: "What the other rules could not determine, and how to make it determinable.",
    enforcementLevel: "advisory",
    validateStack: (_, report) => {
      left.splice(0).forEach(({ message, urn }) => report(message, urn));
    },
  };
  return [...judging, rest];
}

function policyOf(rule: Rule, left: Finding[]): ResourceValidationPolicy | StackValidationPolicy {
  const options = { ...COMMON_OPTIONS, ...rule.options };
  const common = { name: rule.name, description: rule.what, configSchema: { properties: options } };
  const judge = (graph: Graph, given: object): Finding[] => {
    const config: CommonOptions = { undetermined: "advisory", exclude: [], ...given };
    const { say, note } = sort(findIn(rule, graph, config), config, today());
    left.push(...note.map((finding) => ({ ...finding, message: `${rule.name}: ${finding.message}` })));
    const misspelt = unknownOptions(rule.name, given, Object.keys(options));
    return [...misspelt.map((message) => ({ message })), ...say];
  };
  if (rule.eachResource === true) {
    const validateResource: ResourceValidation = (resource, report) => {
      const alone = { ...resource, dependencies: [], propertyDependencies: {} } as unknown as PolicyResource;
      judge(new Graph([alone]), resource.getConfig()).forEach(({ message }) => report(message));
    };
    return { ...common, validateResource: onlyWith(rule, validateResource) };
  }
  const validateStack: StackValidation = async ({ resources, getConfig }, report) => {
    judge(await graphOf(resources), getConfig()).forEach(({ message, urn }) => report(message, urn));
  };
  return { ...common, validateStack: onlyWith(rule, validateStack) };
}

/** The graph of the last request, and what its resources' properties are. */
let last: { readonly contents: readonly object[]; readonly graph: Promise<Graph> } | undefined;

/** One graph for all rules of a request: the SDK gives each of them the same properties in new resources. */
function graphOf(resources: readonly PolicyResource[]): Promise<Graph> {
  const contents = resources.map(({ props }) => behind(props));
  if (last?.contents.length !== contents.length || contents.some((one, at) => one !== last?.contents[at])) {
    last = { contents, graph: archivesOf(resources).then((files) => new Graph(resources, files)) };
  }
  return last.graph;
}

/**
 * Marks what judges with the type that it is about, as the SDK's `validateResourceOfType` does: the SDK then asks it about
 * nothing else, and doesn't deserialize that.
 */
const onlyWith = <T extends object>({ onlyWith: type }: Rule, judging: T): T =>
  type === undefined ? judging : Object.assign(judging, { __pulumiType: type });

/** A value that a rule stumbles over because it is unknown is said: left to the SDK, it would end the rule in silence. */
function findIn(rule: Rule, graph: Graph, config: object): readonly Finding[] {
  try {
    return rule.find(graph, config);
  } catch (error) {
    if (!isUnknownValueError(error)) {
      throw error;
    }
    return [{ message: `the stack can't be judged before the update: ${error.message}`, verdict: "undetermined" }];
  }
}

/** What is said under the rule itself, and what is left for `can-be-determined`. */
export function sort(
  findings: readonly Finding[],
  { undetermined, exclude }: CommonOptions,
  day: string,
): { readonly say: readonly Finding[]; readonly note: readonly Finding[] } {
  const kept = findings.flatMap((finding) => {
    const exclusion = exclude.find((e) => names(e, finding));
    if (exclusion === undefined) {
      return [finding];
    }
    const over = `its exclusion (${exclusion.reason}) ended on ${exclusion.until}`;
    return exclusion.until < day ? [{ ...finding, message: `${finding.message} (${over})` }] : [];
  });
  const open = kept.filter((f) => f.verdict === "undetermined");
  const violated = kept.filter((f) => f.verdict !== "undetermined");
  return {
    say: undetermined === "rule" ? kept : violated,
    note: undetermined === "advisory" ? open : [],
  };
}

function names({ resource }: Exclusion, { urn }: Finding): boolean {
  return urn !== undefined && (urn === resource || urn.split("::").pop() === resource);
}

const today = () => new Date().toISOString().slice(0, 10);

/** Options that a rule doesn't have. The engine's own check lets them pass. */
export function unknownOptions(rule: string, config: object, options: readonly string[]): string[] {
  return Object.keys(config)
    .filter((key) => key !== "enforcementLevel" && !options.includes(key))
    .map((key) => `rule ${rule} has no option ${key}${suggestion(key, options)}`);
}

/** `: did you mean minimumZones?`, if something comes near; else what there is. */
export function suggestion(name: string, names: readonly string[]): string {
  const near = closest(name, names);
  return distance(name, near) <= Math.max(2, name.length / 3)
    ? `: did you mean ${near}?`
    : `: there are ${names.join(", ")}`;
}
