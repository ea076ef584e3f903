CREATE TABLE "segment_blocks" (
	"segment_id" uuid NOT NULL,
	"starts_at" timestamp with time zone NOT NULL,
	"ends_at" timestamp with time zone NOT NULL,
	"row_count" integer NOT NULL,
	"filter" "bytea" NOT NULL
);
--> statement-breakpoint
ALTER TABLE "segment_blocks" ADD CONSTRAINT "segment_blocks_segment_id_segments_id_fk" FOREIGN KEY ("segment_id") REFERENCES "segments"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "segment_blocks_segment_idx" ON "segment_blocks" USING btree ("segment_id","starts_at");--> statement-breakpoint
-- Bloom filters do not compress, and searches read single bytes of them.
ALTER TABLE "segment_blocks" ALTER COLUMN "filter" SET STORAGE EXTERNAL;
