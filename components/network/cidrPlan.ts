import { Netmask } from "netmask";

/** CIDR blocks of the subnets, one a zone in the order of the zones. */
export interface SubnetCidrBlocks {
  readonly public: readonly string[];
  readonly private: readonly string[];
  readonly isolated: readonly string[];
}

/** The most zones a plan has room for: no Region offers an account more than six. */
export const MAX_ZONES = 6;
/** A VPC is cut into this many equal slots, so that adding a zone later never moves another one's subnets. */
const SLOTS = 8;

/**
 * Cuts a VPC's range into subnets: each zone has an eighth; half of that is private, a quarter public and a quarter
 * isolated.
 * @throws if there are more zones than slots, or the range is smaller than a /22 (whose isolated subnets are a /27).
 */
export function planSubnets(vpcCidrBlock: string, zoneCount: number): SubnetCidrBlocks {
  const vpc = new Netmask(vpcCidrBlock);
  if (zoneCount > MAX_ZONES) {
    throw new Error(`${zoneCount} zones, but there is room for ${MAX_ZONES}`);
  }
  if (vpc.bitmask > 22) {
    throw new Error(`${vpcCidrBlock} is too small: a VPC needs a /22 or larger`);
  }
  const slots = Array.from({ length: zoneCount }, (_, i) => part(vpc, SLOTS, i));
  return {
    private: slots.map((slot) => part(slot, 2, 0).toString()),
    public: slots.map((slot) => part(slot, 4, 2).toString()),
    isolated: slots.map((slot) => part(slot, 4, 3).toString()),
  };
}

/** The `index`-th of `parts` equal parts of a block; `parts` is a power of two. */
function part(block: Netmask, parts: number, index: number): Netmask {
  const size = block.size / parts;
  const first = block.netLong + size * index;
  const address = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join(".");
  return new Netmask(`${address}/${block.bitmask + Math.log2(parts)}`);
}

/** Whether two CIDR blocks share an address. */
export function overlap(a: string, b: string): boolean {
  return new Netmask(a).contains(new Netmask(b).base) || new Netmask(b).contains(new Netmask(a).base);
}

/** Whether `outer` holds all of `inner`. */
export function holds(outer: string, inner: string): boolean {
  return new Netmask(outer).contains(inner);
}
