import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { WrittenFile } from "@/server/files";

/** Returns the size and SHA-256 of a local file. */
export async function fileDigest(file: string): Promise<WrittenFile> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  for await (const block of createReadStream(file)) {
    hash.update(block);
    sizeBytes += block.length;
  }
  return { sizeBytes, sha256: hash.digest("hex") };
}
