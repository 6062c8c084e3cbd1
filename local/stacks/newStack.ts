import { writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { stringify } from "yaml";
import { declaredOptions, fieldsOf, Option } from "../../config/reference/option";
import { ROOT, STACK_FILES } from "../common/paths";
import { UserError } from "../common/userError";

/** What stands where a value is wanted. */
export const FILL_IN = "# fill in, e.g. ";
/** Columns of a line. */
const WIDTH = 116;
/** The Region that the declarations' examples are of. */
const EXAMPLE_REGION = "us-east-1";
/** The Region that they have as the other one. */
const OTHER_REGION = "eu-west-1";
/** The keys that every stack has. */
const FOUNDATION = ["network", "notifications"];
/** The keys that are neither that nor systems. */
const BESIDE = ["partner", "tags"];

/** Writes a new stack's file. @throws {@link UserError} if an argument is wrong or the file is there already. */
export async function newStack(name: string, region: string, systems: readonly string[]): Promise<string> {
  check(name, region, systems);
  const file = join(STACK_FILES, `Pulumi.${name}.yaml`);
  try {
    await writeFile(file, stackFileText(region, systems, relative(STACK_FILES, ROOT)), { flag: "wx" });
  } catch (error) {
    throw (error as { code?: string }).code === "EEXIST"
      ? new UserError(`${file} is there already: choose another name, or remove it first`)
      : error;
  }
  return file;
}

function check(name: string, region: string, systems: readonly string[]): void {
  // https://www.pulumi.com/docs/iac/concepts/stacks/: letters, digits, hyphens, underscores and periods.
  if (!/^[\w.-]{1,100}$/.test(name)) {
    throw new UserError(`${name} can't be a stack's name: letters, digits, hyphens, underscores and periods only`);
  }
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) {
    throw new UserError(`${region} is no Region: expected a name such as eu-central-1`);
  }
  const known = Object.keys(declaredOptions()).filter((key) => ![...FOUNDATION, ...BESIDE].includes(key));
  const unknown = systems.filter((system) => !known.includes(system));
  if (unknown.length > 0) {
    throw new UserError(`there is no system ${unknown.join(", ")}: the systems are ${known.join(", ")}`);
  }
}

/** A stack's file: what must be filled in, and as comments all that may be. The systems asked for are not comments. */
export function stackFileText(region: string, systems: readonly string[], toRoot = ""): string {
  const keys = Object.entries(declaredOptions()).flatMap(([key, option]) => {
    const body = [`nplusone:${key}:`, ...indented(contents(option, 0))];
    const chosen = [...FOUNDATION, ...systems].includes(key);
    return [...comment(option.description ?? ""), ...(chosen ? body : body.map(commented))];
  });
  const text = [
    `# yaml-language-server: $schema=${join(toRoot, "nplusone.schema.json")}`,
    `# Fill in what says so; the rest are defaults and examples. docs/configuration.md lists every option. A system whose`,
    `# key is not here is not deployed.`,
    "config:",
    ...indented([`aws:region: ${EXAMPLE_REGION}`, ...keys]),
    "",
  ];
  const other = region === OTHER_REGION ? EXAMPLE_REGION : OTHER_REGION;
  const regions = new RegExp(`${EXAMPLE_REGION}|${OTHER_REGION}`, "g");
  return text.join("\n").replaceAll(regions, (one) => (one === EXAMPLE_REGION ? region : other));
}

/** What stands below an option's name. */
function contents(option: Option, nth: number): string[] {
  const fields = fieldsOf(option);
  if (fields === undefined) {
    return Object.entries(exampleOf(option, nth) ?? {}).map(([name, value]) => `${name}: ${inline(value)}`);
  }
  const linesOf = (n: number) =>
    Object.entries(fields.holder.properties ?? {}).flatMap(([name, field]) =>
      fieldLines(name, field, fields.holder.required?.includes(name) === true, n),
    );
  switch (fields.within) {
    case "[]":
      return asItem(linesOf(nth));
    case ".NAME":
      return (option.names ?? ["NAME"]).flatMap((name, i) => [`${name}:`, ...indented(linesOf(i))]);
    default:
      return linesOf(nth);
  }
}

/** A field with what it is: to be filled in if a stack can't do without it, a comment if it can. */
function fieldLines(name: string, field: Option, required: boolean, nth: number): string[] {
  const asked = required || field.ask === true;
  const lines = [...comment(told(field, required)), ...valueLines(name, field, asked, nth)];
  return asked ? lines : lines.map((line) => (line.startsWith("#") ? line : commented(line)));
}

function valueLines(name: string, field: Option, asked: boolean, nth: number): string[] {
  if (field.oneOf !== undefined) {
    return field.oneOf.map((variant) => `${name}: ${inline(exampleOfVariant(variant))}`);
  }
  if (fieldsOf(field) !== undefined) {
    return [`${name}:`, ...indented(contents(field, nth))];
  }
  const standard = hasValue(field.default) ? inline(field.default) : undefined;
  const example = inline(exampleOf(field, nth));
  return [asked && standard === undefined ? `${name}: ${FILL_IN}${example}` : `${name}: ${standard ?? example}`];
}

function told({ description = "", unit, absent, default: standard }: Option, required: boolean): string {
  const otherwise = absent ?? (hasValue(standard) ? inline(standard) : undefined);
  return [
    description,
    unit === undefined ? "" : `In ${unit}.`,
    required || otherwise === undefined ? "" : `Default: ${otherwise}.`,
  ]
    .filter(Boolean)
    .join(" ");
}

const exampleOf = ({ examples = [] }: Option, nth: number) => examples[nth % Math.max(examples.length, 1)];

const exampleOfVariant = ({ properties = {} }: Option) =>
  Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, field.const ?? exampleOf(field, 0)]));

/** Whether a default says something: an empty list or object doesn't. */
const hasValue = (value: unknown) => value !== undefined && !["[]", "{}"].includes(JSON.stringify(value));

/** A value on one line. */
const inline = (value: unknown) =>
  stringify(value, { collectionStyle: "flow", lineWidth: 0, flowCollectionPadding: false }).trim();

const indented = (lines: readonly string[]) => lines.map((line) => `  ${line}`);
const commented = (line: string) => `# ${line}`;

/** Lines as an item of a list: the dash stands before the first that is no comment. */
function asItem(lines: readonly string[]): string[] {
  const first = lines.findIndex((line) => !line.startsWith("#"));
  return lines.map((line, i) => (i === first ? `- ${line}` : `  ${line}`));
}

/** A text as comment lines. */
function comment(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < WIDTH - 16) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(`# ${word}`);
    }
  }
  return lines;
}
