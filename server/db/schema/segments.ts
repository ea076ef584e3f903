import { sql } from "drizzle-orm";
import { bigint, index, integer, pgSequence, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { bytea, timestamptz } from "./types";

/** Segments: Parquet files with the rows that a log table had in a range of hours. */
export const segments = pgTable(
  "segments",
  {
    id: uuid("id").primaryKey(),
    /** The log table's name in the catalog. */
    table: text("log_table").notNull(),
    /** The ID of its file store. */
    store: text("store").notNull(),
    /** The file's key in its store. */
    path: text("path").notNull(),
    /** Inclusive start of its first hour. */
    startsAt: timestamptz("starts_at").notNull(),
    /** Exclusive end of its last hour. */
    endsAt: timestamptz("ends_at").notNull(),
    rowCount: bigint("row_count", { mode: "number" }).notNull(),
    sizeBytes: bigint("size_bytes", { mode: "number" }).notNull(),
    sha256: text("sha256").notNull(),
    /** The version of its columns. */
    layout: integer("layout").notNull(),
    createdAt: timestamptz("created_at").notNull().default(sql`now()`),
    /** When no hour referred to it any more. Queries that started earlier may still read it. */
    replacedAt: timestamptz("replaced_at"),
  },
  (table) => [index("segments_table_idx").on(table.table, table.startsAt)],
);

/** Rows of a segment that follow each other, so that searches skip those whose filter lacks a word. */
export const segmentBlocks = pgTable(
  "segment_blocks",
  {
    segmentId: uuid("segment_id")
      .notNull()
      .references(() => segments.id, { onDelete: "cascade" }),
    /** The time of the first row. */
    startsAt: timestamptz("starts_at").notNull(),
    /** The time of the last row, inclusive. */
    endsAt: timestamptz("ends_at").notNull(),
    rowCount: integer("row_count").notNull(),
    /** A Bloom filter with one hash function (server/services/segment-blocks). Its length is a power of two. */
    filter: bytea("filter").notNull(),
  },
  (table) => [index("segment_blocks_segment_idx").on(table.segmentId, table.startsAt)],
);

/** Orders the changes of hours, so that a writer knows whether an hour changed after its snapshot. */
export const segmentDirtySeq = pgSequence("segment_dirty_seq");

/**
 * The hours (UTC) that ever had rows in a log table. The trigger of dirty_ranges makes hours dirty in the transaction
 * that takes their marks, whichever version of this program takes them.
 */
export const segmentHours = pgTable(
  "segment_hours",
  {
    table: text("log_table").notNull(),
    hour: timestamptz("hour").notNull(),
    /** The segment with the rows of this hour; null without one, or if the hour has no rows. */
    segmentId: uuid("segment_id").references(() => segments.id),
    /** The rows of this hour in the segment. */
    rowCount: bigint("row_count", { mode: "number" }).notNull().default(0),
    /** Set while the rows may differ from the segment. Later changes have higher numbers. */
    dirtySeq: bigint("dirty_seq", { mode: "number" }),
  },
  (table) => [
    primaryKey({ columns: [table.table, table.hour] }),
    index("segment_hours_segment_idx").on(table.segmentId),
    index("segment_hours_dirty_idx").on(table.table, table.hour).where(sql`dirty_seq is not null`),
  ],
);

/** The layout with which all hours of a log table were made dirty. Without it, segment_hours may lack hours. */
export const segmentLayouts = pgTable("segment_layouts", {
  table: text("log_table").primaryKey(),
  layout: integer("layout").notNull(),
  startedAt: timestamptz("started_at").notNull().default(sql`now()`),
});
