import { isUtf8 } from "node:buffer";
import { makeTimeSlice } from "@/server/lib/time-slice";
import { type Place, parseRegion } from "./place";

/**
 * A database of ip2region in memory: a header, for each first two bytes of an address the range of its index entries,
 * the texts of regions, and the index, sorted by address. An entry has the first and last address, and the position of
 * its text. The official binding (ip2region.js) can only be awaited and does not detect damage.
 */
export interface Xdb {
  /** @param address an IPv4 address as a number, an IPv6 address as 16 bytes */
  find(address: number | Buffer): Place | undefined;
}

/** The bytes are no complete database for addresses of this version. */
export class DamagedXdb extends Error {
  override name = "DamagedXdb";
}

const HEADER_BYTES = 256;
const VECTORS = 65_536;
const VECTOR_BYTES = 8;
const DATA_START = HEADER_BYTES + VECTORS * VECTOR_BYTES;
const ADDRESS_BYTES = { 4: 4, 6: 16 } as const;
/** The length and the position of the region's text. */
const POINTER_BYTES = 6;
const ENTRIES_PER_CHECK = 1_024;

/**
 * Reads a database, and verifies all of its pointers, so that lookups never fail.
 * @throws DamagedXdb
 */
export async function openXdb(bytes: Buffer, version: 4 | 6): Promise<Xdb> {
  const width = ADDRESS_BYTES[version];
  const entryBytes = 2 * width + POINTER_BYTES;
  const { indexStart, indexEnd } = readHeader(bytes, version, entryBytes);
  // Its reads are faster than those of Buffer.
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isEntry = (at: number) => at >= indexStart && at <= indexEnd && (at - indexStart) % entryBytes === 0;
  const textAt = (entry: number) => view.getUint32(entry + 2 * width + 2, true);
  const textLength = (entry: number) => view.getUint16(entry + 2 * width, true);

  for (let at = HEADER_BYTES; at < DATA_START; at += VECTOR_BYTES) {
    const first = view.getUint32(at, true);
    const end = view.getUint32(at + 4, true);
    if (first === 0 && end === 0) continue;
    if (!isEntry(first) || !isEntry(end) || first >= end) throw new DamagedXdb("The table of ranges is damaged.");
  }
  if (!isUtf8(bytes.subarray(DATA_START, indexStart))) throw new DamagedXdb("The texts are damaged.");

  /** Compares the address at a position, and another one that is at a position or given. */
  const compare = (at: number, address: number | Buffer): number => {
    if (typeof address === "number") return view.getUint32(at, true) - address;
    for (let word = 0; word < width; word += 4) {
      const difference = view.getUint32(at + word) - address.readUInt32BE(word);
      if (difference !== 0) return difference;
    }
    return 0;
  };
  const addressAt = (at: number) => (version === 4 ? view.getUint32(at, true) : bytes.subarray(at, at + width));
  const slice = makeTimeSlice();
  for (let entry = indexStart, count = 0; entry < indexEnd; entry += entryBytes, count++) {
    const pause = count % ENTRIES_PER_CHECK === 0 ? slice() : undefined;
    if (pause) await pause;
    const isOrdered =
      compare(entry, addressAt(entry + width)) <= 0 &&
      (entry === indexStart || compare(entry, addressAt(entry - entryBytes + width)) > 0);
    const text = textAt(entry);
    if (!isOrdered || text < DATA_START || text + textLength(entry) > indexStart)
      throw new DamagedXdb("The index is damaged.");
  }

  const places = new Map<number, Place | undefined>();
  const placeAt = (entry: number): Place | undefined => {
    const at = textAt(entry);
    if (places.has(at)) return places.get(at);
    const place = parseRegion(bytes.toString("utf8", at, at + textLength(entry)));
    places.set(at, place);
    return place;
  };

  return {
    find: (address) => {
      const prefix = typeof address === "number" ? address >>> 16 : address.readUInt16BE(0);
      const vector = HEADER_BYTES + prefix * VECTOR_BYTES;
      const first = view.getUint32(vector, true);
      let low = 0;
      let high = (view.getUint32(vector + 4, true) - first) / entryBytes - 1;
      while (low <= high) {
        const middle = (low + high) >>> 1;
        const entry = first + middle * entryBytes;
        if (compare(entry, address) > 0) high = middle - 1;
        else if (compare(entry + width, address) < 0) low = middle + 1;
        else return placeAt(entry);
      }
      return undefined;
    },
  };
}

/** @returns the positions of the first entry, and after the last one */
function readHeader(bytes: Buffer, version: 4 | 6, entryBytes: number): { indexStart: number; indexEnd: number } {
  if (bytes.length < DATA_START + entryBytes) throw new DamagedXdb("It is too short.");
  const structure = bytes.readUInt16LE(0);
  // Structure 2 had IPv4 addresses only.
  const found = structure === 3 ? bytes.readUInt16LE(16) : structure === 2 ? 4 : 0;
  if (found !== version) throw new DamagedXdb(`It is no database of IPv${version} addresses.`);
  const indexStart = bytes.readUInt32LE(8);
  const indexEnd = bytes.readUInt32LE(12) + entryBytes;
  const isInside = indexStart >= DATA_START && indexStart < indexEnd && indexEnd <= bytes.length;
  if (!isInside || (indexEnd - indexStart) % entryBytes !== 0) throw new DamagedXdb("It is incomplete.");
  return { indexStart, indexEnd };
}
