import { sql } from "drizzle-orm";
import { bigint, boolean, index, integer, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import type { ErrorValue } from "@/server/catalog/errors";
import { bytea, oid, timestamptz, xid8 } from "./types";

/** The states of an archive; docs/decisions/0023 describes the protocol. */
export type ArchiveState =
  /** The file is being written, or its writer crashed. Not an archive yet. */
  | "writing"
  /** The file is complete; some of its rows may still be in the table (not deleted yet, or restored). */
  | "pending"
  /** The file is complete and its rows were deleted from the table. */
  | "removed"
  /** The file was deleted, at the end of its own retention or by an administrator. */
  | "expired";

/** Archive files. Each contains rows of one month of one log table. */
export const archives = pgTable(
  "archives",
  {
    id: uuid("id").primaryKey(),
    /** The log table's name in the catalog. */
    table: text("table_name").notNull(),
    /** `2026-08`, in UTC. */
    month: text("month").notNull(),
    state: text("state").$type<ArchiveState>().notNull().default("writing"),
    /** The file's key in its store. */
    path: text("path").notNull(),
    /** The ID of its file store; null: a disk, in version 0.1. */
    store: text("store"),
    cutoff: timestamptz("cutoff").notNull(),
    jobId: text("job_id"),
    createdBy: text("created_by").notNull(),
    createdAt: timestamptz("created_at").notNull().default(sql`now()`),
    completedAt: timestamptz("completed_at"),
    removedAt: timestamptz("removed_at"),
    expiredAt: timestamptz("expired_at"),
    /** The administrator who deleted the file; null at the end of its own retention. */
    deletedBy: text("deleted_by"),
    rowCount: bigint("row_count", { mode: "number" }),
    sizeBytes: bigint("size_bytes", { mode: "number" }),
    sha256: text("sha256"),
    firstTime: timestamptz("first_time"),
    lastTime: timestamptz("last_time"),
    /**
     * Whether it contains all rows that the partition had in `snapshot`, with every later change recorded. Together
     * they prove that DROP removes only archived rows.
     */
    wholePartition: boolean("whole_partition").notNull(),
    partitionOid: oid("partition_oid").notNull(),
    snapshot: text("snapshot"),
    verifiedAt: timestamptz("verified_at"),
    /** The problem found by the last verification. While it is set, the file is not used as an archive. */
    problem: jsonb("problem").$type<ErrorValue>(),
    /** Whether archive_blocks has all of its rows. */
    hasBlocks: boolean("has_blocks").notNull().default(false),
  },
  (table) => [index("archives_table_month_idx").on(table.table, table.month)],
);

/** Like segment_blocks, of archives. They describe its rows, so they are valid for its file in any format and place. */
export const archiveBlocks = pgTable(
  "archive_blocks",
  {
    archiveId: uuid("archive_id")
      .notNull()
      .references(() => archives.id, { onDelete: "cascade" }),
    /** The time of the first row. */
    startsAt: timestamptz("starts_at").notNull(),
    /** The time of the last row, inclusive. */
    endsAt: timestamptz("ends_at").notNull(),
    rowCount: integer("row_count").notNull(),
    filter: bytea("filter").notNull(),
  },
  (table) => [index("archive_blocks_archive_idx").on(table.archiveId, table.startsAt)],
);

/** Periods restored from an archive. Automatic cleanup skips them until keep_until. */
export const restoredPeriods = pgTable(
  "restored_periods",
  {
    id: uuid("id").primaryKey(),
    archiveId: uuid("archive_id")
      .notNull()
      .references(() => archives.id),
    table: text("table_name").notNull(),
    /** Inclusive. */
    startsAt: timestamptz("starts_at").notNull(),
    /** Exclusive. */
    endsAt: timestamptz("ends_at").notNull(),
    keepUntil: timestamptz("keep_until").notNull(),
    createdBy: text("created_by").notNull(),
    createdAt: timestamptz("created_at").notNull().default(sql`now()`),
  },
  (table) => [index("restored_periods_table_idx").on(table.table, table.keepUntil)],
);

/** Transactions that changed a partition since it is being watched. Written by a trigger. */
export const watchedChanges = pgTable(
  "watched_changes",
  {
    partitionOid: oid("partition_oid").notNull(),
    xid: xid8("xid").notNull(),
  },
  (table) => [primaryKey({ columns: [table.partitionOid, table.xid] })],
);

/** Progress counters of a cleanup, updated in its transactions so that a crash cannot make them wrong. */
export const cleanupTallies = pgTable("cleanup_tallies", {
  jobId: text("job_id").primaryKey(),
  /** Fixed by the first attempt, so that later attempts select the same rows. */
  cutoff: timestamptz("cutoff").notNull(),
  deleted: bigint("deleted", { mode: "number" }).notNull().default(0),
  freedBytes: bigint("freed_bytes", { mode: "number" }).notNull().default(0),
  reusableBytes: bigint("reusable_bytes", { mode: "number" }).notNull().default(0),
  partitionsDropped: jsonb("partitions_dropped").$type<string[]>().notNull().default([]),
  updatedAt: timestamptz("updated_at").notNull().default(sql`now()`),
});

/** Rows restored over all attempts of a restore, updated in its transactions. */
export const restoreTallies = pgTable("restore_tallies", {
  jobId: text("job_id").primaryKey(),
  restored: bigint("restored", { mode: "number" }).notNull().default(0),
  updatedAt: timestamptz("updated_at").notNull().default(sql`now()`),
});

/** Retentions that an administrator changed; without a row, that of the environment applies. */
export const retentionPolicies = pgTable("retention_policies", {
  /** A log table, `exports` or `archives`. */
  id: text("id").primaryKey(),
  /** For archives, 0: unlimited. */
  days: integer("days").notNull(),
  changedAt: timestamptz("changed_at").notNull().default(sql`now()`),
  changedBy: text("changed_by").notNull(),
});
