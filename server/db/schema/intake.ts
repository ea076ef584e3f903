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
 * What became of the events, in buckets of 10 seconds. Written in the batch's own transaction.
 * `shard` keeps parallel connections off each other's row. Buckets older than an hour are folded
 * into the bucket `-infinity`.
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
  },
  (table) => [
    primaryKey({ columns: [table.queue, table.bucket, table.shard] }),
    check("intake_counters_sum", sql`received = inserted + duplicates + dead`),
  ],
);

/** Claims whose batch is committed: a redelivery of one is acknowledged and not stored again. */
export const settledClaims = pgTable(
  "settled_claims",
  {
    claimId: uuid("claim_id").primaryKey(),
    settledAt: timestamptz("settled_at").notNull().default(sql`now()`),
  },
  (table) => [index("settled_claims_settled_at_idx").on(table.settledAt)],
);

/** First sight of events that came with an id but no time, so that a second sight gets the same time. */
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
 * What the ids of events without one are made with: one row, made by the migration that makes the table, for as long
 * as the database lives. Another key would make every file new again.
 */
export const identityKeys = pgTable(
  "identity_keys",
  {
    id: smallint("id").primaryKey().default(1),
    key: bytea("key").notNull(),
    /** Whether rows of version 0.1 were there, or in archives, when the key was made. */
    hasPlainIds: boolean("has_plain_ids").notNull(),
    createdAt: timestamptz("created_at").notNull().default(sql`now()`),
  },
  () => [check("identity_keys_one_row", sql`id = 1`)],
);

/** The header rows of CSV dead letters, each once, whatever number of rows needs it. */
export const csvHeaders = pgTable("csv_headers", {
  id: uuid("id").primaryKey(),
  header: text("header").notNull(),
});

export const deadLetters = pgTable(
  "dead_letters",
  {
    id: uuid("id").primaryKey(),
    queue: text("queue").notNull(),
    /** The event as it came, to the letter (what PostgreSQL cannot hold as U+FFFD). */
    payload: text("payload").notNull(),
    /** How to read payload on replay: json, log_line or csv. */
    format: text("format").notNull(),
    /** The header row that a csv payload needs. */
    csvHeaderId: uuid("csv_header_id").references(() => csvHeaders.id),
    /** The reason without the value, so that equal faults group: `status_code: not a whole number`. */
    error: text("error").notNull(),
    /** Where it came from: a file's name, `queue`, `api`; and the line there, from 1. */
    source: text("source"),
    line: bigint("line", { mode: "number" }),
    /** The import that left it. */
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
  ],
);

/** The buffer where Redis is not configured. */
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

/** One row a queue: whether an administrator paused it. */
export const queueStates = pgTable("queue_states", {
  queue: text("queue").primaryKey(),
  paused: boolean("paused").notNull().default(false),
  changedAt: timestamptz("changed_at").notNull().default(sql`now()`),
  changedBy: text("changed_by"),
});

/** Worker processes and their heartbeats. */
export const workers = pgTable("workers", {
  id: uuid("id").primaryKey(),
  host: text("host").notNull(),
  pid: integer("pid").notNull(),
  startedAt: timestamptz("started_at").notNull().default(sql`now()`),
  lastSeenAt: timestamptz("last_seen_at").notNull().default(sql`now()`),
  /** What it does right now: `{"queue": "access_logs", "events": 2000}`, or null. */
  current: jsonb("current").$type<{ queue: string; events: number } | null>(),
  /** Seconds without a batch stored, by queue, at last_seen_at. */
  idleSeconds: jsonb("idle_seconds").$type<Record<string, number>>(),
});
