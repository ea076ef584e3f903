CREATE TABLE "import_tallies" (
	"import_id" integer NOT NULL,
	"shard" smallint NOT NULL,
	"queued" bigint DEFAULT 0 NOT NULL,
	"settled" bigint DEFAULT 0 NOT NULL,
	"inserted" bigint DEFAULT 0 NOT NULL,
	"duplicates" bigint DEFAULT 0 NOT NULL,
	"rejected" bigint DEFAULT 0 NOT NULL,
	"removed" bigint DEFAULT 0 NOT NULL,
	"first_time" timestamp with time zone,
	"last_time" timestamp with time zone,
	CONSTRAINT "import_tallies_import_id_shard_pk" PRIMARY KEY("import_id","shard")
);
--> statement-breakpoint
CREATE TABLE "imports" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "imports_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"log_table" text NOT NULL,
	"mode" text NOT NULL,
	"format" text NOT NULL,
	"file_name" text,
	"source" text,
	"requester" text NOT NULL,
	"requested_by" text NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	"outcome" text,
	"error" text,
	"undone_at" timestamp with time zone,
	"undone_by" text,
	"undo_job_id" uuid,
	"undo_finished_at" timestamp with time zone,
	CONSTRAINT "imports_ended_has_outcome" CHECK ((outcome is null) = (finished_at is null))
);
--> statement-breakpoint
-- In the order in which intake locks them.
ALTER TABLE "access_logs" ADD COLUMN "import_id" integer;--> statement-breakpoint
ALTER TABLE "user_activity_logs" ADD COLUMN "import_id" integer;--> statement-breakpoint
ALTER TABLE "dead_letters" ADD COLUMN "import_id" integer;--> statement-breakpoint
ALTER TABLE "import_tallies" ADD CONSTRAINT "import_tallies_import_id_imports_id_fk" FOREIGN KEY ("import_id") REFERENCES "imports"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "imports_table_idx" ON "imports" USING btree ("log_table","id" DESC NULLS FIRST);--> statement-breakpoint
-- long
CREATE INDEX "dead_letters_import_id_idx" ON "dead_letters" USING btree ("import_id") WHERE import_id is not null;