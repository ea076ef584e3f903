import { z } from "zod";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { ARCHIVE_FORMATS } from "@/server/catalog/archive-formats";
import { storedError } from "@/server/catalog/errors";
import { instant, paging, renderedProblemFields, twoWayPage } from "@/server/lib/contract";

const table = z.enum(LOG_TABLE_NAMES);
const task_type = z.enum([...LOG_TABLE_NAMES, "exports"]);
const month = z
  .string()
  .regex(/^\d{4}-\d\d$/)
  .describe("A month such as 2026-08");

/** The input of a cleanup. */
export const cleanupInput = z.strictObject({
  task_type,
  days_to_keep: z.int().min(0).max(3650),
  dry_run: z.boolean().default(false),
  archive: z.boolean().default(true),
  keep_restored: z
    .boolean()
    .default(false)
    .describe("Keep rows that were restored from an archive, until the date chosen for the restore"),
});
export type CleanupInput = z.input<typeof cleanupInput>;
export type CleanupParams = z.output<typeof cleanupInput>;

export const previewInput = cleanupInput.pick({ task_type: true, days_to_keep: true, archive: true });

const monthPreview = z.object({
  month: z.string(),
  matched_count: z.int(),
  kept_count: z.int(),
  kept_count_is_exact: z
    .boolean()
    .describe("False when the whole month is retained; the count is then an estimate of PostgreSQL"),
  matched_bytes: z
    .int()
    .describe("Estimated size of the matched rows with their indexes; for a dropped partition its total size"),
  is_whole: z
    .boolean()
    .describe("Whether the partition can be dropped, which returns its space to the operating system"),
});
export type MonthPreview = z.infer<typeof monthPreview>;

const expiryPreview = z.object({
  matched_count: z.int(),
  matched_bytes: z.int(),
  oldest: instant.nullable(),
  newest: instant.nullable(),
  months: z.array(monthPreview).describe("Oldest first, including months that are retained completely"),
});
export type ExpiryPreview = z.infer<typeof expiryPreview>;

const archivePreview = z.object({
  place: z.string().describe("The folder, relative to the data folder"),
  estimated_bytes: z.int(),
  free_bytes: z.int().nullable().describe("Null when the file system does not report it"),
});
export type ArchivePreview = z.infer<typeof archivePreview>;

/** The preview of a cleanup of a log table or of the exports. */
export const cleanupPreview = expiryPreview.extend({
  task_type,
  days_to_keep: z.int(),
  cutoff: instant,
  archive: archivePreview.nullable().describe("Null without archiving"),
});
export type CleanupPreview = z.infer<typeof cleanupPreview>;

/** The result of a completed or stopped cleanup. */
export const cleanupResult = z.object({
  task_type,
  days_to_keep: z.int(),
  cutoff: instant.describe("Older rows are deleted"),
  dry_run: z.boolean(),
  matched_count: z.int(),
  deleted_count: z.int(),
  partitions_dropped: z.int(),
  archived_count: z.int(),
  archive_files: z.array(z.string()).describe("Relative to the data folder"),
  freed_bytes: z.int().describe("Returned to the operating system"),
  reusable_bytes: z.int().describe("Estimated space that PostgreSQL reuses for new rows after a vacuum"),
  preview: cleanupPreview.optional().describe("For a dry run: rows to delete and to keep"),
});
export type CleanupResult = z.infer<typeof cleanupResult>;

export const archiveKey = z.strictObject({ id: z.guid() });
export const archivesQuery = z.strictObject({
  table: table.optional(),
  month: month.optional().describe("A month in UTC, such as 2026-08"),
  local_month: month.optional().describe("A month in APP_TIMEZONE, such as 2026-08"),
  year: z
    .string()
    .regex(/^\d{4}$/)
    .optional()
    .describe("A year in APP_TIMEZONE, such as 2026"),
  ...paging,
});
export type ArchivesQuery = z.infer<typeof archivesQuery>;

/** The archives by month. */
export const archiveMonthsQuery = archivesQuery.pick({ table: true, year: true });
export type ArchiveMonthsQuery = z.infer<typeof archiveMonthsQuery>;

const sizeBytes = z.int();
const sha256 = z.string();
const MASKED = "Null for principals with a mask";

