import { z } from "zod";
import { regionName } from "./common";
import { StackFile } from "./stackFile";

/** The stack in the other Region, and what the two are to each other. */
export const partner = z
  .strictObject({
    role: z.enum(["primary", "standby"], "expected primary or standby").meta({
      description:
        "What this stack is: its Region is served from while it is healthy, or takes over. What both Regions share, as " +
        "buckets and repositories, belongs to the primary. One of the two stacks is it.",
      examples: ["primary"],
    }),
    stack: z
      .string()
      .regex(/^[\w.-]+$/, "expected a stack's name such as prod-eu-west-1")
      .meta({
        description: "Name of the other stack, whose file names this one.",
        examples: ["prod-eu-west-1"],
      }),
    region: regionName.meta({
      description: "Region of the other stack: what its file has as `aws:region`.",
      examples: ["eu-west-1"],
    }),
    mode: z
      .enum(["pilot-light", "warm", "active-active"], "expected pilot-light, warm or active-active")
      .default("warm")
      .meta({
        description:
          "What of the standby runs: data and hosts but no tasks (pilot-light), everything at its minimum (warm), or " +
          "everything, with both Regions answering (active-active). The same in both stacks.",
        examples: ["active-active"],
      }),
  })
  .meta({ description: "The stack in the other Region that takes over, or is taken over from." });

/** A stack with its part in a pair. */
export interface PairedStack {
  readonly stack: string;
  /** Its own Region, if its configuration names it. */
  readonly region: string | undefined;
  readonly partner: z.infer<typeof partner>;
}

/** What is wrong with a pair, by the path within `partner`. */
export interface PairProblem {
  readonly path: readonly ["role" | "stack" | "region" | "mode"];
  readonly message: string;
}

/** Whether a stack's file names a partner, rightly or not. */
export const hasPartner = (file: StackFile | undefined): file is StackFile =>
  file !== undefined && !isAbsent(file["nplusone:partner"]);

/**
 * What is wrong with a stack and its partner. A primary may come before its standby says that it is one; a
 * standby is nothing without its primary. Each stack says it of the pair, whichever is previewed first; the partner's
 * other problems are for its own preview.
 * @param other what the partner's file configures, if there is such a file
 */
export function pairProblems(
  { stack, region, partner: own }: PairedStack,
  other: StackFile | undefined,
): PairProblem[] {
  const found: PairProblem[] = [];
  const expect = (holds: boolean, path: PairProblem["path"][0], message: string) => {
    if (!holds) {
      found.push({ path: [path], message });
    }
  };
  const file = `Pulumi.${own.stack}.yaml`;
  const needs = own.role === "primary" ? "a primary needs a standby" : "a standby needs a primary";
  expect(own.region !== region, "region", `expected the other stack's Region, but ${own.region} is this stack's own`);
  if (own.stack === stack) {
    expect(false, "stack", `expected another stack than ${stack} itself`);
    return found;
  }
  if (other === undefined) {
    expect(false, "stack", `expected ${file} beside Pulumi.yaml: ${needs}`);
    return found;
  }
  const theirRegion = other["aws:region"];
  const agrees = theirRegion === undefined || theirRegion === own.region;
  expect(agrees, "region", `expected ${String(theirRegion)}, the aws:region of ${file}, not ${own.region}`);
  if (own.role === "primary" && !hasPartner(other)) {
    return found;
  }
  const { success, data: theirs } = partner.safeParse(other["nplusone:partner"]);
  if (!success) {
    const what = hasPartner(other) ? "has one with problems of its own" : "has none";
    expect(false, "stack", `expected nplusone:partner in ${file}, which ${what}: ${needs}`);
    return found;
  }
  expect(own.role !== theirs.role, "role", `expected a primary and a standby, but ${file} says ${theirs.role} too`);
  const isPair = theirs.stack === stack;
  const copied = "a copied stack needs a partner of its own, or neither nplusone:partner nor nplusone:dnsFailover";
  expect(isPair, "stack", `expected ${file} to have ${stack} as its partner, not ${theirs.stack}: ${copied}`);
  const namesMine = region === undefined || theirs.region === region;
  expect(namesMine, "region", `expected ${file} to have ${region} as its partner's Region, not ${theirs.region}`);
  expect(
    own.mode === theirs.mode,
    "mode",
    `expected one mode in both stacks, not ${own.mode} here, ${theirs.mode} there`,
  );
  return found;
}

const isAbsent = (value: unknown) => value === undefined || JSON.stringify(value) === "{}";
