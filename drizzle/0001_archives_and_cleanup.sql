CREATE TABLE "archives" (
	"id" uuid PRIMARY KEY NOT NULL,
	"table_name" text NOT NULL,
	"month" text NOT NULL,
	"state" text DEFAULT 'writing' NOT NULL,
	"path" text NOT NULL,
	"cutoff" timestamp with time zone NOT NULL,
	"job_id" text,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"completed_at" timestamp with time zone,
	"removed_at" timestamp with time zone,
	"expired_at" timestamp with time zone,
	"row_count" bigint,
	"size_bytes" bigint,
	"sha256" text,
	"first_time" timestamp with time zone,
	"last_time" timestamp with time zone,
	"whole_partition" boolean NOT NULL,
	"partition_oid" "oid" NOT NULL,
	"snapshot" text,
	"verified_at" timestamp with time zone,
	"problem" text
);
--> statement-breakpoint
CREATE TABLE "cleanup_tallies" (
	"job_id" text PRIMARY KEY NOT NULL,
	"cutoff" timestamp with time zone NOT NULL,
	"deleted" bigint DEFAULT 0 NOT NULL,
	"freed_bytes" bigint DEFAULT 0 NOT NULL,
	"reusable_bytes" bigint DEFAULT 0 NOT NULL,
	"partitions_dropped" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "restored_periods" (
	"id" uuid PRIMARY KEY NOT NULL,
	"archive_id" uuid NOT NULL,
	"table_name" text NOT NULL,
	"starts_at" timestamp with time zone NOT NULL,
	"ends_at" timestamp with time zone NOT NULL,
	"keep_until" timestamp with time zone NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "watched_changes" (
	"partition_oid" "oid" NOT NULL,
	"xid" "xid8" NOT NULL,
	CONSTRAINT "watched_changes_partition_oid_xid_pk" PRIMARY KEY("partition_oid","xid")
);
--> statement-breakpoint
ALTER TABLE "restored_periods" ADD CONSTRAINT "restored_periods_archive_id_archives_id_fk" FOREIGN KEY ("archive_id") REFERENCES "archives"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "archives_table_month_idx" ON "archives" USING btree ("table_name","month");--> statement-breakpoint
CREATE INDEX "restored_periods_table_idx" ON "restored_periods" USING btree ("table_name","keep_until");--> statement-breakpoint
-- Called by a row trigger on a partition that is about to be archived and dropped, so that changes after the archive's
-- snapshot are known without reading the rows. Records one entry per transaction, which makes bulk inserts cheap.
CREATE FUNCTION "note_watched_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO watched_changes (partition_oid, xid) VALUES (TG_RELID, pg_current_xact_id()) ON CONFLICT DO NOTHING;
	RETURN NULL;
END $$;
