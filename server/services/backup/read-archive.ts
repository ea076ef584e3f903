import { Readable } from "node:stream";
import { extract as makeExtract } from "tar-stream";
import { hashed, isKey } from "@/server/files";
import { StartError } from "@/server/process/start-error";
import {
  type BackupHeader,
  type BackupManifest,
  backupHeader,
  backupManifest,
  FILES,
  HEADER,
  MANIFEST,
} from "./contract";

/** An entry of a backup; its bytes are read before the next one is requested. */
export interface ArchiveEntry {
  readonly name: string;
  readonly sizeBytes: number;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** A backup that is read once, from its start to its end. */
export interface ArchiveReader {
  readonly header: BackupHeader;
  /** The entries between the header and the manifest. The rest of an entry that is not read is skipped. */
  readonly entries: AsyncGenerator<ArchiveEntry, void>;
  /**
   * Returns the manifest after the last entry.
   * @throws StartError if an entry differs from it, or if there is none
   */
  manifest(): BackupManifest;
}

/** @throws StartError if it is not a backup, or one of a newer format */
export async function openArchive(source: AsyncIterable<Uint8Array>): Promise<ArchiveReader> {
  const checksums = new Map<string, { readonly sizeBytes: number; readonly sha256: string }>();
  let manifest: BackupManifest | undefined;
  const raw = rawEntries(source);

  async function* entries(): AsyncGenerator<ArchiveEntry, void> {
    for await (const entry of raw) {
      if (entry.name === MANIFEST) {
        manifest = parse(backupManifest, await textOf(entry.bytes));
        continue;
      }
      if (entry.name.startsWith(FILES)) fileKey(entry.name);
      const content = hashed(entry.bytes);
      yield { ...entry, bytes: content.bytes };
      await skip(content.bytes);
      checksums.set(entry.name, content.result());
    }
  }

  const all = entries();
  const first = await all.next();
  if (first.done || first.value.name !== HEADER) throw new StartError("This is not a backup of this product.");
  const header = parse(backupHeader, await textOf(first.value.bytes));
  return {
    header,
    entries: all,
    manifest: () => {
      if (!manifest) throw new StartError("The backup is incomplete: it ends before its manifest.");
      requireEqual(manifest, checksums);
      return manifest;
    },
  };
}

/**
 * Returns the key of the file that an entry contains.
 * @throws StartError if it contains none, or if its name leads to another place
 */
export function fileKey(name: string): string {
  const key = name.slice(FILES.length);
  // A backslash separates folders on Windows.
  if (name.startsWith(FILES) && /^(exports|archives)\/[^\\]+$/.test(key) && isKey(key)) return key;
  throw new StartError(`The backup is damaged: it contains an unknown entry ${JSON.stringify(name)}.`);
}

function requireEqual(
  { entries }: BackupManifest,
  checksums: ReadonlyMap<string, { readonly sizeBytes: number; readonly sha256: string }>,
): void {
  for (const { name, size_bytes, sha256 } of entries) {
    const found = checksums.get(name);
    if (!found) throw new StartError(`The backup is damaged: ${name} is missing.`);
    if (found.sizeBytes !== size_bytes || found.sha256 !== sha256) {
      throw new StartError(`The backup is damaged: ${name} differs from its checksum.`);
    }
  }
  if (checksums.size !== entries.length) throw new StartError("The backup is damaged: it has additional entries.");
}

async function* rawEntries(source: AsyncIterable<Uint8Array>): AsyncGenerator<ArchiveEntry, void> {
  const input = Readable.from(source, { objectMode: false });
  const extract = makeExtract();
  let failure: { readonly error: unknown } | undefined;
  input.once("error", (error) => {
    failure = { error };
    extract.destroy(error);
  });
  const explained = (error: unknown) =>
    failure
      ? failure.error
      : new StartError("The backup is incomplete or damaged, or is not a backup.", { cause: error });
  async function* translated(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* bytes;
    } catch (error) {
      throw explained(error);
    }
  }
  input.pipe(extract);
  try {
    for await (const entry of extract) {
      yield { name: entry.header.name, sizeBytes: entry.header.size ?? 0, bytes: translated(entry) };
    }
  } catch (error) {
    throw explained(error);
  } finally {
    input.destroy();
    extract.destroy();
  }
}

async function skip(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _block of bytes) {
    // Only its checksum is needed.
  }
}

async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const blocks: Uint8Array[] = [];
  for await (const block of bytes) blocks.push(block);
  return Buffer.concat(blocks).toString();
}

function parse<T>(schema: { parse(value: unknown): T }, text: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new StartError("The backup was created by a newer version, or is damaged.", { cause: error });
  }
}
