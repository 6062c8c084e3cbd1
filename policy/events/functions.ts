import { PolicyResource } from "@pulumi/policy";
import { FUNCTION, Graph, IAM_ROLE } from "../core/graph";
import { known, read } from "../core/unknown";
import { arnOf, mayDo } from "./iam";

/** Seconds below which no function gets through a few AWS calls, one of them tried again. */
const SHORTEST_SECONDS = 3;

/** Why a function can't do its work at all, whatever it is asked. */
export function brokenFunction(graph: Graph, fn: PolicyResource): string | undefined {
  if (known(() => fn.props["reservedConcurrentExecutions"] as number | undefined) === 0) {
    return `${fn.name} never runs: its reservedConcurrentExecutions is 0`;
  }
  // Lambda's own default is 3 seconds.
  const timeout = read(() => fn.props["timeout"] as number | undefined) ?? 3;
  if (typeof timeout === "number" && timeout < SHORTEST_SECONDS) {
    return `${fn.name} is cut off after ${timeout} s: set timeout to ${SHORTEST_SECONDS} or more`;
  }
  return noSuchHandler(graph, fn);
}

/** Why the handler that a function names isn't in its archive, as far as the program says what is in it. */
function noSuchHandler(graph: Graph, fn: PolicyResource): string | undefined {
  const handler = known(() => fn.props["handler"] as string | undefined);
  const runtime = known(() => fn.props["runtime"] as string | undefined) ?? "";
  const files = graph.files.get(fn.urn);
  if (handler === undefined || files === undefined || !runtime.startsWith("nodejs")) {
    return undefined;
  }
  const [, module = "", name = ""] = /^(.*)\.([^.]*)$/.exec(handler) ?? [];
  const file = Object.keys(files).find((f) => [".js", ".mjs", ".cjs"].some((ending) => f === `${module}${ending}`));
  if (file === undefined) {
    return `${fn.name} has no ${module}.js in its archive (${Object.keys(files).join(", ")}): mend its handler ${handler}`;
  }
  return new RegExp(`\\b(exports\\.${name}|export\\b[^]*\\b${name})\\b`).test(files[file] ?? "")
    ? undefined
    : `${file} of ${fn.name} exports no ${name}: mend its handler ${handler}`;
}

/** What a function must be allowed to do. */
export interface Need {
  readonly action: string;
  /** What to. @default nothing in particular: `*` */
  readonly to?: PolicyResource;
}

/** Of what a function must be allowed to do, what its role doesn't allow; what isn't known yet counts as allowed. */
export function missingPermissions(graph: Graph, fn: PolicyResource, needs: readonly Need[]): string[] {
  const [role] = graph.referred(fn, "role", IAM_ROLE);
  if (role === undefined || fn.type !== FUNCTION) {
    return [];
  }
  return needs.flatMap(({ action, to }) => {
    const arn = to === undefined ? "*" : arnOf(to);
    return arn !== undefined && mayDo(graph, role, action, arn) === false
      ? [`${role.name} doesn't allow ${action}${to === undefined ? "" : ` on ${to.name}`}`]
      : [];
  });
}
