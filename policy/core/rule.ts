import { PolicyConfigJSONSchema } from "@pulumi/policy/schema";
import { ExampleResource } from "./example";
import { Finding } from "./finding";
import { Graph } from "./graph";

/** One rule of the pack. From this its policy, its configuration's schema, its documentation and two tests are made. */
export interface Rule<Options extends object = object> {
  /** Its name in the engine's output and in configuration. */
  readonly name: string;
  /** What holds if it holds, in a sentence. */
  readonly what: string;
  /** What is lost without it. */
  readonly why: string;
  /** What to change. */
  readonly mend: string;
  /** Where AWS says so. */
  readonly pages: readonly string[];
  /** Options of its own, with a description and a default each. @default none */
  readonly options?: Readonly<Record<string, PolicyConfigJSONSchema>>;
  /** A stack that it finds something in, and the same as it should be. */
  readonly examples: { readonly fails: readonly ExampleResource[]; readonly passes: readonly ExampleResource[] };
  /**
   * Whether it judges each resource by itself, before it is made: `find` then gets a graph of that one.
   * @default false: it judges the stack, in a preview, and after an update
   */
  readonly eachResource?: boolean;
  /**
   * The type that it is about: it isn't asked about stacks, or resources, without. Each policy that is asked has all
   * that it is shown read anew, which is most of what it costs.
   * @default it is always asked
   */
  readonly onlyWith?: string;
  /** Finds what is wrong in a stack, and what can't be determined. */
  find(graph: Graph, options: Options): readonly Finding[];
}

/** What a rule's user may have switched, whichever rule it is. */
export interface CommonOptions {
  /**
   * What becomes of what the rule can't determine: `advisory`: a note under `can-be-determined`; `rule`: as a violation
   * of the rule; `ignore`: nothing.
   */
  readonly undetermined: "advisory" | "rule" | "ignore";
  /** Resources that the rule passes over, each for a reason and until a day. */
  readonly exclude: readonly Exclusion[];
}

/** One resource that a rule passes over. */
export interface Exclusion {
  /** Name or URN of the resource. */
  readonly resource: string;
  readonly reason: string;
  /** The last day on which it is passed over: YYYY-MM-DD, UTC. */
  readonly until: string;
}

/** The schema of `CommonOptions`. */
export const COMMON_OPTIONS: { readonly [K in keyof CommonOptions]: PolicyConfigJSONSchema } = {
  undetermined: {
    type: "string",
    enum: ["advisory", "rule", "ignore"],
    default: "advisory",
    description:
      "What becomes of what the rule can't determine: advisory (a note under can-be-determined), rule (as a violation of the rule) or ignore.",
  },
  exclude: {
    type: "array",
    default: [],
    description:
      "Resources that the rule passes over, each with a reason and the last day (YYYY-MM-DD) on which it does.",
    items: {
      type: "object",
      properties: {
        resource: { type: "string", minLength: 1, description: "Name or URN of the resource." },
        reason: { type: "string", minLength: 1, description: "Why it may be as it is." },
        until: { type: "string", pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description: "The last day, in UTC." },
      },
      required: ["resource", "reason", "until"],
      additionalProperties: false,
    },
  },
};
