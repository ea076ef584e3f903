CREATE TABLE "archive_blocks" (
	"archive_id" uuid NOT NULL,
	"starts_at" timestamp with time zone NOT NULL,
	"ends_at" timestamp with time zone NOT NULL,
	"row_count" integer NOT NULL,
	"filter" "bytea" NOT NULL
);
--> statement-breakpoint
ALTER TABLE "archives" ADD COLUMN "has_blocks" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "archive_blocks" ADD CONSTRAINT "archive_blocks_archive_id_archives_id_fk" FOREIGN KEY ("archive_id") REFERENCES "archives"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "archive_blocks_archive_idx" ON "archive_blocks" USING btree ("archive_id","starts_at");--> statement-breakpoint
-- Bloom filters do not compress, and searches read single bytes of them.
ALTER TABLE "archive_blocks" ALTER COLUMN "filter" SET STORAGE EXTERNAL;
