import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify, YAMLParseError } from "yaml";
import { CONFIG_KEYS, parseConfig, StackConfig } from "../../config";
import { stackFilesIn } from "../../config/stackFile";
import { ROOT, STACK_FILES, WORK } from "../common/paths";
import { progress } from "../common/progress";
import { UserError } from "../common/userError";

/** What a stack's file configures, by namespaced key. */
export type RawConfig = Readonly<Record<string, unknown>>;

/** A stack as its file has it. */
export interface RawStackFile {
  readonly stack: string;
  readonly config: RawConfig;
}

/** A stack as the program sees it. */
export interface StackFile {
  readonly stack: string;
  readonly region: string;
  readonly config: StackConfig;
}

export type OutpostsConfig = NonNullable<StackConfig["outposts"]>;
export type PairConfig = OutpostsConfig["pairs"][number];
export type ApplicationConfig = PairConfig["applications"][number];
export type RecoveryConfig = NonNullable<StackConfig["recovery"]>;
export type RecoveryInstanceConfig = RecoveryConfig["instances"][number];

const fileName = (stack: string) => `Pulumi.${stack}.yaml`;

/** The names of the stacks that have a file. @throws {@link UserError} if there is none. */
export async function stackNames(): Promise<string[]> {
  const files = await readdir(STACK_FILES);
  const names = files.flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []).sort();
  if (names.length === 0) {
    throw new UserError(`there is no stack to rehearse: ${STACK_FILES} has no file ${fileName("NAME")}`);
  }
  return names;
}

/** The stack asked for, or all. @throws {@link UserError} if there is no such stack. */
export async function selectStacks(name: string | undefined): Promise<string[]> {
  const names = await stackNames();
  if (name !== undefined && !names.includes(name)) {
    throw new UserError(`there is no stack ${name}: the stacks are ${names.join(", ")}`);
  }
  return name === undefined ? names : [name];
}

/**
 * Reads what a stack's file configures. What the Pulumi CLI adds for its own backend is left out: `encryptionsalt`,
 * `secretsprovider`, `encryptedkey`, `environment`, and values that it has encrypted, which nobody can read here. So is
 * what configures the provider, but for the Region: a profile or a role leads to an account of AWS.
 * @throws {@link UserError} if the file is no YAML, or names no Region.
 */
export async function readStackFile(stack: string): Promise<RawStackFile> {
  const text = await readFile(join(STACK_FILES, fileName(stack)), "utf8");
  let file: { config?: unknown } | null;
  try {
    file = parse(text) as typeof file;
  } catch (error) {
    throw error instanceof YAMLParseError ? new UserError(`${fileName(stack)} is no YAML: ${error.message}`) : error;
  }
  const encrypted: string[] = [];
  const config = withoutEncrypted(file?.config ?? {}, [], encrypted) as RawConfig;
  if (encrypted.length > 0) {
    progress(`${fileName(stack)}: rehearsed without what is encrypted there: ${encrypted.join(", ")}`);
  }
  if (typeof config["aws:region"] !== "string") {
    throw new UserError(`${fileName(stack)} names no Region: add \`aws:region\` to its \`config\``);
  }
  return { stack, config: Object.fromEntries(Object.entries(config).filter(([key]) => isRehearsed(key))) };
}

const isRehearsed = (key: string) => key === "aws:region" || !key.startsWith("aws:");

/** A value without those that `pulumi config set --secret` has encrypted, whose paths are noted. */
function withoutEncrypted(value: unknown, path: readonly string[], encrypted: string[]): unknown {
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const entries = Object.entries(value).filter(([key, child]) => {
    const isEncrypted = typeof (child as { secure?: unknown } | null)?.secure === "string";
    if (isEncrypted) {
      encrypted.push([...path, key].join("."));
    }
    return !isEncrypted;
  });
  const kept = entries.map(([key, child]) => [key, withoutEncrypted(child, [...path, key], encrypted)] as const);
  return Array.isArray(value) ? kept.map(([, child]) => child) : Object.fromEntries(kept);
}

/** Region and validated configuration of a stack. @throws as `parseConfig`, if the configuration has problems. */
export function parseStackFile({ stack, config: raw }: RawStackFile): StackFile {
  const region = regionOf(raw);
  const given = Object.fromEntries(CONFIG_KEYS.map((key) => [key, raw[`nplusone:${key}`]]));
  return { stack, region, config: parseConfig(given, stack, region) };
}

/** The Region that a configuration names. */
export const regionOf = (config: RawConfig) => String(config["aws:region"]);

/** The folder with the copies of a stack's files that the engine works on. */
export const projectFolder = (stack: string) => join(WORK, "project", stack);

/** What the file of a stack's partner configures, for the program's check that the two are a pair. */
export function partnersOf({ stack, config }: RawStackFile): RawStackFile[] {
  const { stack: other } = (config["nplusone:partner"] ?? {}) as { readonly stack?: unknown };
  const found = typeof other === "string" && other !== stack ? stackFilesIn(STACK_FILES)(other) : undefined;
  return found === undefined ? [] : [{ stack: String(other), config: found }];
}

/**
 * Writes the copies of the project's and a stack's file: the engine adds to them, and the user's stay as they are.
 * @param partners the stack's partner, whose file the program reads beside its own
 */
export async function writeProject(own: RawStackFile, partners: readonly RawStackFile[]): Promise<void> {
  const folder = projectFolder(own.stack);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "Pulumi.yaml"), await readFile(join(ROOT, "Pulumi.yaml")));
  for (const { stack, config } of [own, ...partners]) {
    // Quoted, so that no two readers of YAML take a text for something else.
    await writeFile(join(folder, fileName(stack)), stringify({ config }, { defaultStringType: "QUOTE_DOUBLE" }));
  }
}

/** The copy of a stack's file. */
export async function readCopy(stack: string): Promise<RawStackFile> {
  const copy = parse(await readFile(join(projectFolder(stack), fileName(stack)), "utf8")) as { config: RawConfig };
  return { stack, config: copy.config };
}

/** A stack as it was deployed last. */
export async function deployedStack(stack: string): Promise<StackFile> {
  return parseStackFile(await readCopy(stack));
}

/** Stacks in rounds with one stack a Region each: drills can't tell two in the same Region apart. */
export function rounds(stacks: readonly Pick<StackFile, "stack" | "region">[]): string[][] {
  const result: string[][] = [];
  stacks.forEach(({ stack, region }, i) => {
    const round = stacks.slice(0, i).filter((earlier) => earlier.region === region).length;
    (result[round] ??= []).push(stack);
  });
  return result;
}
