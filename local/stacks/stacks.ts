import { EngineEvent, LocalWorkspace, PulumiCommand, Stack } from "@pulumi/pulumi/automation";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { basename, delimiter, join } from "node:path";
import { stackFilesIn } from "../../config/stackFile";
import program from "../../index";
import { Endpoint } from "../endpoint/endpoint";
import { ROOT, WORK } from "../common/paths";
import { progress } from "../common/progress";
import { awsEnvironment } from "../emulators/lifecycle";
import { UserError } from "../common/userError";
import { projectFolder, readCopy, regionOf } from "./stackFiles";

const PROJECT = "nplusone";
const STACK_TRACE_LIMIT = Error.stackTraceLimit;
const POLICY_PACK = join(ROOT, "policy");

/** What a preview or an update of a stack came to. */
export interface StackResult {
  readonly stack: string;
  readonly region: string;
  /** Resources in the stack. */
  readonly resources: number;
  /** How many of them the operation left as they were, created, updated, …: by Pulumi's names, e.g. `same`. */
  readonly changes: Readonly<Record<string, number>>;
  /** Policies of the pack that were evaluated. */
  readonly policies: number;
  /** What the pack has to say that stops nothing, e.g. what it can't determine. */
  readonly advice: readonly string[];
  readonly durationMs: number;
}

/** The stacks that have been deployed and not been destroyed, as the rehearsal's backend has it. */
export async function stacksUp(): Promise<string[]> {
  const folder = join(WORK, "state", ".pulumi", "stacks", PROJECT);
  const files = existsSync(folder) ? (await readdir(folder)).filter((file) => file.endsWith(".json")) : [];
  return files.filter((file) => hasResources(join(folder, file))).map((file) => basename(file, ".json"));
}

function hasResources(file: string): boolean {
  const { checkpoint } = JSON.parse(readFileSync(file, "utf8")) as {
    checkpoint?: { latest?: { resources?: unknown[] } };
  };
  return (checkpoint?.latest?.resources ?? []).length > 0;
}

/** Opens a stack in the rehearsal's own backend, by the copies of the project's and the stack's files. */
export async function openStack(name: string, endpoint: Endpoint, pulumiCommand: PulumiCommand): Promise<Stack> {
  const workDir = projectFolder(name);
  const state = join(WORK, "state");
  await mkdir(state, { recursive: true });
  // The program runs in this process, and asks EC2 itself for what the provider can't look up.
  Object.assign(process.env, awsEnvironment(endpoint));
  const envVars = {
    ...awsEnvironment(endpoint),
    AWS_REGION: regionOf((await readCopy(name)).config),
    PATH: `${join(ROOT, "local", "bin")}${delimiter}${process.env["PATH"] ?? ""}`,
    PULUMI_HOME: join(WORK, "home"),
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_CONFIG_PASSPHRASE: "rehearsal",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // The state is written once, at the end: a rehearsal that dies is begun again anyway.
    PULUMI_EXPERIMENTAL: "true",
    PULUMI_SKIP_CHECKPOINTS: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    NPLUSONE_NODE_PATH: join(ROOT, "node_modules"),
    NPLUSONE_NODE_OPTIONS: `--require ${join(ROOT, "local", "endpoint", "preload.js")}`,
  };
  return LocalWorkspace.createOrSelectStack(
    { stackName: name, projectName: PROJECT, program: () => program(stackFilesIn(workDir)) },
    { workDir, envVars, pulumiCommand },
  );
}

/** Previews a stack with the policy pack. @throws {@link UserError} with what the engine said, if it refuses. */
export async function previewStack(stack: Stack): Promise<StackResult> {
  return operate(stack, "previewing", (onEvent, signal) => stack.preview(common(onEvent, signal)));
}

/** As `previewStack`, without the policy pack: what the pack costs is the difference. */
export async function previewUnchecked(stack: Stack): Promise<StackResult> {
  return operate(stack, "previewing", (onEvent, signal) =>
    stack.preview({ ...common(onEvent, signal), policyPacks: [] }),
  );
}

/** Deploys a stack with the policy pack. @throws as `previewStack`. */
export async function upStack(stack: Stack): Promise<StackResult> {
  return operate(stack, "deploying", (onEvent, signal) => stack.up(common(onEvent, signal)));
}

