import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What an image is built of. */
export interface Build {
  /** Folder, from the project's. */
  readonly context: string;
  /** The Dockerfile, from the project's folder. @default `Dockerfile` in the context */
  readonly dockerfile?: string | undefined;
  readonly arguments: Readonly<Record<string, string>>;
}

/** The Dockerfile of a build. */
export const dockerfileOf = ({ context, dockerfile }: Pick<Build, "context" | "dockerfile">): string =>
  dockerfile ?? join(context, "Dockerfile");

/** What is no part of a build's content, whatever `.dockerignore` says: it differs from one clone to the next. */
const NEVER = [".git", "node_modules"];

/**
 * The tag of an image that is built: a hash of all that it is built of, so that two stacks that build the same name the
 * same image, and a changed file means another one. Of `.dockerignore` it knows lines without wildcards; what else that
 * leaves out counts as content.
 * @param platform e.g. `linux/arm64`
 */
export function contentTag(build: Build, platform: string): string {
  const hash = createHash("sha256");
  const add = (...parts: string[]) => parts.forEach((part) => hash.update(`${Buffer.byteLength(part)}:${part}`));
  add(platform, JSON.stringify(Object.entries(build.arguments).sort()));
  hash.update(readFileSync(dockerfileOf(build)));
  for (const file of filesOf(build.context)) {
    add(file);
    hash.update(readFileSync(join(build.context, file)));
  }
  return hash.digest("hex").slice(0, 40);
}

/** The files of a context, in an order that is the same everywhere. */
function filesOf(context: string): string[] {
  const ignoreFile = join(context, ".dockerignore");
  const lines = existsSync(ignoreFile) ? readFileSync(ignoreFile, "utf8").split("\n") : [];
  const ignored = new Set([...NEVER, ...lines.map((line) => line.trim().replace(/^\.?\/|\/$/g, ""))]);
  const walk = (folder: string): string[] =>
    readdirSync(join(context, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (ignored.has(path) || NEVER.includes(entry.name)) {
        return [];
      }
      return entry.isDirectory() ? walk(path) : [path];
    });
  return walk("").sort();
}
