/** What a task reserves of a host. */
export interface Reservation {
  /** CPU units: 1024 are one virtual CPU. */
  readonly cpu: number;
  /** MiB: the soft limit (`memoryReservation`) if there is one, else the hard one. */
  readonly memory: number;
}

/** A container instance, as far as the model goes by it. */
export interface Host {
  /** Its EC2 instance. */
  readonly ec2InstanceId: string;
  readonly availabilityZone: string;
  readonly status: "ACTIVE" | "DRAINING";
  readonly agentConnected: boolean;
  /** What it has for tasks in all. */
  readonly registered: Reservation;
}

/** A resource as DescribeContainerInstances lists it. */
interface DescribedResource {
  readonly name?: string | undefined;
  readonly integerValue?: number | undefined;
}

/** What DescribeContainerInstances says of a host, as far as the model goes by it: the SDK's answer fits. */
export interface DescribedHost {
  readonly ec2InstanceId?: string | undefined;
  readonly status?: string | undefined;
  readonly agentConnected?: boolean | undefined;
  readonly registeredResources?: readonly DescribedResource[] | undefined;
  readonly attributes?:
    readonly { readonly name: string | undefined; readonly value?: string | undefined }[] | undefined;
}

/** A task that takes its place on a host, whatever its state. */
export interface Placed extends Reservation {
  readonly serviceName: string;
  readonly ec2InstanceId: string;
}

/** A service's placement strategy, as DescribeServices lists it. */
export interface PlacementStrategy {
  readonly type?: string | undefined;
  readonly field?: string | undefined;
}

/** ECS's own for services without any. */
const DEFAULT_STRATEGIES: readonly PlacementStrategy[] = [{ type: "spread", field: "attribute:ecs.availability-zone" }];

/** A host as ECS describes it. */
export function hostOf(described: DescribedHost): Host {
  const resource = (name: string) => described.registeredResources?.find((r) => r.name === name)?.integerValue ?? 0;
  return {
    ec2InstanceId: described.ec2InstanceId ?? "",
    availabilityZone: described.attributes?.find((a) => a.name === "ecs.availability-zone")?.value ?? "",
    status: described.status === "ACTIVE" ? "ACTIVE" : "DRAINING",
    agentConnected: described.agentConnected ?? true,
    registered: { cpu: resource("CPU"), memory: resource("MEMORY") },
  };
}

/** What is left of a host. */
export function remaining({ ec2InstanceId, registered }: Host, placed: readonly Placed[]): Reservation {
  const here = placed.filter((task) => task.ec2InstanceId === ec2InstanceId);
  return {
    cpu: here.reduce((left, task) => left - task.cpu, registered.cpu),
    memory: here.reduce((left, task) => left - task.memory, registered.memory),
  };
}

/**
 * Where ECS places a service's next task: of the active hosts with room, those that the first strategy finds best, of
 * these those that the second does, and so on; `undefined` if none has room. Spreading counts the service's own tasks.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-strategies.html
 */
export function placeOfTask(
  hosts: readonly Host[],
  placed: readonly Placed[],
  serviceName: string,
  needs: Reservation,
  strategies: readonly PlacementStrategy[] = DEFAULT_STRATEGIES,
): Host | undefined {
  let best = hosts.filter((host) => {
    const left = remaining(host, placed);
    return host.status === "ACTIVE" && host.agentConnected && left.cpu >= needs.cpu && left.memory >= needs.memory;
  });
  const own = placed.filter((task) => task.serviceName === serviceName);
  for (const strategy of strategies) {
    const costs = new Map(best.map((host) => [host, cost(strategy, host, hosts, placed, own)]));
    const least = Math.min(...costs.values());
    best = best.filter((host) => costs.get(host) === least);
  }
  return best[0];
}

/** What a strategy would rather have less of. */
function cost(
  { type, field }: PlacementStrategy,
  host: Host,
  hosts: readonly Host[],
  placed: readonly Placed[],
  own: readonly Placed[],
): number {
  if (type === "binpack") {
    return field?.toUpperCase() === "CPU" ? remaining(host, placed).cpu : remaining(host, placed).memory;
  }
  if (type !== "spread") {
    return 0;
  }
  const alike = (other: Host | undefined) =>
    field === "attribute:ecs.availability-zone" ? other?.availabilityZone === host.availabilityZone : other === host;
  return own.filter((task) => alike(hosts.find((h) => h.ec2InstanceId === task.ec2InstanceId))).length;
}

/** Tasks that a service is to have. */
export interface Demand extends Reservation {
  readonly serviceName: string;
  readonly count: number;
  readonly strategies?: readonly PlacementStrategy[] | undefined;
  /** Whether a host may have them: by capacity provider or placement constraint. @default all may */
  readonly admits?: (host: Host) => boolean;
  /** Whether a host takes one of them at most: a fixed host port, or `distinctInstance`. @default false */
  readonly alone?: boolean;
}

/**
 * How many tasks find no room, by service, if services are placed on empty hosts one after the other, each task where ECS
 * would place it. The largest come first, the order in which most find room; ECS starts them in the order in which they
 * are missing, so that what just fits here may not there.
 */
export function unplaced(hosts: readonly Host[], demands: readonly Demand[]): Map<string, number> {
  const placed: Placed[] = [];
  const without = new Map<string, number>();
  const share = ({ cpu, memory }: Reservation) =>
    Math.max(...hosts.map((h) => Math.max(cpu / h.registered.cpu, memory / h.registered.memory)), 0);
  for (const demand of [...demands].sort((a, b) => share(b) - share(a))) {
    const { serviceName, count, cpu, memory, strategies, admits, alone = false } = demand;
    let open = admits === undefined ? hosts : hosts.filter(admits);
    for (let i = 0; i < count; i++) {
      const host = placeOfTask(open, placed, serviceName, demand, strategies);
      if (host === undefined) {
        without.set(serviceName, (without.get(serviceName) ?? 0) + count - i);
        break;
      }
      open = alone ? open.filter((other) => other !== host) : open;
      placed.push({ serviceName, ec2InstanceId: host.ec2InstanceId, cpu, memory });
    }
  }
  return without;
}
