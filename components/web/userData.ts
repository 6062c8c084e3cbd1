import { USER_DATA_BYTES } from "../common/launchTemplate";

/** Ends the text of a file in a script. */
const END = "NPLUSONE_END_OF_FILE";

/** A file that user data writes. */
export interface BootFile {
  readonly path: string;
  readonly content: string;
  /** What it is used as: others may read it, and run a program. */
  readonly mode: "0644" | "0755";
}

/**
 * User data: a script that runs once in an instance's life, as root. It writes files, and then runs commands; the first
 * that fails ends it.
 * @throws an `Error` if it is longer than EC2 takes.
 */
export function userData(files: readonly BootFile[], commands: string): string {
  const folders = [...new Set(files.map(({ path }) => path.slice(0, path.lastIndexOf("/"))))];
  const script = `\
#!/bin/bash
set -euo pipefail
mkdir -p ${folders.join(" ")}
${files.map(written).join("")}${commands}`;
  const bytes = Buffer.byteLength(script);
  if (bytes > USER_DATA_BYTES) {
    throw new Error(
      `the user data has ${bytes} bytes, and EC2 takes ${USER_DATA_BYTES}: move parts of setUp into the image`,
    );
  }
  return script;
}

function written({ path, content, mode }: BootFile): string {
  return `tee ${path} > /dev/null <<'${END}'\n${content.trimEnd()}\n${END}\nchmod ${mode} ${path}\n`;
}
