import { sql } from "drizzle-orm";
import { bigint, index, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { EXPORT_FORMAT_NAMES } from "@/server/catalog/export-formats";
import { timestamptz } from "./types";

/** Finished exports. While an export is running, its state is in its job. */
export const exportFiles = pgTable(
  "exports",
  {
    /** The ID of the job that created it. */
    id: uuid("id").primaryKey(),
    /** The file's name in the exports folder. */
    fileName: text("file_name").notNull().unique(),
    /** The ID of its file store; null: a disk, in version 0.1. */
    store: text("store"),
    exportType: text("export_type").notNull(),
    format: text("format", { enum: EXPORT_FORMAT_NAMES }).notNull(),
    /** The contents of the file: filters, range, columns, snapshot, rows and checksum. */
    manifest: jsonb("manifest").notNull(),
    rowCount: bigint("row_count", { mode: "number" }).notNull(),
    sizeBytes: bigint("size_bytes", { mode: "number" }).notNull(),
    sha256: text("sha256").notNull(),
    requestedBy: text("requested_by").notNull(),
    createdAt: timestamptz("created_at").notNull().default(sql`now()`),
    expiresAt: timestamptz("expires_at").notNull(),
    downloads: integer("downloads").notNull().default(0),
    lastDownloadedAt: timestamptz("last_downloaded_at"),
  },
  (table) => [index("exports_created_at_idx").on(table.createdAt.desc().nullsFirst(), table.id.desc().nullsFirst())],
);
