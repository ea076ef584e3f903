import { z } from "zod";
import type { ExportPreview, ShownExport, ShownExportPage, ShownManifest } from "@/server/services/exports";
import { jobKinds } from "@/server/services/jobs";
import { instant } from "./instant";

const { shape } = jobKinds.export.params;
const MASKED = "Null for viewers for whom something is masked";
const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .nullable()
  .describe(MASKED);
const sizeBytes = z.int().nullable().describe(MASKED);

/** What an export's file holds; also a file of its own. */
export const exportManifestAnswer = z.object({
  export_id: z.guid(),
  file_name: z.string(),
  requested_by: z.string(),
  export_type: shape.export_type,
  format: shape.format,
  start_date: z.string().optional(),
  end_date: z.string().optional(),
  filters: z.record(z.string(), z.string()),
  columns: z.array(z.string()).readonly().nullable().describe("Null of a report"),
  compress: z.enum(["none", "gzip", "zip"]),
  bom: z.boolean(),
  time_zone: z.string().describe("Of the times in a CSV, and of a workbook's"),
  snapshot_at: instant.describe("What was there at this moment is in the file"),
  row_count: z.int(),
  size_bytes: sizeBytes,
  sha256,
}) satisfies z.ZodType<ShownManifest>;

const exportAnswer = z.object({
  export_id: z.guid().describe("The id of the job that made it"),
  export_type: shape.export_type,
  format: shape.format,
  file_name: z.string(),
  file_path: z.string().describe("What GET /download takes"),
  download_url: z.string(),
  row_count: z.int(),
  size_bytes: sizeBytes,
  sha256,
  requested_by: z.string(),
  created_at: instant,
  expires_at: instant,
  downloads: z.int(),
  last_downloaded_at: instant.nullable(),
  manifest: exportManifestAnswer,
}) satisfies z.ZodType<ShownExport>;

/** The answer to GET /exports. */
export const exportsAnswer = z.object({
  items: z.array(exportAnswer),
  next_cursor: z.string().nullable(),
  prev_cursor: z.string().nullable(),
}) satisfies z.ZodType<ShownExportPage>;

/** The answer to POST /export/preview. */
export const exportPreviewAnswer = z.object({
  row_count: z.int().describe("Up to one more than the limit: then there are that many or more"),
  row_count_is_exact: z.boolean(),
  estimated_bytes: z.int(),
  fits_excel: z.boolean().describe("On one sheet; more rows go on to further sheets"),
  limit: z.int(),
  over_limit: z.boolean().describe("Starting it would be refused"),
  fits_disk: z.boolean(),
}) satisfies z.ZodType<ExportPreview>;

/** The answer to DELETE /exports/ID. */
export const exportDeletedAnswer = z.object({ export_id: z.guid(), deleted: z.literal(true) });

const file = z.file();

/** The answers to GET /download. */
export const fileAnswers = {
  200: file.describe("The file"),
  206: file.describe("The bytes that Range asked for"),
};
