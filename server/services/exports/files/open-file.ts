import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import path from "node:path";
import { AppError, causeCode } from "@/server/lib/errors";
import { openWithStats } from "@/server/lib/open-file";
import type { Context, Principal } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import type { ExportRecord } from "../contract";
import { EXPORT_FORMATS } from "../formats";
import { findExport } from "../records";
import { exportsFolder, fileNameOf } from "./folder";

/** An open export file; the caller closes the handle. */
export interface OpenExport {
  readonly record: ExportRecord;
  readonly handle: FileHandle;
  readonly contentType: string;
}

const CONTENT_TYPES: readonly (readonly [ending: string, type: string])[] = [
  ...Object.values(EXPORT_FORMATS).map(({ extension, mediaType }) => [extension, mediaType] as const),
  [".gz", "application/gzip"],
  [".zip", "application/zip"],
];

const NOT_THERE = new Set(["ENOENT", "ELOOP", "ENOTDIR", "EISDIR"]);

/**
 * Opens the file of an export by its file_path or absolute path.
 * @throws AppError NOT_FOUND for any other path, and for a file that differs from the one that was written
 */
export async function openExport(ctx: Context, filePath: string): Promise<OpenExport> {
  const fileName = fileNameOf(ctx.config, filePath);
  const record = fileName === undefined ? undefined : await findExport(ctx, { fileName });
  if (!record) throw new AppError("export.file_not_found", {});
  const handle = await openRegularFile(path.join(exportsFolder(ctx.config), record.file_name), record.size_bytes);
  const ending = CONTENT_TYPES.find(([end]) => record.file_name.endsWith(end));
  return { record, handle, contentType: ending?.[1] ?? "application/octet-stream" };
}

async function openRegularFile(file: string, size: number): Promise<FileHandle> {
  // A link in its place is not the file that was written.
  const { handle, stats } = await openWithStats(file, constants.O_RDONLY | constants.O_NOFOLLOW).catch(
    (error: unknown) => {
      throw NOT_THERE.has(causeCode(error) ?? "") ? new AppError("export.file_not_found", {}, { cause: error }) : error;
    },
  );
  if (stats.isFile() && stats.size === size) return handle;
  await handle.close();
  throw new AppError("export.file_not_found", {});
}

/** Counts a download and records it in the audit log. @param range the requested bytes, if not all */
export async function recordDownload(
  ctx: Context,
  principal: Principal,
  record: ExportRecord,
  range: { start: number; end: number } | undefined,
): Promise<void> {
  const { export_id, file_name, sha256 } = record;
  const isResumed = range !== undefined && range.start > 0;
  if (!isResumed) {
    await ctx.db.sql`
      update exports
      set downloads = downloads + 1, last_downloaded_at = ${ctx.now().toISOString()}
      where id = ${export_id}`;
  }
  await recordAudit(ctx, principal, "export.download", { export_id, file_name, sha256, ...(range ? { range } : {}) });
}
