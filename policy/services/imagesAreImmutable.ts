import { PolicyResource } from "@pulumi/policy";
import { make } from "../core/example";
import { Finding } from "../core/finding";
import { Graph } from "../core/graph";
import { Rule } from "../core/rule";
import { UNKNOWN } from "../core/unknown";
import { containersOf } from "./containers";
import { imageNameOf } from "./images";
import { TASK_DEFINITION } from "./types";

const task = (image: string) =>
  make(TASK_DEFINITION, "orders-task", {
    family: "orders",
    containerDefinitions: JSON.stringify([{ name: "orders", image, memoryReservation: 256 }]),
  });
const IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/orders";

/** A task that is started again is what it was. */
export const imagesAreImmutable: Rule = {
  name: "images-are-immutable",
  what: "Containers run images by digest, or by a tag other than latest.",
  why: "A task that ECS starts again, in another zone or after a rollback, pulls its image by name. If that means another image by then, a recovery becomes a deployment, and there is nothing to go back to.",
  mend: "Name the image by its digest or its version.",
  pages: ["https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-tasks-containers.html"],
  eachResource: true,
  onlyWith: TASK_DEFINITION,
  examples: { fails: [task(`${IMAGE}:latest`)], passes: [task(`${IMAGE}:1.4.2`)] },
  find: (graph: Graph) => graph.ofType(TASK_DEFINITION).flatMap(moving),
};

function moving(definition: PolicyResource): Finding[] {
  const { name, urn } = definition;
  const containers = containersOf(definition);
  if (containers === UNKNOWN) {
    // It names what this update makes. The engine asks again in the update, before the definition is made.
    return [];
  }
  return containers.flatMap(({ image }): Finding[] => {
    const { tag, digest } = imageNameOf(image ?? "");
    if (image === undefined || digest !== undefined || (tag !== undefined && tag !== "latest")) {
      return [];
    }
    const what = tag === undefined ? `${image}, without a tag,` : image;
    const message = `task definition ${name} runs ${what} whatever that is when a task starts: name a version or a digest`;
    return [{ message, urn }];
  });
}
