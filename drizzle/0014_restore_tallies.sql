CREATE TABLE "restore_tallies" (
	"job_id" text PRIMARY KEY NOT NULL,
	"restored" bigint DEFAULT 0 NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);


--> statement-breakpoint
-- An archive from before this version may prove less than it says of what its month has now: rows go by their content.
UPDATE "archives" SET "whole_partition" = false WHERE "whole_partition";
