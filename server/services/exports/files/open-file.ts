import type { FileStore } from "@/server/files";
import { AppError } from "@/server/lib/errors";
import type { Context, Principal } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import type { ExportRecord } from "../contract";
import { EXPORT_FORMATS } from "../formats";
import { findExport, type StoredExport } from "../records";
import { fileNameOf, filePathOf } from "./folder";

/** An export's file for download. */
export interface ExportDownload {
  readonly record: StoredExport;
  readonly store: FileStore;
  readonly key: string;
  readonly modifiedAt: Date;
  readonly contentType: string;
}

const CONTENT_TYPES: readonly (readonly [ending: string, type: string])[] = [
  ...Object.values(EXPORT_FORMATS).map(({ extension, mediaType }) => [extension, mediaType] as const),
  [".gz", "application/gzip"],
  [".zip", "application/zip"],
];

/**
 * Finds the file of an export by its file_path or absolute path.
 * @throws AppError NOT_FOUND for any other path, and for a file that differs from the one that was written; files.*
 */
export async function findExportFile(ctx: Context, filePath: string): Promise<ExportDownload> {
  const fileName = fileNameOf(ctx.config, filePath);
  const record = fileName === undefined ? undefined : await findExport(ctx, { fileName });
  if (!record) throw new AppError("export.file_not_found", {});
  return await openExport(ctx, record);
}

/**
 * Opens the file of an export.
 * @throws AppError NOT_FOUND for a file that differs from the one that was written; files.*
 */
export async function openExport(ctx: Context, record: StoredExport): Promise<ExportDownload> {
  const store = await ctx.files.of(record.store);
  const key = filePathOf(record.file_name);
  const file = await store.stat(key);
  if (file?.sizeBytes !== record.size_bytes) throw new AppError("export.file_not_found", {});
  const ending = CONTENT_TYPES.find(([end]) => record.file_name.endsWith(end));
  return { record, store, key, modifiedAt: file.modifiedAt, contentType: ending?.[1] ?? "application/octet-stream" };
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
