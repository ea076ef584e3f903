import { z } from "zod";
import { LOCALES } from "@/messages/locales";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { EXPORT_COMPRESSIONS, EXPORT_FORMAT_NAMES } from "@/server/catalog/export-formats";
import { instant, paging, twoWayPage } from "@/server/lib/contract";
import type { Instant } from "@/server/lib/time";

export const MAX_JSON_COLUMNS = 100;
const MAX_FIELD_LENGTH = 500;

const jsonColumnType = z.enum(["number", "boolean", "text"]);
export type JsonColumnType = z.infer<typeof jsonColumnType>;

const jsonColumns = z.union([
  z.literal("all"),
  z
    .array(
      z.strictObject({
        field: z.string().max(MAX_FIELD_LENGTH).describe("A member as in filters, such as `details.amount`"),
        type: jsonColumnType.optional().describe("By default the type of all its values, or else text"),
      }),
    )
    .min(1)
    .max(MAX_JSON_COLUMNS),
]);

/** The input of an export and of its preview. */
export const exportInput = z.strictObject({
  export_type: z.enum([...LOG_TABLE_NAMES, "statistics"]),
  format: z.enum(EXPORT_FORMAT_NAMES),
  start_date: z.string().optional(),
  end_date: z.string().optional(),
  filters: z.record(z.string(), z.string()).default({}),
  columns: z.array(z.string()).min(1).optional(),
  json_columns: jsonColumns
    .optional()
    .describe(
      `Members of JSON columns that become columns of their own, after the others; \`all\`: all that the rows have, at most ${MAX_JSON_COLUMNS}`,
    ),
  headers: z
    .enum(["names", ...LOCALES])
    .optional()
    .describe("The names of columns in CSV and Excel files: as in this API, which is the default, or in a language"),
  compress: z.enum(EXPORT_COMPRESSIONS).default("none"),
  bom: z.boolean().default(false),
  include_archived: z
    .boolean()
    .optional()
    .describe("Whether archived rows are included, each row once; not for statistics"),
  max_rows: z.int().min(1).optional(),
});
export type ExportInput = z.input<typeof exportInput>;
export type ExportParams = z.output<typeof exportInput>;

export const exportKey = z.strictObject({ id: z.guid() });
export const exportsQuery = z.strictObject(paging);
export type ExportsQuery = z.infer<typeof exportsQuery>;

const { export_type, format, start_date, end_date, headers, compress, bom, include_archived } = exportInput.shape;

const jsonColumn = z.object({
  name: z.string().describe("The name of the column in the file"),
  field: z.string().describe("The member, as in filters"),
  type: jsonColumnType,
});
export type JsonColumn = z.infer<typeof jsonColumn>;

const sizeBytes = z.int();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** The size and checksum of a file, which could reveal a masked value among few possible ones. */
const fileFacts = { size_bytes: sizeBytes, sha256 };
const MASKED = "Null for principals with a mask";
const maskedFileFacts = {
  size_bytes: sizeBytes.nullable().describe(MASKED),
  sha256: sha256.nullable().describe(MASKED),
};

/** Describes an export's file, so that it can be read and verified without this product. */
const manifest = z.object({
  export_id: z.guid(),
  file_name: z.string(),
  requested_by: z.string(),
  export_type,
  format,
  start_date,
  end_date,
  filters: z.record(z.string(), z.string()),
  columns: z.array(z.string()).nullable().describe("Columns in order, then those of json_columns; null for reports"),
  json_columns: z.array(jsonColumn).optional().describe("Columns of JSON members in order"),
  json_columns_requested: z.literal("all").optional().describe("Whether all members were requested"),
  json_columns_omitted: z
    .int()
    .optional()
    .describe("Members without a column, because there are more than the limit; set if all were requested"),
  headers,
  header: z.array(z.string()).optional().describe("The names of all columns in the file, if they are in a language"),
  compress: compress.unwrap(),
  bom: bom.unwrap(),
  include_archived,
  time_zone: z.string().describe("The time zone of the times in the file"),
  snapshot_at: instant.describe("The time of the snapshot that the file contains"),
  row_count: z.int(),
  ...fileFacts,
});
export type ExportManifest = z.infer<typeof manifest>;

