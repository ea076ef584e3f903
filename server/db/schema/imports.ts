import { sql } from "drizzle-orm";
import { bigint, check, index, integer, jsonb, pgTable, primaryKey, smallint, text, uuid } from "drizzle-orm/pg-core";
import type { ErrorValue } from "@/server/catalog/errors";
import { timestamptz } from "./types";

const count = (name: string) => bigint(name, { mode: "number" }).notNull().default(0);

/** Files and requests that were imported as a unit and can be undone as one. Rows refer to them by `import_id`. */
export const imports = pgTable(
  "imports",
  {
    id: integer("id").primaryKey().generatedAlwaysAsIdentity(),
    /** The log table's name in the catalog. */
    table: text("log_table").notNull(),
    mode: text("mode", { enum: ["direct", "queued"] }).notNull(),
    format: text("format").notNull(),
    fileName: text("file_name"),
    source: text("source"),
    /** The name of its mapping with its version, or the expression. */
    mapping: text("mapping"),
    /** The importing principal (`user:ID`), and its display name. */
    requester: text("requester").notNull(),
    requestedBy: text("requested_by").notNull(),
    startedAt: timestamptz("started_at").notNull().default(sql`now()`),
    /** Renewed by the process that reads the import. */
    seenAt: timestamptz("seen_at").notNull().default(sql`now()`),
    finishedAt: timestamptz("finished_at"),
    outcome: text("outcome", { enum: ["completed", "failed"] }),
    error: jsonb("error").$type<ErrorValue>(),
    /** When the import was undone. Rows that a worker stores later are removed in the same transaction. */
    undoneAt: timestamptz("undone_at"),
    undoneBy: text("undone_by"),
    undoJobId: uuid("undo_job_id"),
    undoFinishedAt: timestamptz("undo_finished_at"),
  },
  (table) => [
    check("imports_ended_has_outcome", sql`(outcome is null) = (finished_at is null)`),
    index("imports_table_idx").on(table.table, table.id.desc().nullsFirst()),
  ],
);

/** Counts of an import's events, updated in the transactions that store them; sharded by connection. */
export const importTallies = pgTable(
  "import_tallies",
  {
    importId: integer("import_id")
      .notNull()
      .references(() => imports.id, { onDelete: "cascade" }),
    shard: smallint("shard").notNull(),
    queued: count("queued"),
    /** Queued events that a worker stored or rejected. */
    settled: count("settled"),
    inserted: count("inserted"),
    duplicates: count("duplicates"),
    rejected: count("rejected"),
    /** Dropped by an intake rule. */
    dropped: count("dropped"),
    /** Rows removed by undoing the import. */
    removed: count("removed"),
    firstTime: timestamptz("first_time"),
    lastTime: timestamptz("last_time"),
  },
  (table) => [primaryKey({ columns: [table.importId, table.shard] })],
);

/** Named mappings. A version is never changed; rows of it remain when its name is removed. */
export const mappings = pgTable(
  "mappings",
  {
    name: text("name").notNull(),
    version: integer("version").notNull(),
    table: text("log_table").notNull(),
    expression: text("expression").notNull(),
    createdAt: timestamptz("created_at").notNull().default(sql`now()`),
    createdBy: text("created_by").notNull(),
    /** Set for all versions. The next version has the next number. */
    removedAt: timestamptz("removed_at"),
  },
  (table) => [primaryKey({ columns: [table.name, table.version] })],
);
