import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { AppError, causeCode } from "@/server/lib/errors";
import { openWithStats } from "@/server/lib/open-file";
import type { Context, Principal } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import { placeOf } from "./files";
import { findArchive } from "./records";

/** An open archive file; the caller closes the handle. */
export interface OpenArchive {
  readonly handle: FileHandle;
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
}

/**
 * Opens an archive's file for download.
 * @throws AppError NOT_FOUND, also when its file is missing or a link; CONFLICT when its retention ended
 */
export async function openArchive(ctx: Context, id: string): Promise<OpenArchive> {
  const archive = await findArchive(ctx.db.sql, id);
  const { file } = placeOf(ctx, archive.path);
  const { handle, stats } = await openWithStats(file, constants.O_RDONLY | constants.O_NOFOLLOW).catch(
    (error: unknown) => {
      if (!["ENOENT", "ELOOP"].includes(causeCode(error) ?? "")) throw error;
      throw new AppError(
        "archive.file_not_found",
        {},
        {
          cause: error,
        },
      );
    },
  );
  return {
    handle,
    name: archive.path.slice(archive.path.lastIndexOf("/") + 1),
    size: stats.size,
    sha256: archive.sha256,
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
