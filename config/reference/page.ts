import { stringify } from "yaml";
import { declaredOptions, fieldsOf, Option } from "./option";

const INTRODUCTION = `# Configuration

Made from the declarations in \`config/\` by \`npm run docs\`; change it there.

Every key is an object or a list in the stack's file, \`Pulumi.<stack>.yaml\`. A system whose key is absent is not deployed; every
system needs \`nplusone:network\` and \`nplusone:notifications\`. All problems are reported at once, before anything is
registered. Editors that know YAML complete and check a stack's file by [nplusone.schema.json](../nplusone.schema.json).

\`[]\` stands for each item of a list, \`NAME\` for a name of your own. \`aws:region\` is the only other key that is needed.
`;

/** The page that lists every option: a table a key. */
export function configurationPage(): string {
  const sections = Object.entries(declaredOptions()).map(([key, option]) =>
    [
      `## nplusone:${key}`,
      option.description ?? "",
      [
        "| option | meaning | values | default | example |",
        "| --- | --- | --- | --- | --- |",
        ...rowsOf(key, option).map((cells) => `| ${cells.join(" | ")} |`),
      ].join("\n"),
    ].join("\n\n"),
  );
  return [INTRODUCTION, ...sections].join("\n\n");
}

type Row = readonly [option: string, meaning: string, values: string, standard: string, example: string];

/** The rows of a key: those of its fields, or one if it has none. */
function rowsOf(key: string, option: Option): Row[] {
  return fieldsOf(option) === undefined ? [rowOf(key, option, false)] : fieldRows(key, option);
}

function fieldRows(path: string, option: Option): Row[] {
  const { within, holder } = fieldsOf(option) ?? { within: "", holder: option };
  const fields = Object.entries(holder.properties ?? {}).flatMap(([name, field]) => {
    const at = `${path}${within}.${name}`;
    return [rowOf(at, field, holder.required?.includes(name) === true), ...fieldRows(at, field)];
  });
  return [...fields, ...(option.oneOf ?? []).flatMap((variant) => variantRows(path, variant))];
}

/** The rows of one form of an option that has several, which its \`type\` tells apart. */
function variantRows(path: string, { properties = {}, required = [] }: Option): Row[] {
  const { type, ...fields } = properties;
  const label = `type: ${type?.const ?? ""}`;
  const own: Row = [code(`${path}.type`), type?.description ?? "", code(type?.const ?? ""), "", code(label)];
  const rows = Object.entries(fields).map(([name, field]): Row => {
    const [option, meaning, ...others] = rowOf(`${path}.${name}`, field, required.includes(name));
    return [option, `(${code(label)}) ${meaning}`, ...others];
  });
  return [own, ...rows];
}

function rowOf(path: string, option: Option, required: boolean): Row {
  const [example] = option.examples ?? [];
  return [
    code(path),
    option.description ?? "",
    valuesOf(option),
    defaultOf(option, required),
    example === undefined ? "" : code(inline(example)),
  ];
}

/** Unit and bounds, or what may be chosen from. */
function valuesOf({ unit, minimum, maximum, enum: choice, items }: Option): string {
  const bounds = [minimum, maximum].filter((bound) => Math.abs(bound ?? Infinity) < Number.MAX_SAFE_INTEGER);
  const range = bounds.length === 2 ? bounds.join(" to ") : minimum === undefined ? "" : `${minimum} or more`;
  const chosen = (choice ?? items?.enum ?? []).map((value) => code(String(value))).join(", ");
  return [chosen, [unit, range].filter(Boolean).join(", ")].filter(Boolean).join("; ");
}

function defaultOf({ default: standard, absent }: Option, required: boolean): string {
  if (required) {
    return "required";
  }
  if (standard === undefined) {
    return absent ?? "none";
  }
  return JSON.stringify(standard) === "[]" ? "none" : JSON.stringify(standard) === "{}" ? "" : code(inline(standard));
}

const code = (text: string) => `\`${text.replaceAll("|", "\\|")}\``;

/** A value as it stands in a stack's file, on one line. */
const inline = (value: unknown) =>
  stringify(value, { collectionStyle: "flow", lineWidth: 0, flowCollectionPadding: false }).trim();
