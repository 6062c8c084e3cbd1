import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

/** What a stack's file configures, by namespaced key. */
export type StackFile = Readonly<Record<string, unknown>>;

/** Finds another stack's file. `undefined`: there is none. */
export type ReadStackFile = (stack: string) => StackFile | undefined;

/**
 * Reads stack files from a folder. One that can't be read as YAML configures nothing here: its own preview says why.
 * @param folder where Pulumi.yaml lies
 */
export function stackFilesIn(folder: string): ReadStackFile {
  return (stack) => {
    let text: string;
    try {
      text = readFileSync(join(folder, `Pulumi.${stack}.yaml`), "utf8");
    } catch (error) {
      if ((error as { code?: string }).code === "ENOENT") {
        return undefined;
      }
      throw error;
    }
    return configured(text);
  };
}

function configured(text: string): StackFile {
  try {
    return (parse(text) as { config?: StackFile } | null)?.config ?? {};
  } catch {
    return {};
  }
}
