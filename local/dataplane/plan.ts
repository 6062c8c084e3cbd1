import { isIPv4 } from "node:net";

/** Addresses of a laboratory: a zone's own, and the world's, which is the same in every one. */
export interface LabPlan {
  readonly vpcCidrBlock: string;
  /** The zone's public subnet, e.g. 10.20.0.0/20. */
  readonly publicCidrBlock: string;
  /** The zone's private subnet, with the client in it. */
  readonly privateCidrBlock: string;
  /** The persistent interface and its address. */
  readonly networkInterfaceId: string;
  readonly interfaceAddress: string;
  readonly instanceId: string;
  /** The access key that the instance gets of its profile's role. */
  readonly accessKeyId: string;
  /** What answers the gateway's proof, and its address: see `proofAddresses`. */
  readonly proofTargets: Readonly<Record<string, string>>;
  /** Names that the client asks for, and where they are. */
  readonly names: Readonly<Record<string, readonly string[]>>;
}

/** The world outside of the VPC. Names with several addresses rotate, one an answer. */
export const WORLD = {
  /** What the world sees: the Elastic IP, and the primary interface's public address. */
  elasticIp: "203.0.113.6",
  primaryIp: "203.0.113.5",
  rotating: ["198.51.100.20", "198.51.100.21", "198.51.100.22", "198.51.100.23"],
  blocked: ["198.51.100.30"],
  /** The regional AWS endpoint. */
  aws: { address: "198.51.100.40", port: 8000 },
} as const;

/** MAC addresses of the two interfaces. */
export const MACS = { primary: "02:00:00:00:00:05", persistent: "02:00:00:00:00:06" } as const;

/** Where the hosts of the gateway's proof are: at their address, or at one of the world's if they are named. */
export function proofAddresses(targets: readonly string[]): Record<string, string> {
  return Object.fromEntries(targets.map((target, i) => [target, isIPv4(target) ? target : `198.51.100.${10 + i}`]));
}

/** An address of a range by its place in it. */
export function host(cidrBlock: string, index: number): string {
  const base = (cidrBlock.split("/")[0] ?? "").split(".").map(Number);
  const value = base.reduce((sum, byte) => sum * 256 + byte, 0) + index;
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

/** The length of a range's prefix. */
export function prefix(cidrBlock: string): string {
  return cidrBlock.split("/")[1] ?? "32";
}

/** The addresses of a plan by what they are, as the scripts of the laboratory read them. */
export function variables(plan: LabPlan): Record<string, string> {
  return {
    PUBLIC_PREFIX: prefix(plan.publicCidrBlock),
    ROUTER: host(plan.publicCidrBlock, 1),
    RESOLVER: host(plan.vpcCidrBlock, 2),
    PRIMARY: host(plan.publicCidrBlock, 200),
    PERSISTENT: plan.interfaceAddress,
    CLIENT: host(plan.privateCidrBlock, 10),
    PRIMARY_MAC: MACS.primary,
    PERSISTENT_MAC: MACS.persistent,
    ELASTIC_IP: WORLD.elasticIp,
    PRIMARY_IP: WORLD.primaryIp,
    CERTIFIED: Object.keys(plan.proofTargets)
      .map((target) => `${isIPv4(target) ? "IP" : "DNS"}:${target}`)
      .join(","),
    WORLD: [...Object.values(plan.proofTargets), ...WORLD.rotating, ...WORLD.blocked, WORLD.aws.address].join(" "),
  };
}
