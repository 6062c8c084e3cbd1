import { PolicyResource } from "@pulumi/policy";
import { FUNCTION } from "./graph";
import { behind, known } from "./unknown";

/** An archive as `@pulumi/pulumi` has it: a program's own texts are known, files and addresses of others are not read. */
interface Archive {
  readonly assets?: Promise<Readonly<Record<string, { readonly text?: Promise<string> }>>>;
}

/**
 * The texts in the archives of functions, by URN and by file name. A function with other code is left out, and so is one
 * whose archive nobody can read any more: `pulumi refresh` shows a provider the hash of an archive only, and what comes
 * back is in the state from then on as an archive without assets, until the code changes
 * (https://github.com/pulumi/pulumi/issues/15729). A really empty one is refused by Lambda.
 */
export async function archivesOf(
  resources: readonly PolicyResource[],
): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
  const functions = resources.filter((r) => r.type === FUNCTION);
  const read = await Promise.all(functions.map(async (fn) => [fn.urn, await textsIn(fn)] as const));
  return new Map(read.flatMap(([urn, files]) => (files === undefined ? [] : [[urn, files]])));
}

async function textsIn(fn: PolicyResource): Promise<Record<string, string> | undefined> {
  const code = known(() => fn.props["code"] as object | undefined);
  // A promise can't be awaited through a proxy.
  const assets = await (code && (behind(code) as Archive))?.assets;
  if (assets === undefined) {
    return undefined;
  }
  const files = await Promise.all(
    Object.entries(assets).map(async ([name, asset]) => [name, await asset.text] as const),
  );
  return files.length === 0 || files.some(([, text]) => text === undefined)
    ? undefined
    : (Object.fromEntries(files) as Record<string, string>);
}
