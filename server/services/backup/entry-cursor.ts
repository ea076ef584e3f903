import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { causeCode } from "@/server/lib/errors";
import { StartError } from "@/server/process/start-error";
import type { ArchiveEntry } from "./read-archive";

const TEXT_BYTES = 256 * 1024;

/** The present entry of a backup, which is read in one direction. */
export interface EntryCursor {
  /** Returns undefined after the last entry. */
  current(): ArchiveEntry | undefined;
  /** Advances to the next entry. What was not read of this one is skipped. */
  advance(): Promise<void>;
  /** Reads this entry as text, and goes to the next one. */
  readText(): Promise<string>;
  /** Reads the text of this and the next gzip files of `folder`. */
  readGzip(folder: string): AsyncGenerator<Uint8Array, void>;
}

/** @param signal stops the reading at the next entry */
export async function makeCursor(
  entries: AsyncGenerator<ArchiveEntry, void>,
  signal: AbortSignal,
): Promise<EntryCursor> {
  let current: ArchiveEntry | undefined;
  const advance = async () => {
    signal.throwIfAborted();
    const { value } = await entries.next();
    current = value ?? undefined;
  };
  await advance();
  return {
    current: () => current,
    advance,
    readText: async () => {
      const blocks: Uint8Array[] = [];
      for await (const block of current?.bytes ?? []) blocks.push(block);
      await advance();
      return Buffer.concat(blocks).toString();
    },
    async *readGzip(folder) {
      for (; current?.name.startsWith(folder); await advance()) yield* gunzipped(current);
    },
  };
}

async function* gunzipped({ name, bytes }: ArchiveEntry): AsyncGenerator<Uint8Array, void> {
  const gunzip = createGunzip({ chunkSize: TEXT_BYTES });
  const feeding = pipeline(bytes, gunzip);
  feeding.catch(() => {});
  try {
    yield* gunzip;
    await feeding;
  } catch (error) {
    if (!causeCode(error)?.startsWith("Z_")) throw error;
    throw new StartError(`The backup is damaged: ${name} cannot be decompressed.`, { cause: error });
  } finally {
    gunzip.destroy();
  }
}
