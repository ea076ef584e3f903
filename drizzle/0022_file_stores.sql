CREATE TABLE "file_stores" (
	"id" text PRIMARY KEY NOT NULL,
	"location" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "archives" ADD COLUMN "store" text;--> statement-breakpoint
ALTER TABLE "exports" ADD COLUMN "store" text;--> statement-breakpoint
ALTER TABLE "jobs" ADD COLUMN "store" text;--> statement-breakpoint
-- Errors of disks have become errors of file stores.
UPDATE "jobs" SET "error" = replace(replace(regexp_replace(regexp_replace("error"::text,
  '"code": "(archive|export)\.unwritable", "params": \{"code":', '"code": "files.denied", "params": {"reason":', 'g'),
  '"code": "archive\.unreachable", "params": \{"code":', '"code": "files.unreachable", "params": {"reason":', 'g'),
  '"code": "archive.no_space"', '"code": "files.no_space"'),
  '"code": "export.disk_full"', '"code": "files.no_space"')::jsonb
WHERE "error"::text ~ '"code": "(archive\.(no_space|unwritable|unreachable)|export\.(disk_full|unwritable))"';
