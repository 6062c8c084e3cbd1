/** Answers a query for an IPv4 address as RFC 1035 has it: one address, or that there is none. Nothing lives in caches. */
export function answer(query: Buffer, addressOf: (name: string) => string | undefined): Buffer {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  const end = at + 5;
  const isA = query.readUInt16BE(at + 1) === 1;
  const name = labels.join(".").toLowerCase();
  const address = isA ? addressOf(name) : undefined;
  const header = Buffer.alloc(12);
  header.writeUInt16BE(query.readUInt16BE(0), 0);
  // A response, recursion available; no such name for what isn't known, an empty answer for other types.
  header.writeUInt16BE(address === undefined && isA ? 0x8183 : 0x8180, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(address === undefined ? 0 : 1, 6);
  const question = query.subarray(12, end);
  if (address === undefined) {
    return Buffer.concat([header, question]);
  }
  const record = Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split(".").map(Number)]);
  return Buffer.concat([header, question, record]);
}
