CREATE TABLE "intake_rules" (
	"log_table" text NOT NULL,
	"version" integer NOT NULL,
	"rules" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" text NOT NULL,
	CONSTRAINT "intake_rules_log_table_version_pk" PRIMARY KEY("log_table","version")
);
--> statement-breakpoint
ALTER TABLE "intake_counters" DROP CONSTRAINT "intake_counters_sum";--> statement-breakpoint
ALTER TABLE "import_tallies" ADD COLUMN "dropped" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "intake_counters" ADD COLUMN "dropped" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "intake_counters" ADD CONSTRAINT "intake_counters_sum" CHECK (received = inserted + duplicates + dead + dropped);