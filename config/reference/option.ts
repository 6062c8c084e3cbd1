import { z } from "zod";
import { stackConfig } from "../../config";

/** An option as JSON Schema has it, with what its declaration adds. */
export interface Option {
  readonly description?: string;
  readonly unit?: string;
  /** What holds if it is left out, where that is no value. */
  readonly absent?: string;
  /** A new stack's file asks for it, though it could be left out: it has a default, or another option in its place. */
  readonly ask?: boolean;
  /** Names that a new stack's file gives to the entries of a map. */
  readonly names?: readonly string[];
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly (string | number)[];
  readonly const?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Option>>;
  readonly required?: readonly string[];
  readonly items?: Option;
  readonly additionalProperties?: Option | boolean;
  readonly oneOf?: readonly Option[];
}

/** Every configuration key's option, as it is validated. */
export function declaredOptions(): Readonly<Record<string, Option>> {
  // Draft 7 is what every editor's YAML support knows. Its type is Zod's own; of it, this much is used.
  const { properties } = z.toJSONSchema(stackConfig, { io: "input", target: "draft-7" }) as Option;
  return properties ?? {};
}

/** What an option holds: its own fields, those of a list's items, or of the entries of a map. */
export function fieldsOf(option: Option): { readonly within: string; readonly holder: Option } | undefined {
  const entry = typeof option.additionalProperties === "object" ? option.additionalProperties : undefined;
  if (option.properties !== undefined) {
    return { within: "", holder: option };
  }
  if (option.items?.properties !== undefined) {
    return { within: "[]", holder: option.items };
  }
  return entry?.properties === undefined ? undefined : { within: ".NAME", holder: entry };
}
