import { sql } from "drizzle-orm";
import { boolean, check, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import type { ErrorValue } from "@/server/catalog/errors";
import { timestamptz } from "./types";

type Json = Readonly<Record<string, unknown>>;

/** Jobs: request, current run and result. The table is both the queue and the history. */
export const jobs = pgTable(
  "jobs",
  {
    id: uuid("id").primaryKey(),
    kind: text("kind", {
      enum: ["export", "cleanup", "restore", "undo_import", "replay_dead_letters", "scheduled_task"],
    }).notNull(),
    status: text("status", { enum: ["queued", "running", "completed", "failed", "cancelled"] })
      .notNull()
      .default("queued"),
    params: jsonb("params").$type<Json>().notNull(),
    result: jsonb("result").$type<Json | null>(),
    error: jsonb("error").$type<ErrorValue>(),
    progress: jsonb("progress").$type<{ done: number; total: number | null; phase: string }>().notNull(),
    /** The requesting principal (`user:ID`), for permissions and fairness; and its display name. */
    requester: text("requester").notNull(),
    requestedBy: text("requested_by").notNull(),
    /**
     * A request for an equal job in progress joins it. Cleared on cancellation, so that no request joins a cancelled
     * job.
     */
    joinKey: text("join_key"),
    /** At most one job with this key runs at a time, of any kind. */
    exclusiveKey: text("exclusive_key"),
    /** The file store that the job reads; only workers that have it can run it. */
    store: text("store"),
    createdAt: timestamptz("created_at").notNull().default(sql`now()`),
    /** Start of the latest run. */
    startedAt: timestamptz("started_at"),
    finishedAt: timestamptz("finished_at"),
    /** Number of runs started. */
    attempt: integer("attempt").notNull().default(0),
    /** Runs that ended because the process exited or lost its connection to PostgreSQL. */
    crashes: integer("crashes").notNull().default(0),
    /** The current run, with a new ID for each. It expires if its worker does not renew it before leaseUntil. */
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

/** Scheduled tasks: the next run and changes by an administrator. */
export const scheduledTasks = pgTable("scheduled_tasks", {
  name: text("name").primaryKey(),
  /** Cron expression; null for the configured one. */
  schedule: text("schedule"),
  enabled: boolean("enabled").notNull().default(true),
  /**
   * The `cron|time zone` that nextRunAt was computed from. If it differs from the current one, nextRunAt is recomputed.
   */
  plannedFrom: text("planned_from"),
  nextRunAt: timestamptz("next_run_at"),
  changedAt: timestamptz("changed_at").notNull().default(sql`now()`),
  changedBy: text("changed_by"),
});

/** Runs of scheduled tasks. Each is a job; a due time has one run, with any number of workers. */
export const scheduledTaskRuns = pgTable(
  "scheduled_task_runs",
  {
    task: text("task").notNull(),
    /** When the run was due; for a manual run, when it was requested. */
    dueAt: timestamptz("due_at").notNull(),
    trigger: text("trigger", { enum: ["schedule", "catch_up", "manual"] }).notNull(),
    /** Due times that were missed while no worker was running and that this run covers. */
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
