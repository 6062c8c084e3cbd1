/** The parts of an image's name that matter here. */
export interface ImageName {
  /** Registry and repository; `undefined` for the service's own repository. */
  readonly repository: string | undefined;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/** Reads an image's name: `repository:tag`, `repository@sha256:…`, or these without a repository. */
export function imageNameOf(image: string): ImageName {
  const [, repository, tag, digest] =
    /^([^:@]+(?::\d+\/[^:@]+)?)?(?::([\w][\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(image) ?? [];
  return { repository, tag, digest };
}

/** What is wrong with an image's name, if anything. A tag that moves, or none, says something else at every start of a task. */
export function imageProblem(image: string): string | undefined {
  const { tag, digest } = imageNameOf(image);
  if (tag === undefined && digest === undefined) {
    return `expected a tag or a digest, such as :1.4.2 or @sha256:…, because ${image} without one is another image every time`;
  }
  return digest === undefined && tag === "latest" ? "expected a tag that stays where it is, not latest" : undefined;
}

/** A private ECR repository, as an image's name has it. */
export function ecrRepositoryOf(repository: string): { account: string; region: string; name: string } | undefined {
  const [, account, region, name] =
    /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/(.+)$/.exec(repository) ?? [];
  return account && region && name ? { account, region, name } : undefined;
}
