import { sql } from "drizzle-orm";
import { boolean, check, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { timestamptz } from "./types";

type Json = Readonly<Record<string, unknown>>;

/** Every job: what was asked for, who runs it now and what came of it. The row is the queue and the record in one. */
export const jobs = pgTable(
  "jobs",
  {
    id: uuid("id").primaryKey(),
    kind: text("kind", { enum: ["export", "cleanup", "restore", "undo_import", "scheduled_task"] }).notNull(),
    status: text("status", { enum: ["queued", "running", "completed", "failed", "cancelled"] })
      .notNull()
      .default("queued"),
    params: jsonb("params").$type<Json>().notNull(),
    result: jsonb("result").$type<Json | null>(),
    error: text("error"),
    progress: jsonb("progress").$type<{ done: number; total: number | null; phase: string }>().notNull(),
    /** Who asked: `user:ID`, for rights and fairness; and as shown to people. */
    requester: text("requester").notNull(),
    requestedBy: text("requested_by").notNull(),
    /** Equal work under way is joined. Cleared when a cancel is asked for: nobody joins what is ending. */
    joinKey: text("join_key"),
    /** One job under way at a time, of whatever kind. */
    exclusiveKey: text("exclusive_key"),
    createdAt: timestamptz("created_at").notNull().default(sql`now()`),
    /** Of the latest run. */
    startedAt: timestamptz("started_at"),
    finishedAt: timestamptz("finished_at"),
    /** Runs begun. */
    attempt: integer("attempt").notNull().default(0),
    /** Runs that ended with their process or with the connection to PostgreSQL. */
    crashes: integer("crashes").notNull().default(0),
    /** The run under way, a new id for each; it is lost when its worker is silent until leaseUntil. */
    runId: uuid("run_id"),
    leaseUntil: timestamptz("lease_until"),
    cancelRequestedAt: timestamptz("cancel_requested_at"),
    cancelledBy: text("cancelled_by"),
  },
  (table) => [
    check("jobs_status_known", sql`status in ('queued', 'running', 'completed', 'failed', 'cancelled')`),
    check("jobs_running_has_lease", sql`(status = 'running') = (run_id is not null and lease_until is not null)`),
    check("jobs_ended_has_time", sql`(status in ('completed', 'failed', 'cancelled')) = (finished_at is not null)`),
    uniqueIndex("jobs_join_key_idx").on(table.kind, table.joinKey).where(sql`status in ('queued', 'running')`),
    uniqueIndex("jobs_exclusive_key_idx").on(table.exclusiveKey).where(sql`status in ('queued', 'running')`),
    index("jobs_under_way_idx").on(table.status, table.kind).where(sql`status in ('queued', 'running')`),
    index("jobs_created_at_idx").on(table.createdAt.desc().nullsFirst(), table.id.desc().nullsFirst()),
    index("jobs_requester_idx").on(table.kind, table.requester, table.startedAt.desc().nullsFirst()),
  ],
);

/** One row a scheduled task: when it is due, and what an administrator changed. */
export const scheduledTasks = pgTable("scheduled_tasks", {
  name: text("name").primaryKey(),
  /** Cron; null for the configuration's. */
  schedule: text("schedule"),
  enabled: boolean("enabled").notNull().default(true),
  /** `cron|time zone` that nextRunAt was made from: another one now means that it is made anew. */
  plannedFrom: text("planned_from"),
  nextRunAt: timestamptz("next_run_at"),
  changedAt: timestamptz("changed_at").notNull().default(sql`now()`),
  changedBy: text("changed_by"),
});

/** The runs of scheduled tasks, each a job. One a due time, however many workers. */
export const scheduledTaskRuns = pgTable(
  "scheduled_task_runs",
  {
    task: text("task").notNull(),
    /** When it was due; of a manual run, when it was asked for. */
    dueAt: timestamptz("due_at").notNull(),
    trigger: text("trigger", { enum: ["schedule", "catch_up", "manual"] }).notNull(),
    /** Due times that passed with nobody there to run the task, and for which this run stands. */
    missed: integer("missed").notNull().default(0),
    jobId: uuid("job_id")
      .primaryKey()
      .references(() => jobs.id, { onDelete: "cascade" }),
  },
  (table) => [
    uniqueIndex("scheduled_task_runs_due_idx").on(table.task, table.dueAt).where(sql`trigger <> 'manual'`),
    index("scheduled_task_runs_task_idx").on(table.task, table.dueAt.desc().nullsFirst()),
  ],
);
