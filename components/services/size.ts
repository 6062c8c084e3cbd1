import { sizeOfType } from "../common/instanceType";

/** What a task reserves, or a host has for tasks: 1,024 CPU units are a vCPU. */
export interface Reservation {
  readonly cpu: number;
  readonly memoryMiB: number;
}

/** How many tasks of a service there have to be, whatever is lost. */
export interface Demand extends Reservation {
  readonly name: string;
  readonly minimum: number;
  /** How many there may be. */
  readonly maximum: number;
}

/**
 * The share of its memory that a host can't give to tasks, because the kernel keeps it: 7.5 %, which is what Karpenter
 * reckons with by default (https://karpenter.sh/docs/reference/settings/, VM_MEMORY_OVERHEAD_PERCENT).
 */
const KERNEL_SHARE = 0.075;
/** MiB that ECS's agent keeps free on each host for itself and the system: `ECS_RESERVED_MEMORY`. */
export const RESERVED_MIB = 256;

/**
 * What a host of a type has for tasks, at least; `undefined` if the type's name doesn't tell.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/memory-management.html
 */
export function capacityOf(instanceType: string): Reservation | undefined {
  const size = sizeOfType(instanceType);
  return (
    size && {
      cpu: 1024 * size.vCpus,
      memoryMiB: Math.floor(1024 * size.memoryGiB * (1 - KERNEL_SHARE)) - RESERVED_MIB,
    }
  );
}

/** A host in a zone, with what is left of it. */
interface Host {
  readonly zone: number;
  cpu: number;
  memoryMiB: number;
  /** Tasks of the service that is being placed. */
  own: number;
}

/**
 * Whether every service's minimum finds room on as many hosts, spread evenly over zones, when the fullest zone is lost:
 * each task is placed where ECS would place it, in the zone and then on the host with the fewest tasks of its service.
 * The largest come first.
 */
export function fitsWithoutFullestZone(
  count: number,
  zones: number,
  capacity: Reservation,
  demands: readonly Demand[],
): boolean {
  const left = count - Math.ceil(count / zones);
  const hosts: Host[] = Array.from({ length: left }, (_, i) => ({ ...capacity, zone: i % (zones - 1), own: 0 }));
  const share = ({ cpu, memoryMiB }: Reservation) => Math.max(cpu / capacity.cpu, memoryMiB / capacity.memoryMiB);
  return [...demands].sort((a, b) => share(b) - share(a)).every((demand) => place(demand, hosts));
}

/** Places a service's minimum. @returns whether all of it found room. */
function place({ cpu, memoryMiB, minimum }: Demand, hosts: readonly Host[]): boolean {
  const inZone = new Map<number, number>();
  hosts.forEach((host) => (host.own = 0));
  for (let task = 0; task < minimum; task++) {
    const tasks = (host: Host) => inZone.get(host.zone) ?? 0;
    const [best] = hosts
      .filter((host) => host.cpu >= cpu && host.memoryMiB >= memoryMiB)
      .sort((a, b) => tasks(a) - tasks(b) || a.own - b.own);
    if (best === undefined) {
      return false;
    }
    best.cpu -= cpu;
    best.memoryMiB -= memoryMiB;
    best.own++;
    inZone.set(best.zone, tasks(best) + 1);
  }
  return true;
}

/** Hosts that a group may have at most. */
export const MOST_HOSTS = 500;

/**
 * The fewest hosts with which every service's minimum still fits when the fullest zone is lost: two, in two zones, at
 * the least. `undefined` if a task is larger than a host, or no number up to {@link MOST_HOSTS} is enough.
 */
