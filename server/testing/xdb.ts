import { type IpAddress, ipBlock, parseIp } from "@/server/lib/ip";

/** A range of addresses, as a block or `first-last`, and the text of its region. */
export type XdbRange = readonly [addresses: string, region: string];

const HEADER_BYTES = 256;
const VECTOR_BYTES = 8;
const DATA_START = HEADER_BYTES + 65_536 * VECTOR_BYTES;

/**
 * Writes a database as ip2region's own program does (maker/golang/xdb/maker.go): ranges are divided where the first two
 * bytes change, and equal texts are stored once.
 * @param ranges ascending, without overlap
 */
export function makeXdb(version: 4 | 6, ranges: readonly XdbRange[]): Buffer {
  const width = version === 4 ? 4 : 16;
  const entryBytes = 2 * width + 6;
  const texts = new Map<string, { at: number; bytes: Buffer }>();
  let dataEnd = DATA_START;
  for (const [, region] of ranges) {
    if (texts.has(region)) continue;
    const bytes = Buffer.from(region);
    texts.set(region, { at: dataEnd, bytes });
    dataEnd += bytes.length;
  }
  const head = Buffer.alloc(dataEnd);
  for (const { at, bytes } of texts.values()) bytes.copy(head, at);
  const entries: Buffer[] = [];
  for (const [addresses, region] of ranges) {
    const text = texts.get(region);
    for (const [first, last] of divided(addresses, width)) {
      const at = dataEnd + entries.length * entryBytes;
      const entry = Buffer.alloc(entryBytes);
      // IPv4 addresses are in little endian order, IPv6 addresses are not.
      (version === 4 ? Buffer.from(first).reverse() : first).copy(entry, 0);
      (version === 4 ? Buffer.from(last).reverse() : last).copy(entry, width);
      entry.writeUInt16LE(text?.bytes.length ?? 0, 2 * width);
      entry.writeUInt32LE(text?.at ?? 0, 2 * width + 2);
      entries.push(entry);
      const vector = HEADER_BYTES + first.readUInt16BE(0) * VECTOR_BYTES;
      if (head.readUInt32LE(vector) === 0) head.writeUInt32LE(at, vector);
      head.writeUInt32LE(at + entryBytes, vector + 4);
    }
  }
  head.writeUInt16LE(3, 0);
  head.writeUInt16LE(1, 2);
  head.writeUInt32LE(dataEnd, 8);
  head.writeUInt32LE(dataEnd + (entries.length - 1) * entryBytes, 12);
  head.writeUInt16LE(version, 16);
  head.writeUInt16LE(4, 18);
  return Buffer.concat([head, ...entries]);
}

/** The parts of a range that have the same first two bytes. */
function* divided(addresses: string, width: 4 | 16): Generator<[first: Buffer, last: Buffer]> {
  const [first, last] = addresses.includes("/") ? endsOf(addresses) : addresses.split("-").map(bytesOf);
  if (first?.length !== width || last?.length !== width) throw new Error(`Not a range of this version: ${addresses}`);
  const lastPrefix = last.readUInt16BE(0);
  for (let prefix = first.readUInt16BE(0); prefix <= lastPrefix; prefix++) {
    const from = Buffer.alloc(width);
    const to = Buffer.alloc(width, 0xff);
    from.writeUInt16BE(prefix);
    to.writeUInt16BE(prefix);
    yield [from.compare(first) < 0 ? first : from, to.compare(last) > 0 ? last : to];
  }
}

function endsOf(block: string): [first: Buffer, last: Buffer] {
  const [address, bits] = ipBlock(block);
  const first = bytesOfAddress(address);
  const last = Buffer.from(first.map((byte, index) => byte | (0xff >> Math.min(8, Math.max(0, bits - 8 * index)))));
  return [first, last];
}

function bytesOf(text: string): Buffer {
  const address = parseIp(text);
  if (!address) throw new Error(`Not an address: ${text}`);
  return bytesOfAddress(address);
}

function bytesOfAddress(address: IpAddress): Buffer {
  return Buffer.from(address.toByteArray());
}
