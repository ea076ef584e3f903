import { sql } from "drizzle-orm";
import { bigint, boolean, index, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { oid, timestamptz, xid8 } from "./types";

/** What a row of `archives` can be; the protocol is in docs/decisions/0023. */
export type ArchiveState =
  /** A file is being written, or was when a process died: not an archive yet. */
  | "writing"
  /** The file is complete; some of its rows may be in the table too (not deleted yet, or restored). */
  | "pending"
  /** The file is complete and its rows left the table. */
  | "removed"
  /** The file was deleted when its own retention ended. */
  | "expired";

/** One archive file each: rows of one month of one log table. */
export const archives = pgTable(
  "archives",
  {
    id: uuid("id").primaryKey(),
    /** The log table's name in the catalog. */
    table: text("table_name").notNull(),
    /** `2026-08`, in UTC. */
    month: text("month").notNull(),
    state: text("state").$type<ArchiveState>().notNull().default("writing"),
    /** Relative to DATA_DIR. */
    path: text("path").notNull(),
    cutoff: timestamptz("cutoff").notNull(),
    jobId: text("job_id"),
    createdBy: text("created_by").notNull(),
    createdAt: timestamptz("created_at").notNull().default(sql`now()`),
    completedAt: timestamptz("completed_at"),
    removedAt: timestamptz("removed_at"),
    expiredAt: timestamptz("expired_at"),
    rowCount: bigint("row_count", { mode: "number" }),
    sizeBytes: bigint("size_bytes", { mode: "number" }),
    sha256: text("sha256"),
    firstTime: timestamptz("first_time"),
    lastTime: timestamptz("last_time"),
    /**
     * Whether it holds all that the partition held in `snapshot`, and every later change is noted since: the two together
     * prove what a DROP takes.
     */
    wholePartition: boolean("whole_partition").notNull(),
    partitionOid: oid("partition_oid").notNull(),
    snapshot: text("snapshot"),
    verifiedAt: timestamptz("verified_at"),
    /** What the last verification found wrong with the file: it is no archive as long as this stands. */
    problem: text("problem"),
  },
  (table) => [index("archives_table_month_idx").on(table.table, table.month)],
);

/** Periods whose rows came back from an archive: the automatic cleanup leaves them alone until keep_until. */
export const restoredPeriods = pgTable(
  "restored_periods",
  {
    id: uuid("id").primaryKey(),
    archiveId: uuid("archive_id")
      .notNull()
      .references(() => archives.id),
    table: text("table_name").notNull(),
    /** From this moment on … */
    startsAt: timestamptz("starts_at").notNull(),
    /** … and before this one. */
    endsAt: timestamptz("ends_at").notNull(),
    keepUntil: timestamptz("keep_until").notNull(),
    createdBy: text("created_by").notNull(),
    createdAt: timestamptz("created_at").notNull().default(sql`now()`),
  },
  (table) => [index("restored_periods_table_idx").on(table.table, table.keepUntil)],
);

/** Written by a trigger: which transactions changed a partition since it was watched. */
export const watchedChanges = pgTable(
  "watched_changes",
  {
    partitionOid: oid("partition_oid").notNull(),
    xid: xid8("xid").notNull(),
  },
  (table) => [primaryKey({ columns: [table.partitionOid, table.xid] })],
);

/** How much a cleanup has done, added up in the transactions that do it, so that no crash makes it wrong. */
export const cleanupTallies = pgTable("cleanup_tallies", {
  jobId: text("job_id").primaryKey(),
  /** Fixed by the first attempt, so that the next ones neither take nor count more. */
  cutoff: timestamptz("cutoff").notNull(),
  deleted: bigint("deleted", { mode: "number" }).notNull().default(0),
  freedBytes: bigint("freed_bytes", { mode: "number" }).notNull().default(0),
  reusableBytes: bigint("reusable_bytes", { mode: "number" }).notNull().default(0),
  partitionsDropped: jsonb("partitions_dropped").$type<string[]>().notNull().default([]),
  updatedAt: timestamptz("updated_at").notNull().default(sql`now()`),
});

/** How many rows a restore has brought back over all its attempts, added up in the transactions that do it. */
export const restoreTallies = pgTable("restore_tallies", {
  jobId: text("job_id").primaryKey(),
  restored: bigint("restored", { mode: "number" }).notNull().default(0),
  updatedAt: timestamptz("updated_at").notNull().default(sql`now()`),
});
