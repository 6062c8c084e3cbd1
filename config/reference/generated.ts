import { readFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { configurationPage } from "./page";
import { projectFile } from "./project";
import { stackFileSchema } from "./schema";

const ROOT = join(__dirname, "..", "..");

/** The files that are made from the options' declarations, by path in the repository, as they have to be. */
export async function generatedFiles(): Promise<Readonly<Record<string, string>>> {
  const files = {
    "nplusone.schema.json": JSON.stringify(stackFileSchema()),
    "docs/configuration.md": configurationPage(),
    "Pulumi.yaml": projectFile(readFileSync(join(ROOT, "Pulumi.yaml"), "utf8")),
  };
  const formatted = Object.entries(files).map(async ([path, text]): Promise<[string, string]> => {
    const filepath = join(ROOT, path);
    return [path, await format(text, { ...(await resolveConfig(filepath)), filepath })];
  });
  return Object.fromEntries(await Promise.all(formatted));
}
