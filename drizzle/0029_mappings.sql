CREATE TABLE "mappings" (
	"name" text NOT NULL,
	"version" integer NOT NULL,
	"log_table" text NOT NULL,
	"expression" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" text NOT NULL,
	"removed_at" timestamp with time zone,
	CONSTRAINT "mappings_name_version_pk" PRIMARY KEY("name","version")
);
--> statement-breakpoint
ALTER TABLE "imports" ADD COLUMN "mapping" text;--> statement-breakpoint
ALTER TABLE "dead_letters" ADD COLUMN "mapping" text;