/** What an EC2 instance type has. */
export interface TypeSize {
  readonly vCpus: number;
  readonly memoryGiB: number;
}

/** GiB of memory for each vCPU, by the letters of a type's family. */
const GIB_PER_VCPU: Readonly<Record<string, number>> = { c: 2, m: 4, r: 8, x: 16 };
/** vCPUs by size. */
const VCPUS: Readonly<Record<string, number>> = { medium: 1, large: 2, xlarge: 4 };
/** The burstable types t3, t3a and t4g. */
const BURSTABLE: Readonly<Record<string, TypeSize>> = {
  nano: { vCpus: 2, memoryGiB: 0.5 },
  micro: { vCpus: 2, memoryGiB: 1 },
  small: { vCpus: 2, memoryGiB: 2 },
  medium: { vCpus: 2, memoryGiB: 4 },
  large: { vCpus: 2, memoryGiB: 8 },
  xlarge: { vCpus: 4, memoryGiB: 16 },
  "2xlarge": { vCpus: 8, memoryGiB: 32 },
};

/**
 * vCPUs and memory of an instance type; `undefined` if its name doesn't tell, as those of types before the fifth
 * generation don't.
 * https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
 */
export function sizeOfType(instanceType: string): TypeSize | undefined {
  const [, family = "", letter = "", generation = "", size = ""] =
    /^(([a-z])(\d+)[a-z]*)\.(\w+)$/.exec(instanceType) ?? [];
  if (letter === "t") {
    return Number(generation) < 3 ? undefined : BURSTABLE[size];
  }
  const times = /^(\d+)xlarge$/.exec(size)?.[1];
  const vCpus = times === undefined ? VCPUS[size] : 4 * Number(times);
  const perVCpu = exception(family) ?? GIB_PER_VCPU[letter];
  const isOld = letter !== "x" && Number(generation) < 5;
  return vCpus === undefined || perVCpu === undefined || isOld ? undefined : { vCpus, memoryGiB: vCpus * perVCpu };
}

/** Families of their own make: x2iedn and x2iezn have twice as much memory as x2g, c5n a third more than c5. */
function exception(family: string): number | undefined {
  return /^x\d+ie/.test(family) ? 32 : family === "c5n" ? 2.625 : undefined;
}
