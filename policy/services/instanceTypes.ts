/** What an instance type has: CPU units (1024 a virtual CPU) and MiB. */
export interface InstanceSize {
  readonly cpu: number;
  readonly memory: number;
}

const GIB = 1024;

/**
 * GiB a virtual CPU, by the letter of the family, of the generations from the fifth on.
 * https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-types.html
 */
const GIB_A_CPU: Readonly<Record<string, number>> = { c: 2, m: 4, r: 8 };

/** Virtual CPUs by size. Bare metal has others in each family. */
const CPUS: Readonly<Record<string, number>> = { medium: 1, large: 2, xlarge: 4 };

/** Burstable sizes: virtual CPUs of t3, t3a and t4g, and GiB. */
const BURSTABLE: Readonly<Record<string, readonly [cpus: number, gib: number]>> = {
  nano: [2, 0.5],
  micro: [2, 1],
  small: [2, 2],
  medium: [2, 4],
  large: [2, 8],
  xlarge: [4, 16],
  "2xlarge": [8, 32],
};

/** What a common type has; `undefined` of others, which don't follow the families' rule or aren't known here. */
export function sizeOfType(type: string): InstanceSize | undefined {
  const [family = "", size = ""] = type.split(".");
  if (/^t(3a?|4g)$/.test(family)) {
    const [cpus, gib] = BURSTABLE[size] ?? [];
    return cpus === undefined || gib === undefined ? undefined : { cpu: cpus * 1024, memory: gib * GIB };
  }
  // c5n has 2.625 GiB a virtual CPU.
  const [, letter = ""] = /^([cmr])[5-9][a-z]*(?:-flex)?$/.exec(family === "c5n" ? "" : family) ?? [];
  const [, times] = /^(\d+)xlarge$/.exec(size) ?? [];
  const cpus = times === undefined ? CPUS[size] : Number(times) * 4;
  const gib = GIB_A_CPU[letter];
  return gib === undefined || cpus === undefined ? undefined : { cpu: cpus * 1024, memory: cpus * gib * GIB };
}

/**
 * The least that an instance registers with ECS of its memory: the kernel and the hypervisor keep some. 7.5 % is what
 * Karpenter reckons with (https://karpenter.sh/docs/reference/settings/, vm-memory-overhead-percent); of small types it is
 * more. What ECS makes of it: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/memory-management.html
 * @param kept MiB that ECS's agent is told to keep besides
 */
export const leastRegistered = ({ cpu, memory }: InstanceSize, kept = 0): InstanceSize => ({
  cpu,
  memory: Math.max(0, Math.floor(memory - Math.max(memory * 0.075, 160)) - kept),
});
