import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  uuid,
} from "drizzle-orm/pg-core";
import { bytea, timestamptz } from "./types";

const count = (name: string) => bigint(name, { mode: "number" }).notNull().default(0);

/**
 * Event counters in buckets of 10 seconds, written in the batch's own transaction. `shard` avoids row contention
 * between parallel connections. Buckets older than an hour are merged into the bucket `-infinity`.
 */
export const intakeCounters = pgTable(
  "intake_counters",
  {
    queue: text("queue").notNull(),
    bucket: timestamptz("bucket").notNull(),
    shard: smallint("shard").notNull(),
    received: count("received"),
    inserted: count("inserted"),
    duplicates: count("duplicates"),
    dead: count("dead"),
    dropped: count("dropped"),
  },
  (table) => [
    primaryKey({ columns: [table.queue, table.bucket, table.shard] }),
    check("intake_counters_sum", sql`received = inserted + duplicates + dead + dropped`),
  ],
);

/** Claims whose batch is committed. When one is redelivered, it is acknowledged and not stored again. */
export const settledClaims = pgTable(
  "settled_claims",
  {
    claimId: uuid("claim_id").primaryKey(),
    settledAt: timestamptz("settled_at").notNull().default(sql`now()`),
  },
  (table) => [index("settled_claims_settled_at_idx").on(table.settledAt)],
);