/** The manifest as returned to a principal, which can also be downloaded as a file. */
export const shownManifest = manifest.extend(maskedFileFacts);

const record = z.object({
  export_id: z.guid().describe("The ID of the job that created it"),
  export_type,
  format,
  file_name: z.string(),
  file_path: z.string().describe("The path for GET /download"),
  download_url: z.string().describe("The URL on this server, without origin"),
  row_count: z.int(),
  ...fileFacts,
  requested_by: z.string(),
  created_at: instant,
  expires_at: instant,
  downloads: z.int(),
  last_downloaded_at: instant.nullable(),
  manifest,
});
/** A finished export. */
export type ExportRecord = z.infer<typeof record>;
const page = twoWayPage(record);
export type ExportPage = z.infer<typeof page>;

const shownExport = record.extend({ ...maskedFileFacts, manifest: shownManifest });
/** An export as returned to a principal. */
export type ShownExport = z.infer<typeof shownExport>;
const listedExport = shownExport.extend({
  is_own: z.boolean().describe("Whether the caller requested it, and may therefore delete it"),
});
export const shownExportPage = twoWayPage(listedExport);
export type ShownExportPage = z.infer<typeof shownExportPage>;

/** The estimate of an export before it is started. */
export const exportPreview = z.object({
  row_count: z.int().describe("One more than the limit if the export exceeds it"),
  row_count_is_exact: z.boolean(),
  estimated_bytes: z.int().describe("Estimated file size, from a sample of rows"),
  fits_excel: z.boolean().describe("On one sheet of a workbook; more rows continue on further sheets"),
  limit: z.int(),
  over_limit: z.boolean().describe("Whether the export would be rejected. Reports have no limit"),
  fits_disk: z.boolean().nullable().describe("Null if the store does not report its free space"),
  json_columns: z
    .array(jsonColumn)
    .nullable()
    .describe("Columns of JSON members, from a sample of rows; null if none were requested, or it took too long"),
});
export type ExportPreview = z.infer<typeof exportPreview>;

/** Expired exports, and those deleted with their files. */
export const exportsExpired = z.object({ matched_count: z.int(), deleted_count: z.int(), freed_bytes: z.int() });
export type ExportsExpired = z.infer<typeof exportsExpired>;

export const exportDeleted = z.object({ export_id: z.guid(), deleted: z.literal(true) });

/** The result of an export job. */
const exportResult = record
  .pick({ file_path: true, download_url: true, file_name: true, format: true, row_count: true })
  .extend({ ...fileFacts, expires_at: instant });
export type ExportResult = z.infer<typeof exportResult>;
/** The same as returned to a principal. */
export const shownExportResult = exportResult.extend(maskedFileFacts);

export const downloadQuery = z.strictObject({
  file_path: z.string().describe("An export's file_path, or its absolute path"),
});

const MAX_LINK_HOURS = 8_760;

export const linkInput = z.strictObject({
  export_id: z.guid(),
  hours: z.int().min(1).max(MAX_LINK_HOURS).nullable().describe("Null: as long as the file exists"),
});
export type LinkInput = z.infer<typeof linkInput>;
export const linkKey = z.strictObject({ link_id: z.guid() });

/** A link by which a file can be downloaded without an account. */
export interface ExportLink {
  readonly link_id: string;
  readonly export_id: string;
  readonly file_name: string;
  readonly created_by: string;
  /** False while its creator may not share files: the account is disabled, expired, or has another role. */
  readonly works: boolean;
  readonly created_at: Instant;
  readonly expires_at: Instant;
  readonly downloads: number;
  readonly last_downloaded_at: Instant | null;
  /** Whether the caller may revoke it. */
  readonly can_revoke: boolean;
}

export const sharingChange = z.strictObject({ is_allowed: z.boolean() });
export type SharingChange = z.infer<typeof sharingChange>;

export interface SharingSettings {
  readonly is_allowed: boolean;
  /** Null before the first change. */
  readonly changed_at: Instant | null;
  readonly changed_by: string | null;
}

export const sharedParams = z.object({ token: z.string() });
