/* eslint-disable @typescript-eslint/no-explicit-any -- the plugin boundary: whatever the engine sends */
import * as pulumi from "@pulumi/pulumi";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { ROOT } from "../../common/paths";

/** What Docker never sends to a build: what is installed is not part of what is built. */
const LEFT_OUT = new Set([".git", "node_modules"]);

/** The files of a folder with all below it, in an order that is always the same. */
function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => !LEFT_OUT.has(name));
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesIn(path) : entry.isFile() ? [path] : [];
    });
}

/**
 * What stands for an image's digest: another one whenever anything changes that the image is made of.
 * @throws if Docker could not begin to build it
 */
export function digestOf({ context = ".", dockerfile, ...args }: any): string {
  const folder = resolve(ROOT, context);
  const file = dockerfile === undefined ? join(folder, "Dockerfile") : resolve(ROOT, dockerfile);
  if (!existsSync(folder)) {
    throw new Error(`there is nothing to build an image of: ${folder} doesn't exist`);
  }
  if (!existsSync(file)) {
    throw new Error(`no image can be built of ${folder}: there is no ${file}`);
  }
  if (!/^\s*FROM\s+\S/im.test(readFileSync(file, "utf8"))) {
    throw new Error(`no image can be built of ${folder}: ${file} has no FROM`);
  }
  const hash = createHash("sha256").update(JSON.stringify(args));
  for (const path of new Set([file, ...filesIn(folder)])) {
    hash.update(`${relative(folder, path)}\0`).update(readFileSync(path));
  }
  return `sha256:${hash.digest("hex")}`;
}

/**
 * Stands in for `awsx.ecr.Image` where there is no Docker: nothing is built or pushed. What a build needs is looked for,
 * and the image is called as the real one is, by repository and digest (github.com/pulumi/pulumi-awsx, awsx/ecr/image.ts).
 * The real one has a child that Docker's Buildx makes; it tags the image with `imageTag`, which the URI doesn't say.
 */
export class Image extends pulumi.ComponentResource {
  readonly state: pulumi.Inputs;

  constructor(name: string, args: any, opts: pulumi.ComponentResourceOptions) {
    super("awsx:ecr:Image", name, {}, opts);
    const imageUri = pulumi
      .output(args)
      .apply(({ repositoryUrl, registryId: _, imageName: _name, imageTag: _tag, cacheFrom: _cache, ...build }: any) => {
        return `${repositoryUrl}@${digestOf(build)}`;
      });
    this.state = { imageUri };
    this.registerOutputs(this.state);
  }
}
