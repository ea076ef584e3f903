import { createHash } from "node:crypto";
import { type BigIntStats, constants } from "node:fs";
import { open, stat } from "node:fs/promises";
import type { Segment } from "./segment";

/** The signature of each file when its checksum was verified: a change of the content changes the signature. */
const verified = new Map<string, string>();
/** Checks under way, by file, so that concurrent queries share them. */
const checks = new Map<string, Promise<void>>();

const READ_BYTES = 1024 * 1024;

/** The content of a file is not that of its segment. */
export class DamagedFile extends Error {}

/**
 * Verifies the checksum of a file with the rows of a segment, unless it has not changed since this process did.
 * @throws DamagedFile, the error of the file system
 */
export async function verifyFile(file: string, segment: Pick<Segment, "sizeBytes" | "sha256">): Promise<void> {
  if (verified.get(file) === signatureOf(await stat(file, { bigint: true }))) return;
  let check = checks.get(file);
  if (!check) {
    check = verifyContent(file, segment).finally(() => checks.delete(file));
    checks.set(file, check);
  }
  await check;
}

async function verifyContent(
  file: string,
  { sizeBytes, sha256 }: Pick<Segment, "sizeBytes" | "sha256">,
): Promise<void> {
  verified.delete(file);
  // A link in its place is not the file that was written.
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const stats = await handle.stat({ bigint: true });
    if (stats.size !== BigInt(sizeBytes)) throw new DamagedFile(`${stats.size} bytes instead of ${sizeBytes}`);
    const hash = createHash("sha256");
    for await (const block of handle.createReadStream({ autoClose: false, highWaterMark: READ_BYTES })) {
      hash.update(block);
    }
    if (hash.digest("hex") !== sha256) throw new DamagedFile("The checksum differs.");
    verified.set(file, signatureOf(stats));
  } finally {
    await handle.close();
  }
}

function signatureOf({ ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [ino, size, mtimeNs, ctimeNs].join(" ");
}

/** Forgets a file that was removed. */
export function forgetFile(file: string): void {
  verified.delete(file);
}
