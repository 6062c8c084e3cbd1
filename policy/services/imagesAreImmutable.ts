import { PolicyResource } from "@pulumi/policy";
import { make, ref } from "../core/example";
import { Finding, undetermined } from "../core/finding";
import { Graph } from "../core/graph";
import { Rule } from "../core/rule";
import { at, known, knownItems, read, UNKNOWN } from "../core/unknown";
import { containersOf } from "./tasks";
import { REPOSITORY, TASK_DEFINITION } from "./types";

/** What the registry itself scans, whatever its repositories say. */
const REGISTRY_SCANNING = "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration";
/** What builds an image and names it by its digest. */
const BUILDS = ["docker-build:index:Image", "docker:index/image:Image", "awsx:ecr:Image", "awsx:ecr:RegistryImage"];

const repository = (imageTagMutability: string) =>
  make(REPOSITORY, "orders", { name: "orders", imageTagMutability, imageScanningConfiguration: { scanOnPush: true } });
const task = (image: string) =>
  make(TASK_DEFINITION, "orders-task", {
    family: "orders",
    executionRoleArn: ref("orders-execution", "arn"),
    containerDefinitions: JSON.stringify([{ name: "orders", image, memoryReservation: 256 }]),
  });
const IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/orders";

/** A task that is started again is what it was. */
export const imagesAreImmutable: Rule = {
  name: "images-are-immutable",
  what: "Containers run images that stay what they are: by digest, or by a tag other than latest in a repository whose tags don't move; repositories scan what is pushed.",
  why: "A task that ECS starts again, in another zone or after a rollback, pulls its image by name. If that means another image by then, a recovery becomes a deployment, and there is nothing to go back to.",
  mend: 'Name the image by digest or version, and set `imageTagMutability` to `"IMMUTABLE"` and `imageScanningConfiguration.scanOnPush` to true.',
  pages: [
    "https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html",
    "https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html",
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-tasks-containers.html",
  ],
  onlyWith: TASK_DEFINITION,
  examples: {
    fails: [repository("MUTABLE"), task(`${IMAGE}:latest`)],
    passes: [repository("IMMUTABLE"), task(`${IMAGE}:1.4.2`)],
  },
  find: (graph: Graph) => [
    ...graph.ofType(TASK_DEFINITION).flatMap((definition) => moving(graph, definition)),
    ...(registryScans(graph) ? [] : graph.ofType(REPOSITORY).flatMap(unscanned)),
  ],
};

function moving(graph: Graph, definition: PolicyResource): Finding[] {
  const { name, urn } = definition;
  const containers = containersOf(definition);
  if (containers === UNKNOWN) {
    const parts = definition.propertyDependencies["containerDefinitions"] ?? [];
    return parts.some(({ type }) => BUILDS.includes(type))
      ? []
      : [undetermined(`the images of task definition ${name} aren't known before the update: see the update's verdict`, urn)]; // prettier-ignore
  }
  return containers.flatMap(({ image }): Finding[] => {
    if (image === undefined || /@sha256:[0-9a-f]{64}$/.test(image)) {
      return [];
    }
    const [, path = image, tag] = /^(.*?)(?::([^:/]+))?$/.exec(image) ?? [];
    if (tag === undefined || tag === "latest") {
      const what = tag === undefined ? `${image}, without a tag,` : image;
      return [{ message: `task definition ${name} runs ${what} whatever that is when a task starts: name a version or a digest`, urn }]; // prettier-ignore
    }
    const own = repositoryOf(graph, path);
    const mutability = own && (read(() => own.props["imageTagMutability"] as string | undefined) ?? "MUTABLE");
    if (own === undefined || mutability === UNKNOWN || !String(mutability).startsWith("MUTABLE")) {
      return [];
    }
    return [{ message: `task definition ${name} runs ${image}, and tags of repository ${own.name} can be moved: set its imageTagMutability to "IMMUTABLE"`, urn: own.urn }]; // prettier-ignore
  });
}

/** The repository of this stack that an image is in: `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME`. */
function repositoryOf(graph: Graph, path: string): PolicyResource | undefined {
  const [, name] = /^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\/(.+)$/.exec(path) ?? [];
  return name === undefined ? undefined : graph.byId(name, REPOSITORY);
}

/** Whether the registry scans by itself: when an image is pushed, or all the time. */
const registryScans = (graph: Graph): boolean =>
  graph
    .ofType(REGISTRY_SCANNING)
    .flatMap((one) => knownItems(() => one.props["rules"] as { scanFrequency?: string }[] | undefined))
    .some((rule) => known(() => rule.scanFrequency) !== "MANUAL");

function unscanned({ name, props, urn }: PolicyResource): Finding[] {
  const scans = read(() => at(props, "imageScanningConfiguration.scanOnPush"));
  if (scans === true) {
    return [];
  }
  return scans === UNKNOWN
    ? [undetermined(`imageScanningConfiguration of repository ${name} isn't known before the update: write it literally`, urn)] // prettier-ignore
    : [{ message: `repository ${name} doesn't scan what is pushed: set imageScanningConfiguration.scanOnPush to true`, urn }]; // prettier-ignore
}
