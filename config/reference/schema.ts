import { declaredOptions, Option } from "./option";

/** Zod's bound of every integer, which says nothing. */
const ANY = Number.MAX_SAFE_INTEGER;

/** The JSON Schema of a stack's file, by which editors complete and check it. */
export function stackFileSchema(): object {
  const options = declaredOptions();
  const keys = Object.keys(options);
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "A stack of nplusone: Pulumi.<stack>.yaml",
    type: "object",
    properties: {
      config: {
        type: "object",
        properties: {
          "aws:region": {
            type: "string",
            description: "The Region that the stack is deployed to.",
            examples: ["us-east-1"],
            pattern: "^[a-z]{2}(-[a-z]+)+-\\d$",
          },
          ...Object.fromEntries(keys.map((key) => [`nplusone:${key}`, published(options[key] ?? {})])),
        },
        // Other keys are other providers'; one of ours that isn't there is misspelt.
        patternProperties: { [`^nplusone:(?!(${keys.join("|")})$)`]: false },
        required: ["aws:region"],
      },
    },
  };
}

/** An option as editors show it: what JSON Schema has no word for is told in the description. */
function published(option: Option): object {
  const { description, unit, absent, ask: _ask, names: _names, ...rest } = option;
  const told = [description, unit && `Unit: ${unit}.`, absent && `Left out: ${absent}.`].filter(Boolean).join(" ");
  const mapped = Object.entries(rest).flatMap(([key, value]): [string, unknown][] => {
    switch (key) {
      case "properties":
        return [[key, eachOf(value as Record<string, Option>)]];
      case "items":
      case "additionalProperties":
        return [[key, typeof value === "object" ? published(value as Option) : value]];
      case "oneOf":
        return [[key, (value as Option[]).map(published)]];
      case "minimum":
      case "maximum":
        return Math.abs(value as number) === ANY ? [] : [[key, value]];
      default:
        return [[key, value]];
    }
  });
  return { ...(told === "" ? {} : { description: told }), ...Object.fromEntries(mapped) };
}

const eachOf = (properties: Readonly<Record<string, Option>>) =>
  Object.fromEntries(Object.entries(properties).map(([name, option]) => [name, published(option)]));
