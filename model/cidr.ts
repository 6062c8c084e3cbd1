/** A block of IPv4 or IPv6 addresses, as numbers. */
interface Block {
  /** Bits of an address: 32 or 128. */
  readonly bits: number;
  readonly address: bigint;
  readonly prefix: number;
}

/**
 * Whether an address lies in a block, IPv4 or IPv6; an address alone is a block of one. `undefined` if the block is not
 * one; an address that is none lies nowhere.
 */
export function cidrContains(cidr: string, address: string): boolean | undefined {
  const block = parse(cidr);
  if (block === undefined) {
    return undefined;
  }
  const inner = parse(address);
  if (inner?.bits !== block.bits || inner.prefix < block.prefix) {
    return false;
  }
  const shift = BigInt(block.bits - block.prefix);
  return block.address >> shift === inner.address >> shift;
}

function parse(cidr: string): Block | undefined {
  const [text = "", length, ...rest] = cidr.split("/");
  const parsed = text.includes(":") ? parseV6(text) : parseV4(text);
  const prefix = length === undefined ? parsed?.bits : Number(length);
  if (parsed === undefined || rest.length > 0 || length === "" || !Number.isInteger(prefix)) {
    return undefined;
  }
  return prefix !== undefined && prefix >= 0 && prefix <= parsed.bits ? { ...parsed, prefix } : undefined;
}

function parseV4(text: string): { bits: number; address: bigint } | undefined {
  const bytes = text.split(".");
  const valid = bytes.length === 4 && bytes.every((b) => /^\d{1,3}$/.test(b) && Number(b) < 256);
  return valid ? { bits: 32, address: bytes.reduce((sum, b) => sum * 256n + BigInt(b), 0n) } : undefined;
}

function parseV6(text: string): { bits: number; address: bigint } | undefined {
  const halves = text.split("::").map((half) => (half === "" ? [] : half.split(":")));
  const [head = [], tail] = halves;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (halves.length > 2 || (tail === undefined ? missing !== 0 : missing < 1)) {
    return undefined;
  }
  const groups = [...head, ...Array<string>(missing).fill("0"), ...(tail ?? [])];
  return groups.every((g) => /^[0-9a-f]{1,4}$/i.test(g))
    ? { bits: 128, address: groups.reduce((sum, g) => sum * 65536n + BigInt(`0x${g}`), 0n) }
    : undefined;
}
