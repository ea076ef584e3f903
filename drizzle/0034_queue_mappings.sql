CREATE TABLE "queue_mappings" (
	"queue" text NOT NULL,
	"version" integer NOT NULL,
	"label" text,
	"expression" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" text NOT NULL,
	CONSTRAINT "queue_mappings_queue_version_pk" PRIMARY KEY("queue","version")
);
--> statement-breakpoint
-- long
CREATE INDEX "dead_letters_queue_error_first_seen_at_idx" ON "dead_letters" USING btree ("queue","error","first_seen_at");