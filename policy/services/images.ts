/** The parts of an image's name. */
export interface ImageName {
  /** Registry and repository. */
  readonly path: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/** Reads an image's name: `registry:port/repository:tag@sha256:…`, of which all but the repository may be missing. */
export function imageNameOf(image: string): ImageName {
  const [name = "", digest] = image.split("@");
  const [, path = name, tag] = /^(.*?)(?::([^:/]+))?$/.exec(name) ?? [];
  return { path, tag, digest };
}

/** The name of the private ECR repository that a path says: `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME`. */
export const ecrRepositoryIn = (path: string): string | undefined =>
  /^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\/(.+)$/.exec(path)?.[1];
