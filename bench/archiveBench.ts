import { LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import * as pulumi from "@pulumi/pulumi";
import { zipSync } from "fflate";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Clients } from "../local/endpoint/clients";

/** The archives of the deployed functions, in bytes, by function name. */
export async function deployedArchives(clients: Clients, region: string): Promise<Record<string, number>> {
  const { Functions = [] } = await clients.make(LambdaClient, region).send(new ListFunctionsCommand({}));
  return Object.fromEntries(Functions.map((f) => [f.FunctionName ?? "", f.CodeSize ?? 0]));
}

/** Bytes of the archive that `CallbackFunction` would make of this program: the code paths that it zips by default. */
export async function defaultArchive(): Promise<number> {
  const paths = await pulumi.runtime.computeCodePaths();
  const files: Record<string, Uint8Array> = {};
  for (const [name, asset] of paths) {
    if (asset instanceof pulumi.asset.FileArchive) {
      addFolder(files, name, await asset.path);
    } else if (asset instanceof pulumi.asset.FileAsset) {
      files[name] = readFileSync(await asset.path);
    }
  }
  return zipSync(files, { level: 6 }).length;
}

function addFolder(files: Record<string, Uint8Array>, name: string, path: string): void {
  for (const entry of readdirSync(path)) {
    const child = join(path, entry);
    if (statSync(child).isDirectory()) {
      addFolder(files, `${name}/${entry}`, child);
    } else {
      files[`${name}/${entry}`] = readFileSync(child);
    }
  }
}
