import { PolicyResource } from "@pulumi/policy";
import { make } from "../core/example";
import { Finding, undetermined } from "../core/finding";
import { Graph } from "../core/graph";
import { Rule } from "../core/rule";
import { at, known, knownItems, read, UNKNOWN } from "../core/unknown";
import { containersOf } from "./containers";
import { ecrRepositoryIn, imageNameOf } from "./images";
import { REPOSITORY, TASK_DEFINITION } from "./types";

/** What the registry itself scans, whatever its repositories say. */
const REGISTRY_SCANNING = "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration";
/** What builds an image and names it by its digest. */
const BUILDS = ["docker-build:index:Image", "docker:index/image:Image", "awsx:ecr:Image", "awsx:ecr:RegistryImage"];

const example = (imageTagMutability: string) => [
  make(REPOSITORY, "orders", { name: "orders", imageTagMutability, imageScanningConfiguration: { scanOnPush: true } }),
  make(TASK_DEFINITION, "orders-task", {
    family: "orders",
    containerDefinitions: JSON.stringify([
      { name: "orders", image: "123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:1.4.2", memoryReservation: 256 },
    ]),
  }),
];

/** A version is the same image tomorrow. */
export const repositoriesKeepTags: Rule = {
  name: "repositories-keep-tags",
  what: "In repositories whose images tasks name by tag, no tag can be moved; repositories scan what is pushed.",
  why: "Whoever pushes 1.4.2 again changes what every task runs that starts from then on, in a recovery too, without a deployment that could be gone back from.",
  mend: 'Set `imageTagMutability` to `"IMMUTABLE"`, or name images by digest, and set `imageScanningConfiguration.scanOnPush` to true.',
  pages: [
    "https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html",
    "https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html",
  ],
  onlyWith: REPOSITORY,
  examples: { fails: example("MUTABLE"), passes: example("IMMUTABLE") },
  find: (graph: Graph) => [
    ...graph.ofType(TASK_DEFINITION).flatMap((definition) => moved(graph, definition)),
    ...(registryScans(graph) ? [] : graph.ofType(REPOSITORY).flatMap(unscanned)),
  ],
};

/** Whether tags stay where they are: with exceptions of which tags move, it can't be told which are meant. */
const isMutable = ({ props }: PolicyResource): boolean =>
  (known(() => props["imageTagMutability"] as string | undefined) ?? "MUTABLE").startsWith("MUTABLE");

function moved(graph: Graph, definition: PolicyResource): Finding[] {
  const containers = containersOf(definition);
  if (containers === UNKNOWN) {
    const property = "containerDefinitions";
    const isBuilt = (definition.propertyDependencies[property] ?? []).some(({ type }) => BUILDS.includes(type));
    return graph
      .dependencies(definition, property, REPOSITORY)
      .filter((repository) => !isBuilt && isMutable(repository))
      .map(
        ({ name, urn }) =>
        undetermined(`whether task definition ${definition.name} names images of repository ${name} by tag, which can be moved there, isn't known before the update: set imageTagMutability to "IMMUTABLE"`, urn), // prettier-ignore
      );
  }
  return containers.flatMap(({ image = "" }): Finding[] => {
    const { path, digest } = imageNameOf(image);
    const name = ecrRepositoryIn(path);
    const own = name === undefined ? undefined : graph.byId(name, REPOSITORY);
    return digest !== undefined || own === undefined || !isMutable(own)
      ? []
      : [{ message: `task definition ${definition.name} runs ${image}, and tags of repository ${own.name} can be moved: set its imageTagMutability to "IMMUTABLE"`, urn: own.urn }]; // prettier-ignore
  });
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
