import { parseDocument } from "yaml";
import { declaredOptions, fieldsOf } from "./option";

/** The project's file with its `config` section made anew, the rest as it is. */
export function projectFile(current: string): string {
  const document = parseDocument(current);
  const keys = Object.entries(declaredOptions()).map(([key, option]) => {
    const fields = Object.keys(fieldsOf(option)?.holder.properties ?? {}).join(", ");
    const description = [option.description, fields && `Fields: ${fields}.`].filter(Boolean).join(" ");
    // Pulumi wants a value for every declared key; an empty object or list counts as absent.
    const type = option.items === undefined ? { type: "object" } : { type: "array", items: { type: "object" } };
    return [`nplusone:${key}`, { ...type, description, default: option.items === undefined ? {} : [] }];
  });
  document.set("config", document.createNode(Object.fromEntries(keys)));
  return document.toString({ lineWidth: 0 });
}