/** The first delivery of events that have an ID but no time, so that a redelivery gets the same time. */
export const undatedEvents = pgTable(
  "undated_events",
  {
    queue: text("queue").notNull(),
    eventId: uuid("event_id").notNull(),
    createdAt: timestamptz("created_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.queue, table.eventId] }),
    index("undated_events_created_at_idx").on(table.createdAt),
  ],
);

/**
 * The key from which IDs are derived for events that have none. Its only row is inserted by the migration that creates
 * the table and never changes: with another key, every re-import would be stored again.
 */
export const identityKeys = pgTable(
  "identity_keys",
  {
    id: smallint("id").primaryKey().default(1),
    key: bytea("key").notNull(),
    /** Whether rows or archives of version 0.1 existed when the key was created. */
    hasPlainIds: boolean("has_plain_ids").notNull(),
    createdAt: timestamptz("created_at").notNull().default(sql`now()`),
  },
  () => [check("identity_keys_one_row", sql`id = 1`)],
);

/** The header rows of CSV dead letters, stored once each. */
export const csvHeaders = pgTable("csv_headers", {
  id: uuid("id").primaryKey(),
  header: text("header").notNull(),
});

export const deadLetters = pgTable(
  "dead_letters",
  {
    id: uuid("id").primaryKey(),
    queue: text("queue").notNull(),
    /** The original event, unchanged except that characters PostgreSQL cannot store are replaced by U+FFFD. */
    payload: text("payload").notNull(),
    /** The format of payload for replay: json, log_line or csv. */
    format: text("format").notNull(),
    /** The header row of a csv payload. */
    csvHeaderId: uuid("csv_header_id").references(() => csvHeaders.id),
    /** The expression of the mapping that reads payload. */
    mapping: text("mapping"),
    /** The header row as version 0.1.0 stores it; a trigger fills csv_header_id. Dropped after version 0.2. */
    csvHeader: text("csv_header"),
    /**
     * The reason without the value, so that equal errors can be grouped. JSON as PostgreSQL formats it, in a text column
     * for version 0.1.0, whose sentences a trigger converts.
     */
    error: text("error").notNull(),
    /** The origin: a file name, `queue` or `api`; and the line in it, from 1. */
    source: text("source"),
    line: bigint("line", { mode: "number" }),
    /** The import that produced it. */
    importId: integer("import_id"),
    attempts: integer("attempts").notNull().default(1),
    firstSeenAt: timestamptz("first_seen_at").notNull().default(sql`now()`),
    lastSeenAt: timestamptz("last_seen_at").notNull().default(sql`now()`),
  },
  (table) => [
    index("dead_letters_csv_header_id_idx").on(table.csvHeaderId).where(sql`csv_header_id is not null`),
    index("dead_letters_import_id_idx").on(table.importId).where(sql`import_id is not null`),
    index("dead_letters_queue_last_seen_at_idx").on(
      table.queue,
      table.lastSeenAt.desc().nullsFirst(),
      table.id.desc().nullsFirst(),
    ),
    index("dead_letters_queue_error_idx").on(
      table.queue,
      table.error,
      table.lastSeenAt.desc().nullsFirst(),
      table.id.desc().nullsFirst(),
    ),
    index("dead_letters_queue_error_first_seen_at_idx").on(table.queue, table.error, table.firstSeenAt),
  ],
);

/** The outcome of a replay job over all its runs, updated in the transactions of its batches. */
export const replayTallies = pgTable("replay_tallies", {
  jobId: uuid("job_id").primaryKey(),
  /** PostgreSQL's time; dead letters that were attempted since are not attempted again. */
  startedAt: timestamptz("started_at").notNull().default(sql`clock_timestamp()`),
  replayed: count("replayed"),
  inserted: count("inserted"),
  duplicates: count("duplicates"),
  dropped: count("dropped"),
  stillDead: count("still_dead"),
});

/** The queue for installations without Redis. */
export const logQueue = pgTable(
  "log_queue",
  {
    queue: text("queue").notNull(),
    seq: bigint("seq", { mode: "number" }).notNull().generatedAlwaysAsIdentity(),
    payload: text("payload").notNull(),
    enqueuedAt: timestamptz("enqueued_at").notNull().default(sql`now()`),
  },
  (table) => [primaryKey({ columns: [table.queue, table.seq] })],
);

/** The state of each queue: whether an administrator paused it. */
export const queueStates = pgTable("queue_states", {
  queue: text("queue").primaryKey(),
  paused: boolean("paused").notNull().default(false),
  changedAt: timestamptz("changed_at").notNull().default(sql`now()`),
  changedBy: text("changed_by"),
});

/** Versions of the mapping of each queue. The highest is in use; none is ever changed. */
export const queueMappings = pgTable(
  "queue_mappings",
  {
    queue: text("queue").notNull(),
    version: integer("version").notNull(),
    /** The mapping's name with its version, or the expression; and the expression. Null: events name their columns. */
    label: text("label"),
    expression: text("expression"),
    createdAt: timestamptz("created_at").notNull().default(sql`now()`),
    createdBy: text("created_by").notNull(),
  },
  (table) => [primaryKey({ columns: [table.queue, table.version] })],
);

/** Worker processes and their heartbeats. */
export const workers = pgTable("workers", {
  id: uuid("id").primaryKey(),
  host: text("host").notNull(),
  pid: integer("pid").notNull(),
  startedAt: timestamptz("started_at").notNull().default(sql`now()`),
  lastSeenAt: timestamptz("last_seen_at").notNull().default(sql`now()`),
  /** The current batch: `{"queue": "access_logs", "events": 2000}`, or null. */
  current: jsonb("current").$type<{ queue: string; events: number } | null>(),
  /** Seconds since the last stored batch at last_seen_at, by queue. */
  idleSeconds: jsonb("idle_seconds").$type<Record<string, number>>(),
});

/**
 * Processes that receive syslog, by machine and port. One that is stopped removes its row; the row of one that was
 * killed remains for a day, unless it starts again.
 */
export const collectors = pgTable(
  "collectors",
  {
    host: text("host").notNull(),
    port: integer("port").notNull(),
    /** The process, so that a restarted one is not removed by the one before. */
    id: uuid("id").notNull(),
    startedAt: timestamptz("started_at").notNull(),
    lastSeenAt: timestamptz("last_seen_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.host, table.port] })],
);

/** Versions of the ordered rules of each log table. The highest is in use; none is ever changed. */
export const intakeRules = pgTable(
  "intake_rules",
  {
    table: text("log_table").notNull(),
    version: integer("version").notNull(),
    rules: jsonb("rules").notNull(),
    createdAt: timestamptz("created_at").notNull().default(sql`now()`),
    createdBy: text("created_by").notNull(),
  },
  (table) => [primaryKey({ columns: [table.table, table.version] })],
);
