import { once } from "node:events";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pack as makePack } from "tar-stream";
import { hashed } from "@/server/files";
import type { BackupEntry } from "./contract";

/** Readable by its owner only, because a backup contains the secret. */
const MODE = 0o600;

/** Writes the entries of a tar archive, one after the other. */
export interface ArchiveWriter {
  /** The entries written so far. */
  readonly entries: readonly BackupEntry[];
  /** @param sizeBytes the exact size, because the tar format requires it before the content */
  add(name: string, sizeBytes: number, bytes: AsyncIterable<Uint8Array>): Promise<void>;
  /** Ends the archive, and waits until `destination` has received it. */
  end(): Promise<void>;
}

/** Creates an archive. An error of `destination` is thrown by the next call. */
export function makeArchiveWriter(destination: Writable): ArchiveWriter {
  const pack = makePack();
  const entries: BackupEntry[] = [];
  async function* blocks(): AsyncGenerator<Uint8Array> {
    yield* pack;
  }
  const written = pipeline(blocks, destination);
  const failure = new Promise<never>((_, reject) => written.catch(reject));
  // Also reported by end().
  failure.catch(() => {});

  async function write(name: string, sizeBytes: number, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    // A backup with an entry twice could not be restored.
    if (entries.some((one) => one.name === name)) throw new Error(`The entry ${name} exists already.`);
    const source = hashed(bytes);
    const entry = pack.entry({ name, size: sizeBytes, mode: MODE, mtime: new Date() });
    // Streams of this package emit "close" after their last callback.
    const closed = once(entry, "close");
    closed.catch(() => {});
    for await (const block of source.bytes) {
      if (!entry.write(block)) await once(entry, "drain");
    }
    entry.end();
    await closed;
    const { sizeBytes: size_bytes, sha256 } = source.result();
    entries.push({ name, size_bytes, sha256 });
  }

  return {
    entries,
    add: async (name, sizeBytes, bytes) => {
      try {
        await Promise.race([write(name, sizeBytes, bytes), failure]);
      } catch (error) {
        // An error of `destination` has destroyed the pack, which causes other errors.
        pack.destroy(error instanceof Error ? error : undefined);
        await written;
        throw error;
      }
    },
    end: async () => {
      pack.finalize();
      await written;
    },
  };
}

/** Adds an entry with this content. */
export async function addBytes(writer: ArchiveWriter, name: string, content: Uint8Array): Promise<void> {
  await writer.add(name, content.byteLength, asBlocks(content));
}

export async function addJson(writer: ArchiveWriter, name: string, value: unknown): Promise<void> {
  await addBytes(writer, name, Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`));
}

async function* asBlocks(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}
