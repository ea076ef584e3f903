import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { AppError, causeCode, NO_ROOM_CODES } from "@/server/lib/errors";

export interface WrittenFile {
  readonly sizeBytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** Bytes between syncs, so that the final sync has little left to do. */
const SYNC_EVERY_BYTES = 32 * 1024 * 1024;

/**
 * Writes a new file and syncs it to disk; the caller removes it on error.
 * @throws AppError UNAVAILABLE when the disk is full
 */
export async function writePartFile(path: string, bytes: AsyncIterable<Buffer>): Promise<WrittenFile> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  let unsynced = 0;
  let syncing: Promise<void> | undefined;
  try {
    const file = await open(path, "wx", 0o600);
    try {
      for await (const block of bytes) {
        hash.update(block);
        await file.writeFile(block);
        sizeBytes += block.length;
        unsynced += block.length;
        if (unsynced < SYNC_EVERY_BYTES) continue;
        unsynced = 0;
        await syncing;
        syncing = file.datasync();
        // A failure is reported at the next await.
        syncing.catch(() => {});
      }
      await syncing;
      await file.sync();
    } finally {
      await syncing?.catch(() => {});
      await file.close();
    }
  } catch (error) {
    throw explainFullDisk(error);
  }
  return { sizeBytes, sha256: hash.digest("hex") };
}

/** Converts a full-disk error into an error for users; other errors are unchanged. */
export function explainFullDisk(error: unknown): unknown {
  if (!NO_ROOM_CODES.has(causeCode(error) ?? "")) return error;
  return new AppError("export.disk_full", {}, { retryAfter: 60, cause: error });
}