/** Destroys a stack, what is protected included, and forgets it. */
export async function destroyStack(stack: Stack): Promise<void> {
  progress(`destroying ${stack.name}`);
  await unprotect(stack);
  await stack.destroy({ onOutput: () => undefined });
  await stack.workspace.removeStack(stack.name, { force: true });
}

/** As `pulumi state unprotect --all`, which a person would have to say. */
async function unprotect(stack: Stack): Promise<void> {
  const exported = await stack.exportStack();
  const { resources = [] } = exported.deployment as { resources?: { protect?: boolean }[] };
  if (resources.some((resource) => resource.protect)) {
    resources.forEach((resource) => delete resource.protect);
    await stack.importStack(exported);
  }
}

function common(onEvent: (event: EngineEvent) => void, signal: AbortSignal) {
  return { signal, onEvent, onOutput: () => undefined, policyPacks: [POLICY_PACK], color: "never" as const };
}

async function operate(
  stack: Stack,
  doing: string,
  operation: (onEvent: (event: EngineEvent) => void, signal: AbortSignal) => Promise<unknown>,
): Promise<StackResult> {
  const start = Date.now();
  const events: EngineEvent[] = [];
  progress(`${doing} ${stack.name}`);
  // Pulumi takes a stack trace for each of its thousands of promises; mapped to TypeScript they cost seconds.
  Error.stackTraceLimit = 0;
  const abort = new AbortController();
  try {
    await Promise.race([operation((event) => events.push(event), abort.signal), failedProgram(abort.signal)]);
  } catch (error) {
    throw new UserError(`${doing} ${stack.name} failed:\n${diagnostics(events) || withoutStack(String(error))}`, 1);
  } finally {
    abort.abort();
    Error.stackTraceLimit = STACK_TRACE_LIMIT;
  }
  const resources = events.filter((e) => e.resourcePreEvent !== undefined).length;
  const policies = evaluatedPolicies(events).size;
  const durationMs = Date.now() - start;
  const advice = violations(events);
  progress(`${doing} ${stack.name}: ${resources} resources, ${policies} policies, ${(durationMs / 1000).toFixed(1)} s`);
  advice.forEach((line) => progress(line));
  const changes = events.find((e) => e.summaryEvent !== undefined)?.summaryEvent?.resourceChanges ?? {};
  const region = stack.workspace.envVars["AWS_REGION"] ?? "";
  return { stack: stack.name, region, resources, changes, policies, advice, durationMs };
}

/**
 * Rejects when the program fails where nobody waits for it, e.g. at a function that can't be serialized: the engine would
 * wait for it forever.
 */
function failedProgram(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    process.on("unhandledRejection", reject);
    signal.addEventListener("abort", () => process.off("unhandledRejection", reject));
  });
}

/** What the engine says of a pack's policies after each resource and after the stack; the SDK has no type for it yet. */
interface PolicySummaries {
  readonly policyAnalyzeSummaryEvent?: { readonly passed?: string[]; readonly failed?: string[] };
  readonly policyAnalyzeStackSummaryEvent?: { readonly passed?: string[]; readonly failed?: string[] };
}

/** The names of the policies that the engine has evaluated. */
function evaluatedPolicies(events: readonly (EngineEvent & PolicySummaries)[]): Set<string> {
  const summaries = events.flatMap((e) =>
    [e.policyAnalyzeSummaryEvent ?? [], e.policyAnalyzeStackSummaryEvent ?? []].flat(),
  );
  return new Set(summaries.flatMap((s) => [...(s.passed ?? []), ...(s.failed ?? [])]));
}

/** What the policies found: in an operation that succeeds, only what is advisory. */
function violations(events: readonly EngineEvent[]): string[] {
  const found = events.flatMap(({ policyEvent: p }) =>
    p ? [`[${p.enforcementLevel}] ${p.policyName}: ${p.message.trim()} (${p.resourceUrn?.split("::").pop()})`] : [],
  );
  return [...new Set(found)];
}

/** What the engine had to say against an operation: policy violations and errors. */
function diagnostics(events: readonly EngineEvent[]): string {
  const errors = events.flatMap(({ diagnosticEvent: d }) => (d?.severity === "error" ? [withoutStack(d.message)] : []));
  return [...new Set([...violations(events), ...errors])].join("\n");
}

const withoutStack = (message: string) =>
  message
    .split("\n")
    .filter((line) => !/^\s+at /.test(line))
    .join("\n")
    .trim();
