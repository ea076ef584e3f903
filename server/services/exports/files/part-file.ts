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
 * @param signal ends the writing, even if `bytes` never continues
 * @throws AppError UNAVAILABLE when the disk is full; the signal's reason
 */
export async function writePartFile(
  path: string,
  bytes: AsyncIterable<Buffer>,
  signal: AbortSignal,
): Promise<WrittenFile> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  let unsynced = 0;
  let syncing: Promise<void> | undefined;
  try {
    const file = await open(path, "wx", 0o600);
    try {
      for await (const block of untilAborted(bytes, signal)) {
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

async function* untilAborted(bytes: AsyncIterable<Buffer>, signal: AbortSignal): AsyncGenerator<Buffer, void> {
  const iterator = bytes[Symbol.asyncIterator]();
  const nextOrAbort = () =>
    new Promise<IteratorResult<Buffer>>((resolve, reject) => {
      const stop = () => reject(signal.reason);
      signal.addEventListener("abort", stop, { once: true });
      const next = iterator.next().finally(() => signal.removeEventListener("abort", stop));
      next.then(resolve, reject);
    });
  try {
    signal.throwIfAborted();
    for (let next = await nextOrAbort(); !next.done; next = await nextOrAbort()) yield next.value;
  } finally {
    const closing = iterator.return?.();
    // Behind a read that never ends.
    if (signal.aborted) closing?.catch(() => {});
    else await closing;
  }
}

/** Converts a full-disk error into an error for users; other errors are unchanged. */
export function explainFullDisk(error: unknown): unknown {
  if (!NO_ROOM_CODES.has(causeCode(error) ?? "")) return error;
  return new AppError("export.disk_full", {}, { retryAfter: 60, cause: error });
}
