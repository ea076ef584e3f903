import type { LogTableName } from "@/server/catalog";
import { ARCHIVE_FORMATS } from "@/server/catalog/archive-formats";
import { AppError, toErrorValue } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { archivePathIn, manifestPath } from "./format";

/** The location of an archive's file. */
export interface ArchiveFile {
  /** The file's key in its store. */
  readonly path: string;
  /** The ID of its store. */
  readonly store: string | null;
}

/** A complete file, as recorded. */
export interface StoredArchive extends ArchiveFile {
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** An archive whose rows can be read. */
export interface ReadableArchive extends StoredArchive {
  readonly table: LogTableName;
}

/**
 * Removes all files of an archive, complete or not, in both formats: a conversion may have been interrupted.
 * @throws AppError files.*
 */
export async function removeArchiveFiles(ctx: Context, { path, store }: ArchiveFile): Promise<void> {
  const files = await ctx.files.of(store);
  const keys = ARCHIVE_FORMATS.flatMap((format) => {
    const key = archivePathIn(path, format);
    return [manifestPath(key), key];
  });
  for (const key of keys) await files.remove(key);
  await files.removeIncomplete(path.slice(0, path.lastIndexOf("/") + 1), async (key) => !keys.includes(key));
}

/** Converts an error of the file store during writing into that of a cleanup; other errors are unchanged. */
export function explainWriteError(error: unknown): unknown {
  if (!(error instanceof AppError && error.code.startsWith("files."))) return error;
  return new AppError("archive.not_written", { reason: toErrorValue(error) }, { retryAfter: 60, cause: error });
}
