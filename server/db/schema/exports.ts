import { sql } from "drizzle-orm";
import { bigint, boolean, index, integer, jsonb, pgTable, smallint, text, uuid } from "drizzle-orm/pg-core";
import { EXPORT_FORMAT_NAMES } from "@/server/catalog/export-formats";
import { user } from "./accounts";
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

/** Links by which files of exports can be downloaded without an account. A revoked link is deleted. */
export const exportLinks = pgTable(
  "export_links",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    exportId: uuid("export_id")
      .notNull()
      .references(() => exportFiles.id, { onDelete: "cascade" }),
    /** The SHA-256 of the token, which is shown only once. */
    tokenHash: text("token_hash").notNull().unique(),
    /** A link works only while its creator may share. */
    creatorId: text("creator_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    createdAt: timestamptz("created_at").notNull().default(sql`now()`),
    expiresAt: timestamptz("expires_at").notNull(),
    downloads: integer("downloads").notNull().default(0),
    lastDownloadedAt: timestamptz("last_downloaded_at"),
  },
  (table) => [
    index("export_links_export_id_idx").on(table.exportId),
    index("export_links_creator_id_idx").on(table.creatorId),
  ],
);

/** Whether files can be shared by links. Has one row, or none before the first change: they cannot. */
export const exportSharing = pgTable("export_sharing", {
  id: smallint("id").primaryKey().default(1),
  isAllowed: boolean("is_allowed").notNull(),
  changedAt: timestamptz("changed_at").notNull().default(sql`now()`),
  changedBy: text("changed_by").notNull(),
});
