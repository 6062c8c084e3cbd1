import { PolicyResource } from "@pulumi/policy";
import { Reservation } from "../../model/ecs/placement";
import { Graph } from "../core/graph";
import { items, known, read, UNKNOWN } from "../core/unknown";
import { Container, containersOf } from "./containers";
import { SCALABLE_TARGET, SERVICE, TASK_DEFINITION } from "./types";

/** Whether a service has a task on each host, whatever its number. */
export const isDaemon = ({ props }: PolicyResource): boolean => known(() => props["schedulingStrategy"]) === "DAEMON";

/** How few tasks a service may have, and by which property of which resource. */
export interface FewestTasks {
  readonly count: number | typeof UNKNOWN;
  readonly property: string;
  readonly of: PolicyResource;
}

/** How few tasks services may have: what they scale to at least if they are scaled, else what is desired. */
export class TaskCounts {
  private readonly targets = new Map<PolicyResource, PolicyResource>();

  constructor(graph: Graph) {
    for (const target of graph.ofType(SCALABLE_TARGET)) {
      for (const service of scaledBy(graph, target)) {
        this.targets.set(service, target);
      }
    }
  }

  fewest(service: PolicyResource): FewestTasks {
    if (isDaemon(service)) {
      // As many as there are hosts.
      return { count: 0, property: "schedulingStrategy", of: service };
    }
    const target = this.targets.get(service);
    const [of, property] = target === undefined ? [service, "desiredCount"] : [target, "minCapacity"];
    // The provider takes a number that isn't given for none.
    return { count: read(() => of.props[property] as number | undefined) ?? 0, property, of };
  }
}

/** The services whose number of tasks a scalable target holds: `service/CLUSTER/SERVICE`. */
function scaledBy(graph: Graph, target: PolicyResource): PolicyResource[] {
  const made = graph.dependencies(target, "resourceId", SERVICE);
  if (made.length > 0) {
    return made;
  }
  const [kind, , name = ""] = (known(() => target.props["resourceId"] as string | undefined) ?? "").split("/");
  const named = kind === "service" ? graph.byId(name, SERVICE) : undefined;
  return named === undefined ? [] : [named];
}

/** What a task takes of its host. */
export interface TaskNeeds extends Reservation {
  /** Two of the kind can't be on one host: both would have its port. */
  readonly alone: boolean;
}

/**
 * What each task of a service takes of its host: the task's own sizes if it has any, else those of its containers, of
 * which the soft limit counts. `UNKNOWN` if the definition isn't this stack's or not known before the update.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters_ec2.html
 */
export function needsOf(graph: Graph, service: PolicyResource): TaskNeeds | typeof UNKNOWN {
  const [definition] = graph.referred(service, "taskDefinition", TASK_DEFINITION);
  if (definition === undefined) {
    return UNKNOWN;
  }
  const { props } = definition;
  const containers = containersOf(definition);
  const size = (key: "cpu" | "memory") => {
    const own = read(() => props[key] as string | number | undefined);
    return own === undefined || own === null || own === "" ? undefined : own === UNKNOWN ? UNKNOWN : sizeIn(own);
  };
  const sum = (take: (container: Container) => number | undefined) =>
    containers === UNKNOWN ? UNKNOWN : containers.reduce((total, c) => total + (take(c) ?? 0), 0);
  const cpu = size("cpu") ?? sum((c) => c.cpu);
  const memory = size("memory") ?? sum((c) => c.memoryReservation ?? c.memory);
  if (cpu === UNKNOWN || memory === UNKNOWN) {
    return UNKNOWN;
  }
  const mode = known(() => props["networkMode"] as string | undefined) ?? "bridge";
  const ports = (containers === UNKNOWN ? [] : containers).flatMap((c) => c.portMappings ?? []);
  const hasPort = ports.some((p) => (mode === "host" ? (p.hostPort ?? p.containerPort ?? 0) : (p.hostPort ?? 0)) > 0);
  const constraints = items(() => service.props["placementConstraints"] as { type?: string }[] | undefined);
  const isDistinct =
    constraints !== UNKNOWN && constraints.some((c) => c !== UNKNOWN && known(() => c.type) === "distinctInstance");
  return { cpu, memory, alone: (hasPort && mode !== "awsvpc") || isDistinct };
}

/** CPU units of `256` or `1 vCPU`, MiB of `512` or `1 GB`. */
const sizeIn = (value: string | number): number =>
  (Number.parseFloat(String(value)) || 0) * (/vcpu|gb/i.test(String(value)) ? 1024 : 1);