export function hostsForZoneLoss(zones: number, capacity: Reservation, demands: readonly Demand[]): number | undefined {
  if (zones < 2 || demands.some(({ cpu, memoryMiB }) => cpu > capacity.cpu || memoryMiB > capacity.memoryMiB)) {
    return undefined;
  }
  // The sum is a lower bound of what is left; packing says how far from it the answer is.
  const sum = (part: (r: Reservation) => number) =>
    demands.reduce((total, demand) => total + demand.minimum * part(demand), 0) / part(capacity);
  const left = Math.ceil(
    Math.max(
      sum((r) => r.cpu),
      sum((r) => r.memoryMiB),
    ),
  );
  for (let count = Math.max(2, left + 1); count <= MOST_HOSTS; count++) {
    if (fitsWithoutFullestZone(count, zones, capacity, demands)) {
      return count;
    }
  }
  return undefined;
}

/** How many hosts there are. */
export interface HostCount {
  /** The fewest, with which the stack starts. */
  readonly minimum: number;
  readonly maximum: number;
  /** As many as carry every service's minimum: what is left of the fewest that survive the loss of a zone. */
  readonly required: number;
}

/** What says how many hosts a cluster has. */
export interface ClusterSizeArgs {
  readonly zones: number;
  readonly capacity: Reservation;
  readonly services: readonly Demand[];
  /** @default what the services' minimums and the number of zones ask for */
  readonly minHosts?: number | undefined;
  /** @default what the services' maximums ask for in the same way, and no fewer than twice the fewest */
  readonly maxHosts?: number | undefined;
}

/** How many hosts a cluster has, if nothing is wrong with what it is to carry. */
export function sizeOf({ zones, capacity, services, minHosts, maxHosts }: ClusterSizeArgs): HostCount {
  const needed = hostsForZoneLoss(zones, capacity, services) ?? 2;
  const minimum = minHosts ?? needed;
  return {
    minimum,
    maximum: maxHosts ?? Math.max(2 * minimum, mostHosts(zones, capacity, services)),
    required: needed - Math.ceil(needed / zones),
  };
}

function mostHosts(zones: number, capacity: Reservation, services: readonly Demand[]): number {
  const atMost = services.map((service) => ({ ...service, minimum: service.maximum }));
  return hostsForZoneLoss(zones, capacity, atMost) ?? MOST_HOSTS;
}

/** Where something is wrong, and what was expected. */
export interface SizeProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What keeps a cluster's hosts from carrying its services when a zone is lost; all of it. */
export function sizeProblems(args: ClusterSizeArgs): SizeProblem[] {
  const { zones, capacity, services, minHosts, maxHosts } = args;
  if (zones < 2) {
    return [{ path: ["zones"], message: `expected 2 or more zones, not ${zones}: one alone survives no loss` }];
  }
  const tooLarge = services.flatMap(({ cpu, memoryMiB }, i) => [
    ...tooMuch(cpu, capacity.cpu, ["services", i, "cpu"], "CPU units"),
    ...tooMuch(memoryMiB, capacity.memoryMiB, ["services", i, "memoryMiB"], "MiB"),
  ]);
  if (tooLarge.length > 0) {
    return tooLarge;
  }
  const needed = hostsForZoneLoss(zones, capacity, services);
  if (needed === undefined) {
    return [
      { path: ["hosts", "instanceType"], message: `expected a larger type: ${MOST_HOSTS} hosts of it are too few` },
    ];
  }
  const why = `because the minimum of every service has to fit on the hosts that are left when one of ${zones} zones is lost`;
  const problems: SizeProblem[] = [];
  if (minHosts !== undefined && !(minHosts >= needed && fitsWithoutFullestZone(minHosts, zones, capacity, services))) {
    problems.push({ path: ["hosts", "minHosts"], message: `expected ${needed} or more, ${why}` });
  }
  if (maxHosts !== undefined && maxHosts < Math.max(needed, minHosts ?? 0)) {
    const message =
      maxHosts < needed
        ? `expected ${needed} or more, ${why}`
        : `expected minHosts (${minHosts}) or more, not ${maxHosts}`;
    problems.push({ path: ["hosts", "maxHosts"], message });
  }
  return problems;
}

const tooMuch = (given: number, most: number, path: readonly (string | number)[], unit: string): SizeProblem[] =>
  given <= most
    ? []
    : [{ path, message: `expected ${most} ${unit} or fewer, which is what a host has for tasks, not ${given}` }];
