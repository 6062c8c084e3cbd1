import { execFileSync } from "node:child_process";

/**
 * Where a project folder's source is kept, as the tag `repositoryUrl`: what git calls `origin`. Nothing without git,
 * without such a remote, or if that is a folder of this machine.
 */
export function repositoryUrl(folder: string): { readonly repositoryUrl?: string } {
  let remote: string;
  try {
    const options = { cwd: folder, encoding: "utf8", stdio: "pipe", timeout: 5000 } as const;
    remote = execFileSync("git", ["config", "--get", "remote.origin.url"], options).trim();
  } catch {
    return {};
  }
  const url = publicUrl(remote);
  return url === undefined ? {} : { repositoryUrl: url };
}

/**
 * One URL for one repository, however it was cloned: otherwise each deployment from another machine would change every
 * resource's tags. Without user, password, port and query, and only with characters that AWS allows in tags
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html).
 */
export function publicUrl(remote: string): string | undefined {
  const [, host, path] =
    /^(?:https?|ssh|git):\/\/(?:[^/@]*@)*([^/:@?#]+)(?::\d*)?\/([^?#]+)/.exec(remote) ??
    /^(?:[^/@:]+@)?([^/:@]+):(?!\/\/)([^?#]+)$/.exec(remote) ??
    [];
  if (host === undefined || path === undefined) {
    return undefined;
  }
  const name = path.replace(/^\/+/, "").replace(/\/*(\.git)?\/*$/, "");
  return `https://${host}/${name}`.replace(/[^\p{L}\p{N} _.:/=+\-@]/gu, "_").slice(0, 256);
}
