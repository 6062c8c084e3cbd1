import { execFileSync } from "node:child_process";
import { cpSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";

/** Packs the policy pack as `npm pack` does and unpacks it in a folder, without the repository's sources; where it is. */
export function unpacked(folder: string): string {
  for (const part of ["policy", "model"]) {
    cpSync(part, join(folder, part), { recursive: true });
  }
  symlinkSync(join(process.cwd(), "node_modules"), join(folder, "node_modules"));
  const env = { ...process.env, PATH: `${join(process.cwd(), "node_modules", ".bin")}:${process.env["PATH"] ?? ""}` };
  const run = (program: string, args: string[], cwd: string) =>
    execFileSync(program, args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  const [{ filename = "" } = {}] = JSON.parse(run("npm", ["pack", "--json"], join(folder, "policy"))) as {
    filename: string;
  }[];
  run("tar", ["xzf", join("policy", filename)], folder);
  ["policy", "model", "node_modules"].forEach((part) => rmSync(join(folder, part), { recursive: true }));
  const pack = join(folder, "package");
  // What `npm install` would bring.
  symlinkSync(join(process.cwd(), "node_modules"), join(pack, "node_modules"));
  return pack;
}
