CREATE TABLE "restore_tallies" (
	"job_id" text PRIMARY KEY NOT NULL,
	"restored" bigint DEFAULT 0 NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);


--> statement-breakpoint
-- Archives of earlier versions do not prove the content of their month, because rows are now compared by content.
UPDATE "archives" SET "whole_partition" = false WHERE "whole_partition";
