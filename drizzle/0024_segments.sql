CREATE SEQUENCE "segment_dirty_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE TABLE "segment_hours" (
	"log_table" text NOT NULL,
	"hour" timestamp with time zone NOT NULL,
	"segment_id" uuid,
	"row_count" bigint DEFAULT 0 NOT NULL,
	"dirty_seq" bigint,
	CONSTRAINT "segment_hours_log_table_hour_pk" PRIMARY KEY("log_table","hour")
);
--> statement-breakpoint
CREATE TABLE "segment_layouts" (
	"log_table" text PRIMARY KEY NOT NULL,
	"layout" integer NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "segments" (
	"id" uuid PRIMARY KEY NOT NULL,
	"log_table" text NOT NULL,
	"store" text NOT NULL,
	"path" text NOT NULL,
	"starts_at" timestamp with time zone NOT NULL,
	"ends_at" timestamp with time zone NOT NULL,
	"row_count" bigint NOT NULL,
	"size_bytes" bigint NOT NULL,
	"sha256" text NOT NULL,
	"layout" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"replaced_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "segment_hours" ADD CONSTRAINT "segment_hours_segment_id_segments_id_fk" FOREIGN KEY ("segment_id") REFERENCES "segments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "segment_hours_segment_idx" ON "segment_hours" USING btree ("segment_id");--> statement-breakpoint
CREATE INDEX "segment_hours_dirty_idx" ON "segment_hours" USING btree ("log_table","hour") WHERE dirty_seq is not null;--> statement-breakpoint
CREATE INDEX "segments_table_idx" ON "segments" USING btree ("log_table","starts_at");--> statement-breakpoint
-- Processes of the previous version take marks too, so the hours of segments become dirty here.
CREATE FUNCTION "mark_segment_hours"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO segment_hours (log_table, hour, dirty_seq)
	SELECT log_table, hour, nextval('segment_dirty_seq')
	FROM (
		SELECT DISTINCT log_table, hour
		FROM taken
		CROSS JOIN LATERAL generate_series(
			date_trunc('hour', starts_at, 'UTC'), ends_at - interval '1 microsecond', interval '1 hour'
		) AS hour
		-- In one order, so that two transactions do not wait for each other.
		ORDER BY log_table, hour
	) AS hours
	ON CONFLICT (log_table, hour) DO UPDATE SET dirty_seq = excluded.dirty_seq;
	RETURN NULL;
END
$$;--> statement-breakpoint
CREATE TRIGGER "mark_segment_hours" AFTER DELETE ON "dirty_ranges" REFERENCING OLD TABLE AS taken
FOR EACH STATEMENT EXECUTE FUNCTION "mark_segment_hours"();
