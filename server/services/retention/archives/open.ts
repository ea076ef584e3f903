import type { FileStore } from "@/server/files";
import { AppError } from "@/server/lib/errors";
import type { Context, Principal } from "@/server/process/context";
import { archiveFormat, CONTENT_TYPES } from "@/server/services/archive-files";
import { recordAudit } from "@/server/services/audit";
import { findArchive } from "./records";

/** An archive's file for download. */
export interface ArchiveDownload {
  readonly store: FileStore;
  readonly key: string;
  readonly name: string;
  readonly size: number;
  readonly modifiedAt: Date;
  readonly sha256: string;
  readonly contentType: string;
}

/**
 * Finds an archive's file for download.
 * @throws AppError NOT_FOUND, also when its file is missing or a link; CONFLICT when its retention ended
 */
export async function findArchiveFile(ctx: Context, id: string): Promise<ArchiveDownload> {
  const archive = await findArchive(ctx.db.sql, id);
  const store = await ctx.files.of(archive.store);
  const file = await store.stat(archive.path);
  if (file === null) throw new AppError("archive.file_not_found", {});
  return {
    store,
    key: archive.path,
    name: archive.path.slice(archive.path.lastIndexOf("/") + 1),
    size: file.sizeBytes,
    modifiedAt: file.modifiedAt,
    sha256: archive.sha256,
    contentType: CONTENT_TYPES[archiveFormat(archive.path)],
  };
}

/** Records a download in the audit log. @param range the requested bytes, if not all */
export async function recordArchiveDownload(
  ctx: Context,
  principal: Principal,
  id: string,
  range: { start: number; end: number } | undefined,
): Promise<void> {
  await recordAudit(ctx, principal, "archive.download", { archive_id: id, ...(range ? { range } : {}) });
}
