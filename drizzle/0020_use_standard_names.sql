ALTER TABLE "measures" RENAME TO "metrics";--> statement-breakpoint
ALTER TABLE "metrics" RENAME COLUMN "least" TO "min";--> statement-breakpoint
ALTER TABLE "metrics" RENAME COLUMN "most" TO "max";--> statement-breakpoint
ALTER TABLE "metrics" RENAME CONSTRAINT "measures_grain_at_name_label_pk" TO "metrics_grain_at_name_label_pk";--> statement-breakpoint
ALTER INDEX "measures_name_idx" RENAME TO "metrics_name_idx";--> statement-breakpoint
ALTER TABLE "touched_hours" RENAME TO "dirty_ranges";--> statement-breakpoint
ALTER TABLE "stale_hours" RENAME TO "dirty_hours";--> statement-breakpoint
ALTER TABLE "dirty_hours" RENAME CONSTRAINT "stale_hours_log_table_hour_pk" TO "dirty_hours_log_table_hour_pk";--> statement-breakpoint
-- The names of version 0.1.0, whose intake and monitoring continue during the upgrade.
CREATE VIEW "measures" AS SELECT "grain", "at", "name", "label", "count", "sum", "min" AS "least", "max" AS "most" FROM "metrics";--> statement-breakpoint
CREATE VIEW "touched_hours" AS SELECT * FROM "dirty_ranges";--> statement-breakpoint
CREATE VIEW "stale_hours" AS SELECT * FROM "dirty_hours";--> statement-breakpoint
ALTER TABLE "traffic" RENAME COLUMN "time_most" TO "time_max";--> statement-breakpoint
-- Health checks stored their advice as sentences.
UPDATE "jobs" SET "result" = jsonb_set("result", '{parts}', (
	SELECT jsonb_object_agg(key, CASE
		WHEN jsonb_typeof(value -> 'advice') = 'string'
		THEN value || jsonb_build_object('advice', jsonb_build_object('code', 'other', 'params', jsonb_build_object('text', value -> 'advice')))
		ELSE value
	END)
	FROM jsonb_each("result" -> 'parts')
)) WHERE "kind" = 'scheduled_task' AND jsonb_path_exists("result", '$.parts.*.advice ? (@.type() == "string")');