const archive = z.object({
  id: z.guid(),
  table,
  month: z.string().describe("In UTC, such as 2026-08"),
  local_month: z.string().describe("The month of the middle of its time range in APP_TIMEZONE, such as 2026-08"),
  state: z
    .enum(["pending", "removed", "expired"])
    .describe(
      "pending: its rows are in the table too; removed: its rows are only in the archive; expired: its file was deleted, at the end of its own retention or by deleted_by",
    ),
  expired_at: instant.nullable(),
  deleted_by: z.string().nullable().describe("The administrator who deleted it"),
  file: z.string().describe("Relative to the data folder; its manifest is in the same folder"),
  format: z.enum(ARCHIVE_FORMATS).describe("parquet, or PostgreSQL's CSV compressed with gzip"),
  searchable: z
    .boolean()
    .describe("Whether lists with include_archived can read it: its file is here and has no known problem"),
  rows: z.int(),
  size_bytes: sizeBytes,
  sha256,
  first_time: instant,
  last_time: instant,
  cutoff: instant,
  job_id: z.string().nullable(),
  created_by: z.string(),
  created_at: instant,
  verified_at: instant.nullable(),
  problem: storedError.nullable().describe("The problem that the last verification found with the file"),
  restored: z
    .array(z.object({ from: instant, to: instant, keep_until: instant, by: z.string() }))
    .describe("The restored periods, and until when the automatic cleanup skips them"),
});
export type ListedArchive = z.infer<typeof archive>;

const archivePage = twoWayPage(archive);
export type ArchivePage = z.infer<typeof archivePage>;

/** Archives as returned to a principal. */
export const shownArchivePage = twoWayPage(
  archive.extend({
    size_bytes: sizeBytes.nullable().describe(MASKED),
    sha256: sha256.nullable().describe(MASKED),
  }),
);
/** The REST response. */
export const archivesAnswer = twoWayPage(shownArchivePage.shape.items.element.extend(renderedProblemFields));
export type ShownArchivePage = z.infer<typeof shownArchivePage>;

export const archiveCheck = z.object({
  id: z.guid(),
  ok: z.boolean(),
  problem: storedError.nullable(),
  rows: z.int().nullable(),
});
/** The REST response. */
export const archiveCheckAnswer = archiveCheck.extend(renderedProblemFields);
export type ArchiveCheck = z.infer<typeof archiveCheck>;

const archiveMonth = z.object({
  month: z.string(),
  tables: z.array(
    z.object({
      table,
      archives: z.int().describe("With a file"),
      deleted: z.int().describe("Whose file was deleted"),
      rows: z.int(),
      size_bytes: sizeBytes.nullable().describe(MASKED),
    }),
  ),
  damaged: z.int(),
  ids: z.array(z.guid()).describe("Archives with an intact file, as far as known"),
});
export const archiveMonths = z.object({
  years: z.array(z.string()).describe("All years with archives, latest first"),
  months: z.array(archiveMonth).describe("In APP_TIMEZONE, latest first"),
});
export type ArchiveMonths = z.infer<typeof archiveMonths>;

export const archiveDeleted = z.object({ id: z.guid(), deleted: z.literal(true) });
const archiveIds = z.array(z.guid()).min(1).max(1000);
export const archivesDeleteInput = z.strictObject({ ids: archiveIds });

/** The input of a restore. */
export const restoreInput = z.strictObject({
  archive_id: z.guid(),
  start_date: z.string().optional(),
  end_date: z.string().optional(),
  keep_until: z.string().optional().describe("The automatic cleanup skips restored rows until then"),
});
export type RestoreInput = z.infer<typeof restoreInput>;

/** The input of restores of several archives: one job for each table. */
export const restoresInput = restoreInput.omit({ archive_id: true }).extend({
  archive_ids: archiveIds.optional().describe("Without it, all archives with rows from start_date to end_date"),
  table: table.optional(),
});
export type RestoresInput = z.infer<typeof restoresInput>;

/** The params of a restore job, with the table and months of the archives for display. */
export const restoreParams = restoreInput.partial({ archive_id: true }).extend({
  archive_ids: z.array(z.guid()).optional().describe("Several archives, instead of archive_id"),
  table: table.optional(),
  month: z.string().optional(),
});
export type RestoreParams = z.infer<typeof restoreParams>;

/** The result of a restore. */
export const restoreResult = z.object({
  archive_id: z.guid().describe("The first, if several are restored"),
  table: z.string(),
  matched_count: z.int().describe("Rows of the archive in the requested period"),
  restored_count: z.int(),
  present_count: z.int().describe("Rows already in the table with the same content"),
  different_count: z
    .int()
    .nullable()
    .default(null)
    .describe(
      "Rows whose key is in the table with other content, which is unchanged; null for restores of version 0.1",
    ),
  keep_until: instant.describe("The automatic cleanup skips them until then"),
});
export type RestoreResult = z.infer<typeof restoreResult>;
