import { createHash } from "node:crypto";
import type { WrittenFile } from "./file-store";

/** Passes bytes through and computes their number and checksum. */
export function hashed(bytes: AsyncIterable<Uint8Array>): {
  readonly bytes: AsyncGenerator<Uint8Array, void>;
  /** Available after the last byte. */
  result(): WrittenFile;
} {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  async function* pass() {
    for await (const block of bytes) {
      hash.update(block);
      sizeBytes += block.length;
      yield block;
    }
  }
  return { bytes: pass(), result: () => ({ sizeBytes, sha256: hash.digest("hex") }) };
}
