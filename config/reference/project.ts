import { parseDocument } from "yaml";
import { declaredOptions, fieldsOf } from "./option";

/** The project's file with its `config` section made anew, the rest as it is. */
export function projectFile(current: string): string {
  const document = parseDocument(current);
  const keys = Object.entries(declaredOptions()).map(([key, option]) => {
    const fields = Object.keys(fieldsOf(option)?.holder.properties ?? {}).join(", ");
    const description = [option.description, fields && `Fields: ${fields}.`].filter(Boolean).join(" ");
    // Pulumi wants a value for every declared key; an empty object counts as absent.
    return [`nplusone:${key}`, { type: "object", description, default: {} }];
  });
  document.set("config", document.createNode(Object.fromEntries(keys)));
  return document.toString({ lineWidth: 0 });
}
