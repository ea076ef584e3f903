CREATE TABLE "csv_headers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"header" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "dead_letters" ADD COLUMN "csv_header_id" uuid;--> statement-breakpoint
INSERT INTO "csv_headers" ("id", "header")
SELECT DISTINCT md5("csv_header")::uuid, "csv_header" FROM "dead_letters" WHERE "csv_header" IS NOT NULL;--> statement-breakpoint
UPDATE "dead_letters" SET "csv_header_id" = md5("csv_header")::uuid WHERE "csv_header" IS NOT NULL;--> statement-breakpoint
ALTER TABLE "dead_letters" ADD CONSTRAINT "dead_letters_csv_header_id_csv_headers_id_fk" FOREIGN KEY ("csv_header_id") REFERENCES "csv_headers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "dead_letters_csv_header_id_idx" ON "dead_letters" USING btree ("csv_header_id") WHERE csv_header_id is not null;--> statement-breakpoint
ALTER TABLE "dead_letters" DROP COLUMN "csv_header";