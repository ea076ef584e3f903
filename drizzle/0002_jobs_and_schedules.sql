CREATE TABLE "jobs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"status" text DEFAULT 'queued' NOT NULL,
	"params" jsonb NOT NULL,
	"result" jsonb,
	"error" text,
	"progress" jsonb NOT NULL,
	"requester" text NOT NULL,
	"requested_by" text NOT NULL,
	"join_key" text,
	"exclusive_key" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"attempt" integer DEFAULT 0 NOT NULL,
	"crashes" integer DEFAULT 0 NOT NULL,
	"run_id" uuid,
	"lease_until" timestamp with time zone,
	"cancel_requested_at" timestamp with time zone,
	"cancelled_by" text,
	CONSTRAINT "jobs_status_known" CHECK (status in ('queued', 'running', 'completed', 'failed', 'cancelled')),
	CONSTRAINT "jobs_running_has_lease" CHECK ((status = 'running') = (run_id is not null and lease_until is not null)),
	CONSTRAINT "jobs_ended_has_time" CHECK ((status in ('completed', 'failed', 'cancelled')) = (finished_at is not null))
);
--> statement-breakpoint
CREATE TABLE "scheduled_task_runs" (
	"task" text NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	"trigger" text NOT NULL,
	"missed" integer DEFAULT 0 NOT NULL,
	"job_id" uuid PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE TABLE "scheduled_tasks" (
	"name" text PRIMARY KEY NOT NULL,
	"schedule" text,
	"enabled" boolean DEFAULT true NOT NULL,
	"planned_from" text,
	"next_run_at" timestamp with time zone,
	"changed_at" timestamp with time zone DEFAULT now() NOT NULL,
	"changed_by" text
);
--> statement-breakpoint
ALTER TABLE "scheduled_task_runs" ADD CONSTRAINT "scheduled_task_runs_job_id_jobs_id_fk" FOREIGN KEY ("job_id") REFERENCES "jobs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "jobs_join_key_idx" ON "jobs" USING btree ("kind","join_key") WHERE status in ('queued', 'running');--> statement-breakpoint
CREATE UNIQUE INDEX "jobs_exclusive_key_idx" ON "jobs" USING btree ("exclusive_key") WHERE status in ('queued', 'running');--> statement-breakpoint
CREATE INDEX "jobs_under_way_idx" ON "jobs" USING btree ("status","kind") WHERE status in ('queued', 'running');--> statement-breakpoint
CREATE INDEX "jobs_created_at_idx" ON "jobs" USING btree ("created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "jobs_requester_idx" ON "jobs" USING btree ("kind","requester","started_at" DESC NULLS FIRST);--> statement-breakpoint
CREATE UNIQUE INDEX "scheduled_task_runs_due_idx" ON "scheduled_task_runs" USING btree ("task","due_at") WHERE trigger <> 'manual';--> statement-breakpoint
CREATE INDEX "scheduled_task_runs_task_idx" ON "scheduled_task_runs" USING btree ("task","due_at" DESC NULLS FIRST);