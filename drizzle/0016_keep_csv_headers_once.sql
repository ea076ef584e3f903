CREATE TABLE "csv_headers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"header" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "dead_letters" ADD COLUMN "csv_header_id" uuid;--> statement-breakpoint
ALTER TABLE "dead_letters" ADD CONSTRAINT "dead_letters_csv_header_id_csv_headers_id_fk" FOREIGN KEY ("csv_header_id") REFERENCES "csv_headers"("id") ON DELETE no action ON UPDATE no action NOT VALID;--> statement-breakpoint
-- long
ALTER TABLE "dead_letters" VALIDATE CONSTRAINT "dead_letters_csv_header_id_csv_headers_id_fk";--> statement-breakpoint
-- long
CREATE INDEX "dead_letters_csv_header_id_idx" ON "dead_letters" USING btree ("csv_header_id") WHERE csv_header_id is not null;
